// What `npm run engine` does, for people and for programs: which engine counts images, and the switch between the two.
import { productImagesProcessed } from '#contracts/topics.ts';
import type { loadConfig } from '#runtime/config.ts';
import { createKafka, kafkaConfig } from '#runtime/kafka/client.ts';
import type { Logger } from '#runtime/log.ts';
import { createPool } from '#runtime/postgres/database.ts';
import { runExclusively } from '#runtime/postgres/leadership.ts';
import { analyticsConfig } from '../../config.ts';
import { createBrokerView } from '../../log-ends.ts';
import { abandonRun } from './abandon.ts';
import { beginRun } from './begin.ts';
import { endRun } from './end.ts';
import type { Run } from './run.ts';
import { type EngineStatus, readStatus } from './status.ts';

/** Sums over a long run's rows take longer than a worker would wait. */
const WAIT_MS_MAX = 120_000;

/** Class of the locks that a program holds while it changes the engine of a topic, over several of these steps. */
const LOCK_CLASS_SWITCH = 7_203_004;

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
    alone: async (work) => (await runExclusively(pool, [LOCK_CLASS_SWITCH, named.topic], work))?.result,
    close: async () => {
      await broker.close();
      await pool.end();
    },
  };
}
