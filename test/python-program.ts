// A program of Python in a separate environment inside `.cache`, with every package pinned by its checksum.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface PythonProgram {
  /** Of the program, and of its folder in `.cache`. */
  readonly name: string;
  /** `requirements.txt` with every package and its checksums. */
  readonly requirements: string;
  /** What installs it: `npm run check:checkov`. */
  readonly command: string;
}

/** A program that can be run. */
export interface Installed {
  readonly path: string;
}
/** Why there is none. */
export interface NotInstalled {
  readonly missing: string;
}

const CACHE = join(import.meta.dirname, '../.cache');
const folderOf = ({ name }: PythonProgram): string => join(CACHE, name);
const programOf = (program: PythonProgram): string => join(folderOf(program), 'bin', program.name);
/** Tells for which requirements the folder was finished. */
const stampOf = (program: PythonProgram): string => join(folderOf(program), 'installed');
const wanted = ({ requirements }: PythonProgram): string =>
  createHash('sha256').update(readFileSync(requirements)).digest('hex');

/** What an earlier `installProgram` left. */
export function findProgram(program: PythonProgram): Installed | NotInstalled {
  const { command } = program;
  if (!existsSync(stampOf(program))) return { missing: `it is not installed; ${command} does it` };
  if (readFileSync(stampOf(program), 'utf8') !== wanted(program))
    return { missing: `another version is installed; ${command} renews it` };
  return { path: programOf(program) };
}

/** Installs it, unless it is there. */
export function installProgram(
  program: PythonProgram,
  say: (line: string) => void,
): Installed | NotInstalled {
  const found = findProgram(program);
  if ('path' in found) return found;
  if (!isPythonNewEnough()) return { missing: 'there is no python3 of 3.10 or newer on this machine' };
  const folder = folderOf(program);
  rmSync(folder, { recursive: true, force: true });
  say(`installing ${program.name} into .cache/${program.name}`);
  const fault =
    run('python3', ['-m', 'venv', folder]) ??
    run(join(folder, 'bin/python'), [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--require-hashes',
      '--no-deps',
      '--disable-pip-version-check',
      '--only-binary',
      ':all:',
      '-r',
      program.requirements,
    ]);
  if (fault) return { missing: fault };
  writeFileSync(stampOf(program), wanted(program));
  return { path: programOf(program) };
}

const isPythonNewEnough = (): boolean =>
  spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 10))']).status === 0;

/** What went wrong, in the program's own last line. */
function run(command: string, args: readonly string[]): string | undefined {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status === 0) return undefined;
  return `${command} ${args.slice(0, 2).join(' ')} failed: ${stderr?.trim().split('\n').at(-1) ?? 'it does not run'}`;
}
