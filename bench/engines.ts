// bench:engines: the worker of Node and the job of Flink over the same log, into the same kind of database, on one machine in one run:
// events a second, processor time, memory, and how soon the first window's sums are there. Both from a quarter of the log on, when
// their compilers have warmed up.
// Growth: Flink's parallelism is a setting, up to the partition count for the steps that go by partition (6 here) and beyond it for
// those that go by event id; Node's is one worker a partition at most. See docs/engines.md.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { topicSettings } from '#contracts/topics.ts';
import { loadConfig } from '#runtime/config.ts';
import { createKafka, createTopics, type KafkaClient, kafkaConfig } from '#runtime/kafka/client.ts';
import { createLogger } from '#runtime/log.ts';
import { startFlink } from '../local/flink/flink.ts';
import { startKafka } from '../local/kafka/kafka.ts';
import { freePort } from '../local/launcher/ports.ts';
import { startPostgres } from '../local/postgres/postgres.ts';
import { onDatabase } from '../test/engines/counts.ts';
import { FlinkCount } from '../test/engines/flink-count.ts';
import { freshAnalyticsDatabase } from '../test/fresh.ts';
import { fillLog } from './image-events.ts';
import { readOptions } from './options.ts';
import { processorSeconds } from './processor-time.ts';
import { round } from './statistics.ts';

const HELP = `Measures the worker of Node and the job of Flink over the same log.

  npm run bench:engines -- [--events 1000000]

  --events  how many events the log holds`;

const EVENTS_A_PHOTO = 5;
const LOOK_EVERY_MS = 200;
const WARM_PART = 0.25;
const PARALLELISMS = [1, 2];

interface Engine {
  readonly name: string;
  readonly databaseUrl: string;
  readonly pids: readonly number[];
  readonly startedMs: number;
}

interface Measured {
  readonly engine: string;
  readonly eventsPerSecond: number;
  readonly eventsPerCoreSecond: number;
  readonly cores: number;
  readonly memoryMiB: number;
  readonly firstWindowSeconds: number;
}

interface Machine {
  readonly folder: string;
  readonly client: KafkaClient;
  readonly env: Readonly<Record<string, string>>;
  readonly events: number;
}

async function run(events: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-engines-'));
  // Postgres runs as another user when this one is root.
  await chmod(folder, 0o755);
  const stops: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  try {
    const kafka = await startKafka(await serverIn(folder, 'kafka'));
    stops.unshift(() => kafka.stop());
    const postgres = await startPostgres(await serverIn(folder, 'postgres'));
    stops.unshift(() => postgres.stop());
    const env = { ...kafka.env, ...postgres.env };
    process.env.CLOUD_SQL_DATABASE_URL = env.DATABASE_URL;
    const client = createKafka(loadConfig(kafkaConfig, env), 'bench', createLogger('bench', 'error'));
    await createTopics(client, topicSettings(), 1);
    await fillLog(client, Math.ceil(events / EVENTS_A_PHOTO));
    const machine = { folder, client, env, events };
    const measured = [await measureNode(machine)];
    for (const parallelism of PARALLELISMS) measured.push(await measureFlink(machine, parallelism));
    report(measured, events);
  } finally {
    for (const stop of stops) await stop();
  }
}

const serverIn = async (folder: string, name: string) => ({
  dataDir: join(folder, name),
  logFile: join(folder, `${name}.log`),
  port: await freePort(),
});

async function measureNode({ env, events }: Machine): Promise<Measured> {
  const database = await freshAnalyticsDatabase();
  const startedMs = performance.now();
  const worker = startWorker({ ...env, DATABASE_URL: database.url });
  try {
    return await watch(
      { name: 'Node worker', databaseUrl: database.url, pids: [worker.pid!], startedMs },
      events,
    );
  } finally {
    worker.kill('SIGTERM');
    await once(worker, 'close');
    await database.drop();
  }
}

