// A lockfile in, the optional platform packages that it fails to name out. A registry that serves one platform only makes
// npm leave the others' packages out without a word, and then `npm ci` refuses the lockfile on every machine.

/** One package of a lockfile, as far as it is read here. */
export interface LockEntry {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
}

export type LockPackages = Readonly<Record<string, LockEntry>>;

/** A dependency that the lockfile asks for and does not name. */
export interface MissingEntry {
  /** `node_modules/…` of the package that asks; empty for ours. */
  readonly from: string;
  readonly name: string;
  readonly version: string;
}

/** Dependencies that lead nowhere. */
export function missingEntries(packages: LockPackages): MissingEntry[] {
  return Object.entries(packages).flatMap(([from, { dependencies, optionalDependencies }]) =>
    Object.entries({ ...dependencies, ...optionalDependencies })
      .filter(([name]) => !isNamed(packages, from, name))
      .map(([name, version]) => ({ from, name, version })),
  );
}

/** Node's own search: in the package's folder, then in each folder above it. */
function isNamed(packages: LockPackages, from: string, name: string): boolean {
  for (let folder = from; ; folder = parentOf(folder)) {
    if (`${folder ? `${folder}/` : ''}node_modules/${name}` in packages) return true;
    if (!folder) return false;
  }
}

const parentOf = (folder: string): string =>
  folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')));

const SYSTEMS = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
];
const PROCESSORS = ['arm64', 'arm', 'x64', 'ia32', 'ppc64', 's390x', 'riscv64', 'loong64', 'mips64el'];

/**
 * The entry of a platform's package, recognised by its name; undefined for other packages. It carries no checksum: what cannot be
 * fetched here cannot be hashed here, and npm accepts that.
 */
export function platformEntry({ name, version }: MissingEntry, isDev: boolean): LockEntry | undefined {
  const words = name.split(/[/-]/);
  const os = SYSTEMS.find((system) => words.includes(system));
  const cpu = PROCESSORS.find((processor) => words.includes(processor));
  if (!os || !cpu || !/^\d+\.\d+\.\d+/.test(version)) return undefined;
  const libc = os === 'linux' ? libcOf(words.at(-1) ?? '') : undefined;
  return {
    version,
    cpu: [cpu],
    ...(isDev ? { dev: true } : {}),
    ...(libc ? { libc: [libc] } : {}),
    optional: true,
    os: [os],
  };
}

function libcOf(abi: string): 'musl' | 'glibc' | undefined {
  if (abi.startsWith('musl')) return 'musl';
  return abi.startsWith('gnu') ? 'glibc' : undefined;
}

/** The lockfile's packages with the platforms' packages added; what is no platform's package stays missing. */
export function complete(packages: LockPackages): LockPackages {
  const added: Record<string, LockEntry> = {};
  for (const missing of missingEntries(packages)) {
    const entry = platformEntry(missing, packages[missing.from]?.dev ?? false);
    if (!entry) continue;
    const top = `node_modules/${missing.name}`;
    const isTaken = added[top] !== undefined && added[top].version !== missing.version;
    added[isTaken ? `${missing.from}/${top}` : top] = entry;
  }
  const { '': root, ...others } = { ...packages, ...added };
  const sorted = Object.entries(others).toSorted(([a], [b]) => a.localeCompare(b, 'en'));
  return { ...(root ? { '': root } : {}), ...Object.fromEntries(sorted) };
}
