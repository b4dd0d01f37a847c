// What `npm run engine` does, for people and for programs: which engine counts images, and the switch between the two.
import { productImagesProcessed } from '#contracts/topics.ts';
import type { loadConfig } from '#runtime/config.ts';
import { createKafka, kafkaConfig } from '#runtime/kafka/client.ts';
import type { Logger } from '#runtime/log.ts';
import { createPool, type Pool } from '#runtime/postgres/database.ts';
import { analyticsConfig } from '../../config.ts';
import { createBrokerView } from '../../log-ends.ts';
import { abandonRun } from './abandon.ts';
import { beginRun } from './begin.ts';
import { endRun } from './end.ts';
import type { Run } from './run.ts';
import { type EngineStatus, readStatus } from './status.ts';

/** Sums over a long run's rows take longer than a worker would wait. */
const WAIT_MS_MAX = 120_000;

/** Held by a program that changes the engine, over several of these steps. */
const LOCK_SWITCH = `SELECT pg_try_advisory_lock(hashtext('engine switch'), hashtext($1)) AS "isHeld"`;
const UNLOCK_SWITCH = `SELECT pg_advisory_unlock(hashtext('engine switch'), hashtext($1))`;

/** What it needs to know. */
export const engineConfig = {
  ...kafkaConfig,
  DATABASE_URL: analyticsConfig.DATABASE_URL,
  SEEN_IDS_MAX: analyticsConfig.SEEN_IDS_MAX,
};

/** Each of them but `status` throws where it is refused, and has changed nothing then. */
export interface Engine {
  status(): Promise<EngineStatus>;
  begin(): Promise<Run>;
  end(): Promise<Run>;
  abandon(): Promise<Run>;
  /** Does the work while no other program does its own; undefined where another is at it. */
  alone<Result>(work: () => Promise<Result>): Promise<Result | undefined>;
  close(): Promise<void>;
}

/** Opens what is needed when it is needed. */
export function openEngine(config: ReturnType<typeof loadConfig<typeof engineConfig>>, log: Logger): Engine {
  const { name: topic } = productImagesProcessed;
  const client = createKafka(config, 'engine', log);
  const pool = createPool({
    connectionString: config.DATABASE_URL,
    applicationName: 'engine',
    log,
    waitMsMax: WAIT_MS_MAX,
  });
  const broker = createBrokerView(client);
  const inspector = broker.of(topic);
  const named = { pool, topic: client.nameOf(topic) };
  const seenIdsMax = config.SEEN_IDS_MAX;
  return {
    status: async () => readStatus(pool, named.topic, await inspector.ends()),
    begin: async () => {
      const [topicId, ends] = [await inspector.topicId(), await inspector.ends()];
      return beginRun({ ...named, topicId, ends, seenIdsMax });
    },
    end: async () => endRun({ pool, client, topic, ends: await inspector.ends(), seenIdsMax, log }),
    abandon: async () => abandonRun({ ...named, ends: await inspector.ends() }),
    alone: (work) => alone(pool, named.topic, work),
    close: async () => {
      await broker.close();
      await pool.end();
    },
  };
}

/** A program that is killed lets the lock go with its connection. */
async function alone<Result>(
  pool: Pool,
  topic: string,
  work: () => Promise<Result>,
): Promise<Result | undefined> {
  const client = await pool.connect();
  try {
    const { rows } = await client.query<{ isHeld: boolean }>(LOCK_SWITCH, [topic]);
    if (!rows[0]!.isHeld) return undefined;
    try {
      return await work();
    } finally {
      await client.query(UNLOCK_SWITCH, [topic]);
    }
  } finally {
    client.release();
  }
}
