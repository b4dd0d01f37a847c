// pip, where this machine has it, as a way to a wheel: a pinned one, whose checksums stand in a requirements file.
import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AppError } from '#runtime/errors.ts';
import { type OnBytes, sha256Of } from '../downloads/download.ts';
import type { Origin } from '../downloads/origin.ts';
import { runCommand } from '../launcher/run-command.ts';

/** How pip is called, by the machine. */
const CALLS = [['python3', '-m', 'pip'], ['python', '-m', 'pip'], ['pip3'], ['pip']];
const DOWNLOAD = ['download', '--require-hashes', '--no-deps', '--only-binary', ':all:'];
/** The wheel holds no Python worth a version: any pip may fetch it. One retry, since pip's five take minutes without a network. */
const TOLERANCE = ['--python-version', '3.12', '--retries', '1', '--disable-pip-version-check'];
const POLL_MS = 300;

/** The command; undefined where there is no pip. */
export const findPip = (): string[] | undefined =>
  CALLS.find(([command = '', ...args]) => spawnSync(command, [...args, '--version']).status === 0);

/**
 * Brings the one wheel of a requirements file into a folder, which is emptied before: pip does not continue what it had begun.
 * @throws AppError `download-unreachable` with pip's own reason, or `checksum-wrong`
 */
export async function fetchWheel(
  requirements: string,
  folder: string,
  origin: Origin,
  onBytes: OnBytes,
): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  const [wheels, temporary] = [join(folder, 'wheels'), join(folder, 'temporary')];
  const logFile = join(folder, 'pip.log');
  await mkdir(wheels, { recursive: true });
  await mkdir(temporary);
  const stopWatching = watchSize(folder, onBytes);
  try {
    await runPip({ requirements, wheels, folder, temporary, logFile, origin });
  } finally {
    stopWatching();
  }
  const [name = ''] = await readdir(wheels);
  const wheel = join(wheels, name);
  // pip has compared it already, but we use no file that we did not verify.
  if ((await readFile(requirements, 'utf8')).includes(`sha256:${await sha256Of(wheel)}`)) return wheel;
  await rm(wheel);
  throw anotherWheel(name, origin);
}

interface PipRun {
  readonly requirements: string;
  readonly wheels: string;
  readonly folder: string;
  readonly temporary: string;
  readonly logFile: string;
  readonly origin: Origin;
}

async function runPip({ requirements, wheels, folder, temporary, logFile, origin }: PipRun): Promise<void> {
  const [command, ...before] = findPip() ?? [];
  const refuse = (reason: string): AppError =>
    new AppError(
      'download-unreachable',
      `the wheel of ${basename(requirements, '.txt')} could not be fetched from ${origin.owner}: ${reason}; ${origin.remedy}`,
    );
  if (!command) throw refuse('there is no pip on this machine');
  try {
    const args = [...before, ...DOWNLOAD, ...TOLERANCE, '-r', requirements, '-d', wheels];
    await runCommand({ name: 'pip', command, args, folder, env: { TMPDIR: temporary }, logFile });
  } catch {
    const said = await readFile(logFile, 'utf8').catch(() => '');
    if (said.includes('DO NOT MATCH THE HASHES')) throw anotherWheel('what came', origin);
    throw refuse(lastError(said));
  }
}

/** pip ends with `ERROR: …`, which names versions even when it reached no server; a warning before it says so. */
function lastError(said: string): string {
  if (said.includes('connection broken by'))
    return 'pip could not connect (PIP_INDEX_URL names another index)';
  const lines = said.split('\n').filter((line) => line.startsWith('ERROR: '));
  return lines.at(-1)?.slice('ERROR: '.length) ?? 'pip did not succeed';
}

const anotherWheel = (what: string, { owner, remedy }: Origin): AppError =>
  new AppError(
    'checksum-wrong',
    `${what} from ${owner} is not the wheel that this project knows, and was deleted; ${remedy}`,
  );

/** pip draws its progress on terminals only; what it writes can be seen. */
function watchSize(folder: string, onBytes: OnBytes): () => void {
  const look = async (): Promise<void> => {
    const paths = await readdir(folder, { recursive: true }).catch(() => []);
    const sizes = await Promise.all(paths.map((path) => sizeOf(join(folder, path))));
    onBytes(
      sizes.reduce((sum, size) => sum + size, 0),
      undefined,
    );
  };
  const timer = setInterval(() => void look(), POLL_MS);
  return () => clearInterval(timer);
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ? found.size : 0;
}
