// pip, where this machine has it, as a way to a wheel: a pinned one, whose checksums stand in a requirements file.
import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '#runtime/errors.ts';
import { type OnBytes, sha256Of } from '../downloads/download.ts';
import type { Origin } from '../downloads/origin.ts';
import { runCommand } from '../run-command.ts';

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
 * Brings the one wheel of a requirements file into a folder, which is emptied before: pip goes on with nothing that it had begun.
 * @throws AppError `download-unreachable` with pip's own reason, or `checksum-wrong`
 */
export async function fetchWheel(
  requirements: string,
  folder: string,
  origin: Origin,
  onBytes: OnBytes,
): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  const [wheels, temporary, logFile] = ['wheels', 'temporary', 'pip.log'].map((name) => join(folder, name));
  await mkdir(wheels!, { recursive: true });
  await mkdir(temporary!);
  const stopWatching = watchSize(folder, onBytes);
  try {
    const args = [...DOWNLOAD, ...TOLERANCE, '-r', requirements, '-d', wheels!];
    await runPip(args, { folder, temporary: temporary!, logFile: logFile!, origin });
  } finally {
    stopWatching();
  }
  const [name = ''] = await readdir(wheels!);
  const wheel = join(wheels!, name);
  // pip has compared it already; but nothing is used here on somebody else's word.
  if ((await readFile(requirements, 'utf8')).includes(`sha256:${await sha256Of(wheel)}`)) return wheel;
  await rm(wheel);
  throw new AppError('checksum-wrong', `${name} from ${origin.owner} was deleted: it is not the known wheel`);
}

interface PipRun {
  readonly folder: string;
  readonly temporary: string;
  readonly logFile: string;
  readonly origin: Origin;
}

async function runPip(
  args: readonly string[],
  { folder, temporary, logFile, origin }: PipRun,
): Promise<void> {
  const [command, ...before] = findPip() ?? [];
  const refuse = (reason: string): AppError =>
    new AppError(
      'download-unreachable',
      `the Java runtime could not be fetched from ${origin.owner}: ${reason}; ${origin.remedy}`,
      { reason },
    );
  if (!command) throw refuse('there is no pip on this machine');
  try {
    const env = { TMPDIR: temporary };
    await runCommand({ name: 'pip', command, args: [...before, ...args], folder, env, logFile });
  } catch {
    throw refuse(await lastError(logFile));
  }
}

/** pip ends with `ERROR: …` on a line, after what it tried. */
async function lastError(logFile: string): Promise<string> {
  const lines = (await readFile(logFile, 'utf8').catch(() => '')).split('\n');
  return lines.findLast((line) => line.startsWith('ERROR: '))?.slice(7) ?? 'pip did not succeed';
}

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
