// The lockfile in; sharp, what it requires at run time and its binaries for Lambda's system out, in the locked versions.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Lock, type LockedPackages, lockedPackages } from '../build-packages.ts';
import type { ArchiveFile } from '../build-zip.ts';

/** Every file of sharp's run-time packages under `node_modules/`. */
export async function sharpFiles(rootFolder: string, scratchFolder: string): Promise<ArchiveFile[]> {
  const lockfile = JSON.parse(await readFile(join(rootFolder, 'package-lock.json'), 'utf8')) as {
    packages: Lock;
  };
  const sharp = lockedPackages(lockfile.packages, ['sharp'], 'x64');
  const isInstalled = sharp.paths.every((path) => existsSync(join(rootFolder, path)));
  const from = isInstalled ? rootFolder : await installForLambda(sharp, scratchFolder);
  const files = await Promise.all(sharp.paths.map((path) => packageFiles(from, path)));
  return files.flat();
}

/** On another system npm has not installed these binaries: it does now, held to our lockfile's hashes. */
async function installForLambda({ files }: LockedPackages, scratchFolder: string): Promise<string> {
  await rm(scratchFolder, { recursive: true, force: true });
  await mkdir(scratchFolder, { recursive: true });
  for (const [name, content] of Object.entries(files)) await writeFile(join(scratchFolder, name), content);
  await promisify(execFile)('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
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
