// The real servers that specs share, on free ports, in a folder of this run. Addresses out, in the variables by which
// every process finds them; a server that the environment names already is used as it is.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFirestore } from '../../local/firestore/firestore.ts';
import { startGcs } from '../../local/gcs/gcs.ts';
import { startKafka } from '../../local/kafka/kafka.ts';
import { bringNeeds } from '../../local/launcher/needs.ts';
import { createLineWriter } from '../../local/launcher/passing-lines.ts';
import { freePort } from '../../local/launcher/ports.ts';
import { sharedWarden } from '../../local/launcher/warden.ts';
import { startCloudSqlPostgres, startPostgres } from '../../local/postgres/postgres.ts';
import { startS3 } from '../../local/s3/s3.ts';
import type { Progress, RunningServer, ServerOptions } from '../../local/server/server.ts';
import { makeServerFolder } from './server-folder.ts';

/** Servers that answer. */
export interface Platform {
  readonly env: Readonly<Record<string, string>>;
  readonly servers: readonly RunningServer[];
  /** Stops what was started and removes its folder. */
  stop(): Promise<void>;
}

/** Those that make and delete many small files; what is uploaded to the others is large. */
const IN_MEMORY = new Set(['kafka', 'postgres', 'cloudSql']);

type Start = (options: ServerOptions, progress?: Progress) => Promise<RunningServer>;

const STARTS: Readonly<Record<string, Start>> = {
  kafka: startKafka,
  postgres: startPostgres,
  cloudSql: startCloudSqlPostgres,
  firestore: startFirestore,
  s3: startS3,
  gcs: startGcs,
};

/** Progress for people beside what is the output of the run. */
export function sayOnStderr(): Progress {
  const { say, pass } = createLineWriter(process.stderr);
  return (line, kind) => (kind === 'passing' ? pass : say)(`platform: ${line}`);
}

/** Starts all at the same time; first what is missing is fetched. When one fails, the others are stopped. */
export async function startPlatform(progress: Progress): Promise<Platform> {
  const folder = await mkdtemp(join(tmpdir(), 'platform-'));
  const memory = await makeServerFolder('platform-');
  const warden = await sharedWarden(join(folder, 'warden.log'));
  warden.removeAtEnd(folder);
  warden.removeAtEnd(memory);
  await bringNeeds((what) => (line, kind) => progress(`${what}: ${line}`, kind));
  const starts = Object.entries(STARTS).map(async ([name, start]) => {
    const startedAt = performance.now();
    const server = await start(
      {
        dataDir: join(IN_MEMORY.has(name) ? memory : folder, name),
        logFile: join(folder, `${name}.log`),
        port: await freePort(),
        isDurable: false,
      },
      (line, kind) => progress(`${name}: ${line}`, kind),
    );
    progress(
      `${server.name} at ${server.address} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`,
    );
    return server;
  });
  const outcomes = await Promise.allSettled(starts);
  const servers = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const stop = async (): Promise<void> => {
    for (const server of servers.toReversed()) await server.stop();
    await warden.close();
  };
  const failures = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [outcome.reason as Error] : [],
  );
  if (failures.length > 0) {
    await stop();
    throw failures.length === 1
      ? failures[0]!
      : new AggregateError(failures, failures.map(String).join('\n'));
  }
  return {
    env: Object.assign({}, ...servers.map(({ env }) => env)) as Record<string, string>,
    servers,
    stop,
  };
}
