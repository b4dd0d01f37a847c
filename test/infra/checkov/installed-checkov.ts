// checkov in an environment of its own inside `.cache`, with every package pinned by its checksum.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '../../../.cache/checkov');
const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt');
const PROGRAM = join(FOLDER, 'bin/checkov');
/** Tells for which requirements the folder was finished. */
const STAMP = join(FOLDER, 'installed');

/** A program that can be run. */
export interface Checkov {
  readonly path: string;
}
/** Why there is none. */
export interface NoCheckov {
  readonly missing: string;
}

const wanted = (): string => createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex');

/** What an earlier `installCheckov` left. */
export function findCheckov(): Checkov | NoCheckov {
  if (!existsSync(STAMP)) return { missing: 'it is not installed; npm run check:checkov does it' };
  if (readFileSync(STAMP, 'utf8') !== wanted())
    return { missing: 'another version is installed; npm run check:checkov renews it' };
  return { path: PROGRAM };
}

/** Installs it, unless it is there. Takes a minute and 290 MB. */
export function installCheckov(say: (line: string) => void): Checkov | NoCheckov {
  const found = findCheckov();
  if ('path' in found) return found;
  if (!isPythonNewEnough()) return { missing: 'there is no python3 of 3.10 or newer on this machine' };
  rmSync(FOLDER, { recursive: true, force: true });
  say('installing checkov into .cache/checkov');
  const fault =
    run('python3', ['-m', 'venv', FOLDER]) ??
    run(join(FOLDER, 'bin/python'), [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--require-hashes',
      '--no-deps',
      ...FROM,
    ]);
  if (fault) return { missing: fault };
  writeFileSync(STAMP, wanted());
  return { path: PROGRAM };
}
const FROM = ['--disable-pip-version-check', '--only-binary', ':all:', '-r', REQUIREMENTS];

const isPythonNewEnough = (): boolean =>
  spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 10))']).status === 0;

/** What went wrong, in the program's own last line. */
function run(command: string, args: readonly string[]): string | undefined {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status === 0) return undefined;
  return `${command} ${args.slice(0, 2).join(' ')} failed: ${stderr?.trim().split('\n').at(-1) ?? 'it does not run'}`;
}
