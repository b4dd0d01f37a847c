// What packages are inside a bundle, where no scanner would find them: a CycloneDX document inside the image, for the program that makes
// the image's bill of materials and looks through it for known holes. Source of the form: CycloneDX 1.6, and package URLs of npm
// (github.com/package-url/purl-spec), looked up on 2026-11-28.
import type { Lock } from '../../lambda/build-packages.ts';
import type { ImageSource } from './catalogue.ts';

export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** As the lockfile has it: `sha512-` and base64. */
  readonly integrity?: string | undefined;
}

/** Of which packages a bundle has files, each version once, sorted. */
export function bundledPackages(lock: Lock, inputs: readonly string[]): BundledPackage[] {
  const found = new Map<string, BundledPackage>();
  for (const input of inputs) {
    const [path] = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? [];
    if (!path || found.has(path)) continue;
    const entry = Object.hasOwn(lock, path) ? lock[path] : undefined;
    if (!entry) throw new Error(`${input} is in a bundle, and package-lock.json has no ${path}`);
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    found.set(path, { name: entry.name ?? name, version: entry.version, integrity: entry.integrity });
  }
  const byIdentity = new Map([...found.values()].map((one) => [purlOf(one), one]));
  return [...byIdentity].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, each]) => each);
}

/** Without a time and a serial number: the same packages give the same document. */
export function cycloneDx({ name }: ImageSource, packages: readonly BundledPackage[]): string {
  const document = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { type: 'application', 'bom-ref': name, name } },
    components: packages.map((one) => ({
      type: 'library',
      'bom-ref': purlOf(one),
      name: one.name,
      version: one.version,
      purl: purlOf(one),
      ...hashes(one),
    })),
  };
  return `${JSON.stringify(document, undefined, 1)}\n`;
}

const purlOf = ({ name, version }: BundledPackage): string =>
  `pkg:npm/${name.replace(/^@/, '%40')}@${encodeURIComponent(version)}`;

function hashes({ integrity }: BundledPackage) {
  const [, base64] = /^sha512-(\S+)$/.exec(integrity ?? '') ?? [];
  if (!base64) return {};
  return { hashes: [{ alg: 'SHA-512', content: Buffer.from(base64, 'base64').toString('hex') }] };
}
