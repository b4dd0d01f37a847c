// Names of packages and the lockfile in; out comes the part of the lockfile that they need on one system, as the files that `npm ci`
// reads: what is native stays outside of a bundle, in the very versions that were tested.
import { ownOf } from '#runtime/own.ts';

interface LockEntry {
  /** Where a package is installed under another name than its own. */
  readonly name?: string;
  readonly version: string;
  readonly integrity?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
}
/** `packages` of `package-lock.json`. */
export type Lock = Readonly<Record<string, LockEntry>>;

/** A processor, as npm names it, under Linux with glibc: Lambda's managed runtimes and the base of our images have it. */
export type Cpu = 'x64' | 'arm64';

/** What a package of its own needs for `npm ci`, and where it puts what. */
export interface LockedPackages {
  /** Below the folder of the files, sorted: `node_modules/…`. */
  readonly paths: readonly string[];
  /** By name. */
  readonly files: Readonly<Record<'package.json' | 'package-lock.json' | '.npmrc', string>>;
}

/**
 * What is not there after `npm ci` could not be fetched: npm takes binaries for another system than its own only as optional, and
 * leaves those out without a word.
 * @throws Error when the lockfile lacks one of them, or something that they need
 */
export function lockedPackages(lock: Lock, packages: readonly string[], cpu: Cpu): LockedPackages {
  const paths = runtimePaths(lock, packages, cpu);
  const isBinary = (path: string): boolean => ownOf(lock, path)?.cpu !== undefined;
  const versionsOf = (some: readonly string[]): Record<string, string> =>
    Object.fromEntries(some.map((path) => [path.slice('node_modules/'.length), ownOf(lock, path)!.version]));
  const direct = paths.filter((path) => path.lastIndexOf('node_modules/') === 0);
  const root = {
    name: 'native-packages',
    version: '0.0.0',
    dependencies: versionsOf(direct.filter((path) => !isBinary(path))),
    optionalDependencies: versionsOf(direct.filter(isBinary)),
  };
  // The binaries of other systems are left out of the entries, or npm would miss them in the lockfile.
  const entries = paths.map((path) => [
    path,
    { ...ownOf(lock, path), optional: isBinary(path) || undefined, optionalDependencies: {} },
  ]);
  const { name, version } = root;
  const part = { name, version, lockfileVersion: 3, requires: true };
  return {
    paths,
    files: {
      'package.json': JSON.stringify({ ...root, private: true }),
      'package-lock.json': JSON.stringify({
        ...part,
        packages: { '': root, ...Object.fromEntries(entries) },
      }),
      '.npmrc': `os=linux\ncpu=${cpu}\nlibc=glibc\n`,
    },
  };
}

/** Lockfile paths of the packages, of their dependencies' closure and of their binaries for the system. */
function runtimePaths(lock: Lock, packages: readonly string[], cpu: Cpu): string[] {
  const found = new Set<string>();
  const visit = (name: string, parent: string): void => {
    const nested = `${parent}/node_modules/${name}`;
    const path = ownOf(lock, nested) ? nested : `node_modules/${name}`;
    const entry = ownOf(lock, path);
    if (!entry) throw new Error(`package-lock.json has no ${name}, which ${parent || 'the build'} needs`);
    if (found.has(path)) return;
    found.add(path);
    const binaries = Object.keys(entry.optionalDependencies ?? {}).filter((one) =>
      isFor(ownOf(lock, `node_modules/${one}`), cpu),
    );
    for (const needed of [...Object.keys(entry.dependencies ?? {}), ...binaries]) visit(needed, path);
  };
  for (const name of packages) visit(name, '');
  return [...found].sort();
}

/** What names no system is a substitute for all that have no binaries of their own. */
const isFor = (entry: LockEntry | undefined, cpu: Cpu): boolean =>
  Boolean(
    entry?.os?.includes('linux') && entry.cpu?.includes(cpu) && (entry.libc ?? ['glibc']).includes('glibc'),
  );
