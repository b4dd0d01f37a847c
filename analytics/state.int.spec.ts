// The state of partitions in a real Postgres keeps the contract that its fake keeps.
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from '@jest/globals';
import { createLogger } from '#runtime/log.ts';
import { createPool, type Pool } from '#runtime/postgres/database.ts';
import { migrate } from '#runtime/postgres/migrate.ts';
import { freshAnalyticsDatabase } from '../test/fresh.ts';
import { itKeeps } from '../test/ports/contract.ts';
import { STATE_CONTRACT, type StateStage, TOPIC_ID } from '../test/ports/partition-state.ts';
import { abandonRun } from './flink/runs/abandon.ts';
import { beginRun } from './flink/runs/begin.ts';
import { PartitionState } from './state.ts';

const topic = 'images';
const ends = new Map([[0, { earliest: 0, end: 9 }]]);
const log = createLogger('spec', 'silent');
let database: Awaited<ReturnType<typeof freshAnalyticsDatabase>>;
let pool: Pool;

beforeAll(async () => {
  database = await freshAnalyticsDatabase();
  pool = createPool({ connectionString: database.url, applicationName: 'spec', log });
  await migrate(pool, 'analytics', join(import.meta.dirname, 'migrations'), log);
  await pool.query('CREATE TABLE saved (n int GENERATED ALWAYS AS IDENTITY, content text NOT NULL)');
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

async function openStage(): Promise<StateStage> {
  await pool.query(
    'TRUNCATE saved, analytics.part_state, analytics.seen_ids, analytics.log_gap, analytics.flink_run CASCADE',
  );
  return {
    worker: () =>
      new PartitionState<readonly string[]>({
        pool,
        topic,
        owner: 'spec',
        seenIdsMax: 100,
        saveRows: async (client, _partition, rows) => {
          await client.query('INSERT INTO saved (content) SELECT unnest($1::text[])', [rows]);
        },
      }),
    rows: async () => {
      const { rows } = await pool.query<{ content: string }>('SELECT content FROM saved ORDER BY n');
      return rows.map(({ content }) => content);
    },
    acceptGaps: async () => {
      await pool.query('UPDATE analytics.log_gap SET accepted_at = now()');
    },
    beginRun: async () => {
      await beginRun({ pool, topic, topicId: TOPIC_ID, ends, seenIdsMax: 100 });
    },
    abandonRun: async () => {
      await abandonRun({ pool, topic, ends });
    },
  };
}

describe('the state of partitions in Postgres', () => {
  itKeeps(STATE_CONTRACT, openStage);
});
