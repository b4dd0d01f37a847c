// bench:worker: events a second of the analytics worker, with the real broker and the real Postgres, against parsing the
// same values with JSON.parse and nothing else, on one machine in one run. Also the worker's memory along the way.
// Growth: the worker scales by consumer group up to the partition count (6 here, a setting); ten times the events of one
// worker is ten workers on as many partitions, since each partition has its own rows in Postgres; a hundred times is
// the Flink engine's ground, or more partitions. Memory is bounded by fetch size and id horizon, not by the log.
import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { topicSettings } from '#contracts/topics.ts';
import { loadConfig } from '#runtime/config.ts';
import { createKafka, createTopics, kafkaConfig } from '#runtime/kafka/client.ts';
import { createLogger } from '#runtime/log.ts';
import { startKafka } from '../local/kafka/kafka.ts';
import { freePort } from '../local/launcher/ports.ts';
import { startPostgres } from '../local/postgres/postgres.ts';
import { fillLog, jsonParsePerSecond } from './image-events.ts';
import { readOptions } from './options.ts';
import { median, round } from './statistics.ts';

const HELP = `Measures the analytics worker against JSON.parse alone.

  npm run bench:worker -- [--events 5000000] [--measure 1000000]

  --events   how many events the log holds in all; memory is read at the measure and at the end
  --measure  over how many of them the speed is measured`;

interface Reading {
  readonly events: number;
  readonly atMs: number;
  readonly rssMiB: number;
}

async function run(events: number, measure: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-worker-'));
  // Postgres runs as another user when this one is root.
  await chmod(folder, 0o755);
  const stops: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  try {
    const server = async (name: string) => ({
      dataDir: join(folder, name),
      logFile: join(folder, `${name}.log`),
      port: await freePort(),
    });
    const kafka = await startKafka(await server('kafka'));
    stops.unshift(() => kafka.stop());
    const postgres = await startPostgres(await server('postgres'));
    stops.unshift(() => postgres.stop());
    const env = { ...kafka.env, ...postgres.env };
    const client = createKafka(loadConfig(kafkaConfig, env), 'bench', createLogger('bench', 'error'));
    await createTopics(client, topicSettings(), 1);
    await fillLog(client, Math.ceil(events / 5));

    const before = jsonParsePerSecond();
    const worker = startWorker(env);
    stops.unshift(async () => worker.kill('SIGTERM'));
    const readings = await watch(env.DATABASE_URL!, worker.pid!, events);
    worker.kill('SIGTERM');
    await sleep(2_000);
    report(readings, measure, events, [before, jsonParsePerSecond()]);
  } finally {
    for (const stop of stops) await stop();
  }
}

function startWorker(env: Record<string, string>) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'worker-process.ts')], {
    env: {
      ...process.env,
      ...env,
      LOG_LEVEL: 'warn',
      GOOGLE_CLOUD_PROJECT: 'bench',
      RESULTS_BUCKET: 'bench',
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  child.once('exit', (code) => {
    if (code) throw new Error(`the worker ended with code ${code}`);
  });
  return child;
}

async function watch(databaseUrl: string, pid: number, events: number): Promise<Reading[]> {
  const database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();
  const readings: Reading[] = [];
  for (let counted = 0; counted < events; ) {
    await sleep(200);
    counted = await countedEvents(database);
    readings.push({ events: counted, atMs: performance.now(), rssMiB: await rssMiB(pid) });
    if (readings.length % 10 === 0)
      console.log(`counted ${counted} of ${events}, ${readings.at(-1)!.rssMiB} MiB`);
  }
  await database.end();
  return readings;
}

async function countedEvents(database: pg.Client): Promise<number> {
  const isMigrated = await database.query("SELECT to_regclass('analytics.part_state') IS NOT NULL AS yes");
  if (!isMigrated.rows[0].yes) return 0;
  const { rows } = await database.query(
    'SELECT COALESCE(sum(events), 0)::float8 AS events FROM analytics.part_state',
  );
  return rows[0].events;
}

/** Resident memory as Linux reports it; 0 where there is no /proc. */
async function rssMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024);
}

function report(readings: readonly Reading[], measure: number, events: number, parses: number[]): void {
  const first = readings.find((reading) => reading.events > 0)!;
  const last = readings.find((reading) => reading.events >= Math.min(measure, events))!;
  const perSecond = (last.events - first.events) / ((last.atMs - first.atMs) / 1_000);
  const parsePerSecond = median(parses);
  console.log(
    JSON.stringify({
      bench: 'worker',
      ratio: round(perSecond / parsePerSecond),
      limit: 0.25,
      eventsPerSecond: Math.round(perSecond),
      jsonParsePerSecond: Math.round(parsePerSecond),
      rssMiBAtMeasure: last.rssMiB,
      rssMiBAtEnd: readings.at(-1)!.rssMiB,
      rssMiBMax: Math.max(...readings.map((reading) => reading.rssMiB)),
      measured: last.events,
      events: readings.at(-1)!.events,
    }),
  );
}

const { events, measure } = readOptions(HELP, { events: 5_000_000, measure: 1_000_000 });
await run(events, measure);
