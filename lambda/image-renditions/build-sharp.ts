// The lockfile in; sharp, what it requires at run time and its binaries for Lambda's system out, in the locked versions.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ownOf } from '#runtime/own.ts';
import type { ArchiveFile } from '../build-zip.ts';

/** Lambda's managed Node runtimes are Amazon Linux: glibc. */
const BINARIES = ['@img/sharp-linux-x64', '@img/sharp-libvips-linux-x64'];

interface LockEntry {
  readonly version: string;
  readonly integrity?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}
type Lock = Readonly<Record<string, LockEntry>>;

/** Every file of sharp's run-time packages under `node_modules/`. */
export async function sharpFiles(rootFolder: string, scratchFolder: string): Promise<ArchiveFile[]> {
  const lockfile = JSON.parse(await readFile(join(rootFolder, 'package-lock.json'), 'utf8')) as {
    packages: Lock;
  };
  const paths = runtimePaths(lockfile.packages);
  const isInstalled = paths.every((path) => existsSync(join(rootFolder, path)));
  const from = isInstalled ? rootFolder : await installForLambda(lockfile.packages, paths, scratchFolder);
  const files = await Promise.all(paths.map((path) => packageFiles(from, path)));
  return files.flat();
}

/** Lockfile paths of sharp, of its dependencies' closure and of the binaries. */
export function runtimePaths(lock: Lock): string[] {
  const found = new Set<string>();
  const visit = (name: string, parent: string): void => {
    const nested = `${parent}/node_modules/${name}`;
    const path = ownOf(lock, nested) ? nested : `node_modules/${name}`;
    const entry = ownOf(lock, path);
    if (!entry) throw new Error(`package-lock.json has no ${name}, which ${parent || 'the Lambda'} needs`);
    if (found.has(path)) return;
    found.add(path);
    for (const dependency of Object.keys(entry.dependencies ?? {})) visit(dependency, path);
  };
  for (const name of ['sharp', ...BINARIES]) visit(name, '');
  return [...found].sort();
}

/** On another system npm has not installed these binaries: it does now, held to our lockfile's hashes. */
export async function installForLambda(
  lock: Lock,
  paths: readonly string[],
  scratchFolder: string,
): Promise<string> {
  await rm(scratchFolder, { recursive: true, force: true });
  await mkdir(scratchFolder, { recursive: true });
  const direct = paths.filter((path) => path.lastIndexOf('node_modules/') === 0);
  const root = {
    name: 'image-renditions-runtime',
    version: '0.0.0',
    dependencies: Object.fromEntries(
      direct.map((path) => [path.slice('node_modules/'.length), ownOf(lock, path)?.version ?? '']),
    ),
  };
  // The optional binaries of other systems are left out of the entries, or npm would miss them in the lockfile.
  const entries = paths.map((path) => [
    path,
    { ...ownOf(lock, path), optional: undefined, optionalDependencies: {} },
  ]);
  const packages = { '': root, ...Object.fromEntries(entries) };
  await writeFile(join(scratchFolder, 'package.json'), JSON.stringify({ ...root, private: true }));
  await writeFile(
    join(scratchFolder, 'package-lock.json'),
    JSON.stringify({ name: root.name, version: root.version, lockfileVersion: 3, requires: true, packages }),
  );
  const target = ['--os=linux', '--cpu=x64', '--libc=glibc'];
  await promisify(execFile)('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', ...target], {
    cwd: scratchFolder,
    shell: process.platform === 'win32',
  });
  return scratchFolder;
}

/** Sources for compiling and typings weigh and do nothing. READMEs stay: some hold the only licence notice. */
const IS_LEFT_OUT = /(^|\/)(node_modules|src|install)\/|\.d\.[cm]?ts$/;

async function packageFiles(rootFolder: string, path: string): Promise<ArchiveFile[]> {
  const found = await readdir(join(rootFolder, path), { recursive: true, withFileTypes: true });
  const files = found
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(rootFolder, path).length))
    .map((relative) => relative.replaceAll('\\', '/'))
    .filter((relative) => !IS_LEFT_OUT.test(relative));
  return Promise.all(
    files.map(async (relative) => ({
      path: `${path}${relative}`,
      content: await readFile(join(rootFolder, path, relative)),
    })),
  );
}