function startWorker(env: Readonly<Record<string, string>>): ChildProcess {
  const settings = {
    ...process.env,
    ...env,
    LOG_LEVEL: 'warn',
    GOOGLE_CLOUD_PROJECT: 'bench',
    RESULTS_BUCKET: 'bench',
  };
  return spawn(process.execPath, [join(import.meta.dirname, 'worker-process.ts')], {
    env: settings,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

async function measureFlink(
  { folder, client, env, events }: Machine,
  parallelism: number,
): Promise<Measured> {
  const server = await serverIn(folder, `flink-${parallelism}`);
  const flink = await startFlink({ ...server, slots: parallelism, isQuick: false });
  const startedMs = performance.now();
  try {
    const count = await FlinkCount.begin({
      flink,
      client,
      brokers: env.KAFKA_BROKERS!,
      outOfOrderBoundMs: 5_000,
      latenessMs: 5_000,
      settings: { parallelism },
    });
    try {
      const name = `Flink, parallelism ${parallelism}`;
      return await watch({ name, databaseUrl: count.databaseUrl, pids: flink.pids, startedMs }, events);
    } finally {
      await count.close();
    }
  } finally {
    await flink.stop();
  }
}

interface Reading {
  readonly events: number;
  readonly atMs: number;
  readonly cpuSeconds: number;
  readonly memoryMiB: number;
}

async function watch({ name, databaseUrl, pids, startedMs }: Engine, events: number): Promise<Measured> {
  const readings: Reading[] = [];
  let first: number | undefined;
  do {
    await sleep(LOOK_EVERY_MS);
    readings.push(await look(databaseUrl, pids));
    if (readings.at(-1)!.events > 0) first ??= readings.at(-1)!.atMs;
    if (readings.length % 25 === 0) console.log(`${name}: ${readings.at(-1)!.events} of ${events}`);
  } while (readings.at(-1)!.events < events);
  const from = readings.find((reading) => reading.events >= events * WARM_PART)!;
  const to = readings.at(-1)!;
  const counted = to.events - from.events;
  const seconds = (to.atMs - from.atMs) / 1_000;
  const cpuSeconds = to.cpuSeconds - from.cpuSeconds;
  return {
    engine: name,
    eventsPerSecond: Math.round(counted / seconds),
    eventsPerCoreSecond: Math.round(counted / cpuSeconds),
    cores: round(cpuSeconds / seconds),
    memoryMiB: Math.max(...readings.map(({ memoryMiB }) => memoryMiB)),
    firstWindowSeconds: round((first! - startedMs) / 1_000),
  };
}

async function look(databaseUrl: string, pids: readonly number[]): Promise<Reading> {
  const events = await countedEvents(databaseUrl);
  const atMs = performance.now();
  const used = await processorSeconds(pids.map((pid) => ({ name: String(pid), pid })));
  const memory = await Promise.all(pids.map(residentMiB));
  return {
    events,
    atMs,
    cpuSeconds: Object.values(used).reduce((sum, seconds) => sum + seconds, 0),
    memoryMiB: memory.reduce((sum, mib) => sum + mib, 0),
  };
}

const countedEvents = (databaseUrl: string): Promise<number> =>
  onDatabase(databaseUrl, async (database) => {
    const isMigrated = await database.query("SELECT to_regclass('analytics.part_state') IS NOT NULL AS yes");
    if (!isMigrated.rows[0].yes) return 0;
    const { rows } = await database.query(
      'SELECT COALESCE(sum(events), 0)::float8 AS events FROM analytics.part_state',
    );
    return rows[0].events as number;
  });

/** As Linux reports it; 0 where there is no /proc. */
async function residentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024);
}

function report(measured: readonly Measured[], events: number): void {
  console.table(measured);
  const [node, flink, wider] = measured;
  console.log(
    JSON.stringify({
      bench: 'engines',
      ratio: round(node!.eventsPerCoreSecond / flink!.eventsPerCoreSecond),
      limit: 3,
      growth: round(wider!.eventsPerSecond / flink!.eventsPerSecond),
      events,
      measured,
    }),
  );
}

const { events } = readOptions(HELP, { events: 1_000_000 });
await run(events);
