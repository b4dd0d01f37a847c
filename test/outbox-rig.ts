// A service's schema on the real platform, with a topic to publish to and relays on it: for rules about outbox, inbox and relay.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { encodeEvent } from '#contracts/envelope.ts';
import type { Topic } from '#contracts/topic.ts';
import { topicSettings } from '#contracts/topics.ts';
import { createTopics, type KafkaClient } from '#runtime/kafka/client.ts';
import { changeTopics } from '#runtime/kafka/topics.ts';
import { createLogger } from '#runtime/log.ts';
import { createRegistry, type Registry } from '#runtime/metrics.ts';
import { saveToOutbox } from '#runtime/outbox/outbox.ts';
import { type Relay, type RelayOptions, startRelay } from '#runtime/outbox/relay.ts';
import { createPool, inTransaction, type Pool } from '#runtime/postgres/database.ts';
import { migrateService } from '#runtime/postgres/migrate.ts';
import { freshDatabase, freshKafka } from './fresh.ts';
import { readTopic } from './topic-reader.ts';

/** A word of SQL, so that a missing quote is noticed. */
export const SCHEMA = 'order';
const log = createLogger('spec', process.env.LOG_LEVEL ?? 'silent');

type Data = { n: number; text?: string | undefined };

const sample = (name: string, partitions: number): Topic<Data> => ({
  name,
  key: 'any',
  event: { type: 'shop.sample.v1', schema: z.object({ n: z.int(), text: z.string().optional() }) },
  partitions,
  cleanup: 'delete',
  retentionMs: 3_600_000,
});

/** One per spec file; its topics differ in their names. */
export class OutboxRig {
  readonly url: string;
  readonly client: KafkaClient;
  readonly pool: Pool;
  private readonly closing: (() => Promise<unknown>)[];
  private readonly relays = new Set<Relay>();

  private constructor(url: string, client: KafkaClient, pool: Pool, closing: (() => Promise<unknown>)[]) {
    this.url = url;
    this.client = client;
    this.pool = pool;
    this.closing = closing;
  }

  static async open(): Promise<OutboxRig> {
    const [database, kafka, folder] = [
      await freshDatabase(),
      freshKafka(),
      await mkdtemp(join(tmpdir(), 'none-')),
    ];
    const pool = createPool({ connectionString: database.url, applicationName: 'spec', log });
    await migrateService(pool, SCHEMA, folder, log);
    await rm(folder, { recursive: true });
    return new OutboxRig(database.url, kafka.client, pool, [() => pool.end(), database.drop, kafka.drop]);
  }

  async close(): Promise<void> {
    await this.stopRelays();
    for (const close of this.closing) await close();
  }

  /** A topic that is there, unless it is only described. */
  async topic(name: string, options: { partitions?: number; bytesMax?: number } = {}): Promise<Topic<Data>> {
    const topic = this.describedTopic(name, options.partitions);
    const settings = topicSettings([topic]).map((one) => ({
      ...one,
      config: {
        ...one.config,
        ...(options.bytesMax ? { 'max.message.bytes': String(options.bytesMax) } : {}),
      },
    }));
    await createTopics(this.client, settings, 1);
    return topic;
  }

  /** From now on the topic takes records of this size. */
  topicTakes = (topic: Topic<Data>, bytesMax: number): Promise<void> =>
    changeTopics(this.client, [{ topic: topic.name, config: { 'max.message.bytes': String(bytesMax) } }]);

  describedTopic = (name: string, partitions = 1): Topic<Data> => sample(name, partitions);

  /** Saves events in one transaction. */
  save(topic: Topic<Data>, key: string, numbers: readonly number[], text?: string): Promise<void> {
    return inTransaction(this.pool, async (client) => {
      for (const n of numbers) await saveToOutbox(client, SCHEMA, topic, eventOf(topic, key, n, text));
    });
  }

  async startRelay(options: Partial<RelayOptions> & { registry?: Registry } = {}): Promise<Relay> {
    const relay = await startRelay({
      pool: this.pool,
      schema: SCHEMA,
      client: this.client,
      log,
      registry: createRegistry('spec'),
      retryDelayMs: 50,
      ...options,
    });
    this.relays.add(relay);
    return relay;
  }

  async stopRelays(): Promise<void> {
    const relays = [...this.relays];
    this.relays.clear();
    await Promise.all(relays.map((relay) => relay.stop()));
  }

  /** The numbers on the topic by partition and offset. */
  async numbers(topic: Topic<Data>, key?: string): Promise<number[]> {
    const records = await readTopic(this.client, topic.name);
    return records
      .filter((record) => key === undefined || String(record.key) === key)
      .map(({ value }) => (JSON.parse(String(value)) as Data).n);
  }

  /** Rows of a topic that a table still holds. */
  async rows(
    topic: Topic<Data>,
    table: 'outbox' | 'outbox_dead' = 'outbox',
  ): Promise<Record<string, unknown>[]> {
    const { rows } = await this.pool.query(
      `SELECT * FROM "${SCHEMA}".${table} WHERE topic = $1 ORDER BY id`,
      [topic.name],
    );
    return rows;
  }

  /** Waits until a table holds so many rows of the topic. */
  async untilRows(
    topic: Topic<Data>,
    count: number,
    table: 'outbox' | 'outbox_dead' = 'outbox',
  ): Promise<void> {
    while ((await this.rows(topic, table)).length !== count) await sleep(20);
  }
}

export const eventOf = (topic: Topic<Data>, key: string, n: number, text?: string) =>
  encodeEvent(topic.event, key, {
    id: `${key}/${n}`,
    source: '/spec',
    time: '2026-11-24T08:14:00Z',
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    data: { n, text },
  });
