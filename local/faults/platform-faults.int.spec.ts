import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeEvent } from '#contracts/envelope.ts';
import { orderPlaced } from '#contracts/shop-topics.ts';
import { productImagesProcessed, topicSettings } from '#contracts/topics.ts';
import { createTopics } from '#runtime/kafka/client.ts';
import { createLogger } from '#runtime/log.ts';
import { createPool, type Pool } from '#runtime/postgres/database.ts';
import { migrateService } from '#runtime/postgres/migrate.ts';
import { freshDatabase, freshKafka } from '../../test/fresh.ts';
import { readTopic } from '../../test/topic-reader.ts';
import { Faults } from './faults.ts';
import { type FaultParts, platformFaults } from './platform-faults.ts';
import { publishPoison } from './poison.ts';

const MIGRATIONS = join(import.meta.dirname, '../../services/payment/migrations');

let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: Pool;
beforeAll(async () => {
  database = await freshDatabase();
  const log = createLogger('spec', 'silent');
  pool = createPool({ connectionString: database.url, applicationName: 'spec', schema: 'payment', log });
  await migrateService(pool, 'payment', MIGRATIONS, log);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

let faults: Faults | undefined;
afterEach(() => faults?.close());

const isOn = async (kind: string): Promise<boolean> => {
  const sql = 'SELECT until > clock_timestamp() AS "isOn" FROM sandbox_behaviour WHERE kind = $1';
  return (await pool.query<{ isOn: boolean }>(sql, [kind])).rows[0]?.isOn ?? false;
};

describe('bad payments', () => {
  it.each([
    ['slow-payments', 'slow'],
    ['declined-payments', 'declining'],
  ])('%s are a sandbox that is %s, until the fault is over', async (name, kind) => {
    const env = { DATABASE_URL: database.url, PAYMENT_PROVIDER: 'sandbox' };
    const parts = { env, logFile: '/dev/null' } as unknown as FaultParts;
    faults = new Faults(platformFaults(parts));
    faults.start(name);
    while (!(await isOn(kind))) await sleep(50);
    await faults.close();
    expect(await isOn(kind)).toBe(false);
    expect(faults.states().find((state) => state.name === name)!.steps).toHaveLength(2);
  });

  it('fail as a fault where payments are real', async () => {
    const env = { DATABASE_URL: database.url, PAYMENT_PROVIDER: 'stripe' };
    faults = new Faults(platformFaults({ env, logFile: '/dev/null' } as unknown as FaultParts));
    faults.start('slow-payments');
    while (faults.states()[0]!.phase === 'broken') await sleep(50);
    expect(faults.states()[0]).toMatchObject({
      phase: 'failed',
      steps: [{ words: 'It failed: payment sandbox ended with code 1' }],
    });
    expect(await isOn('slow')).toBe(false);
  });
});

describe('poison', () => {
  it('is on both topics what no consumer can read, each time in another way', async () => {
    const { client, drop } = freshKafka();
    await createTopics(client, topicSettings([productImagesProcessed, orderPlaced]), 1);
    const over = new AbortController();
    const env = { KAFKA_BROKERS: process.env.KAFKA_BROKERS!, KAFKA_TOPIC_PREFIX: client.nameOf('') };
    const publishing = publishPoison(env, over.signal);
    const reasons = new Set<string>();
    for (const topic of [orderPlaced, productImagesProcessed]) {
      let records = await readTopic(client, topic.name);
      while (records.length < 3) records = await readTopic(client, topic.name);
      for (const { value, headers = {} } of records) {
        const decoded = decodeEvent<object>(topic.event, {
          value,
          headers: headers as Record<string, Buffer>,
        });
        reasons.add(decoded.ok ? 'a good event' : decoded.fault);
      }
    }
    over.abort();
    expect(await publishing).toBeGreaterThanOrEqual(6);
    expect(reasons.has('a good event')).toBe(false);
    expect(reasons.size).toBeGreaterThanOrEqual(3);
    await drop();
  });
});
