// A package of this machine's own Debian or Ubuntu in, its files in a folder out. Nothing is installed and no rights are needed: apt
// chooses the version, and verifies it against the signed list of the distribution.
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { runCommand } from '../launcher/run-command.ts';
import type { Progress } from '../server/server.ts';

const PROGRAMS = ['apt-get', 'dpkg-deb'];
/** A network that is not there is found out in seconds, not minutes. */
const PATIENCE = [
  '-o',
  'Acquire::Retries=1',
  '-o',
  'Acquire::http::Timeout=20',
  '-o',
  'Acquire::https::Timeout=20',
];

/** Which of the programs are missing here. */
export const aptPrograms = (env: NodeJS.ProcessEnv): string[] =>
  PROGRAMS.filter(
    (program) => !(env.PATH ?? '').split(delimiter).some((one) => one && existsSync(join(one, program))),
  );

/**
 * Fills the folder with the package's files, as they would lie below the root.
 * @throws AppError `command-failed` with apt's own words
 */
export async function fetchDebianPackage(name: string, folder: string, progress: Progress): Promise<void> {
  const beside = `${folder}.package`;
  await rm(folder, { recursive: true, force: true });
  await rm(beside, { recursive: true, force: true });
  await mkdir(beside, { recursive: true });
  progress(`fetching Debian's package ${name} by apt, once`);
  const run = (command: string, ...args: string[]): Promise<void> =>
    runCommand({ name: command, command, args, folder: beside, logFile: join(beside, 'apt.log') });
  try {
    await run('apt-get', ...PATIENCE, 'download', name).catch(async () => {
      // Images of containers come without lists, and only root may write where the system keeps them.
      const lists = [
        '-o',
        `Dir::State::Lists=${join(beside, 'lists')}`,
        '-o',
        `Dir::Cache=${join(beside, 'cache')}`,
      ];
      await mkdir(join(beside, 'lists'));
      await run('apt-get', ...PATIENCE, ...lists, 'update');
      await run('apt-get', ...PATIENCE, ...lists, 'download', name);
    });
    const file = (await readdir(beside)).find((one) => one.endsWith('.deb'));
    await run('dpkg-deb', '-x', String(file), 'unpacked');
    await rename(join(beside, 'unpacked'), folder);
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
}
