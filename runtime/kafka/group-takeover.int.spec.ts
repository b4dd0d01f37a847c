// From a group for each topic to one group for all, while events keep coming: the old members go on until the new one runs.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { encodeEvent } from '#contracts/envelope.ts';
import type { Topic } from '#contracts/topic.ts';
import { topicSettings } from '#contracts/topics.ts';
import { freshDatabase, freshKafka } from '../../test/fresh.ts';
import { createLogger } from '../log.ts';
import { createRegistry } from '../metrics.ts';
import { takeOnce } from '../outbox/inbox.ts';
import { createPool, inTransaction, type Pool } from '../postgres/database.ts';
import { migrateService } from '../postgres/migrate.ts';
import {
  type Consumer,
  createProducer,
  createTopics,
  type KafkaMessage,
  type Producer,
  topicOffsets,
  withAdmin,
} from './client.ts';
import { type ConsumeOptions, consumeTopics, type RunningConsumer } from './consumer.ts';
import { takeOverOffsets } from './group-takeover.ts';
import { subscription } from './subscription.ts';
import { type Sample, sampleTopic } from './test-sample.ts';

jest.setTimeout(120_000);

const SCHEMA = 'moved';
const { client, drop } = freshKafka();
const log = createLogger('spec', 'silent');
let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: Pool;
let producer: Producer;

beforeAll(async () => {
  database = await freshDatabase();
  pool = createPool({ connectionString: database.url, applicationName: 'spec', schema: SCHEMA, log });
  await pool.query(`CREATE SCHEMA ${SCHEMA}`);
  await migrateService(pool, SCHEMA, `${import.meta.dirname}/../../services/cart/migrations`, log);
  await pool.query('CREATE TABLE effect (topic text, event_id text, reader text)');
  producer = createProducer(client);
  await producer.connect();
});
afterAll(async () => {
  await producer.disconnect();
  await pool.end();
  await database.drop();
  await drop();
});

const formerGroup = (topic: string): string => `shop-${topic}`;

async function send(topic: Topic<Sample>, from: number, many: number): Promise<void> {
  const messages = Array.from({ length: many }, (_, at) =>
    encodeEvent(topic.event, `k${at}`, {
      id: `${topic.name}-${from + at}`,
      source: '/spec',
      time: '2026-11-24T08:14:00Z',
      data: { n: from + at },
    }),
  );
  await producer.send({ topic: client.nameOf(topic.name), acks: -1, messages });
}

/** Applies an event once, whichever member handles it, as every service of the shop does. */
const takeEffect = (topic: string, eventId: string, reader: string): Promise<void> =>
  inTransaction(pool, async (connection) => {
    if (!(await takeOnce(connection, SCHEMA, `shop-${topic}`, eventId))) return;
    await connection.query('INSERT INTO effect VALUES ($1, $2, $3)', [topic, eventId, reader]);
  });

/** As version 0.1 did for each topic: a separate group, with an offset committed after each event. */
async function startFormer(topic: Topic<Sample>): Promise<Consumer> {
  const consumer = client.kafka.consumer({
    groupId: client.nameOf(formerGroup(topic.name)),
    maxWaitTimeInMs: 100,
  });
  await consumer.connect();
  await consumer.subscribe({ topics: [client.nameOf(topic.name)], fromBeginning: true });
  await consumer.run({
    autoCommit: true,
    autoCommitThreshold: 1,
    eachMessage: ({ message }: { message: KafkaMessage }) =>
      takeEffect(topic.name, String(message.headers?.ce_id), 'former'),
  });
  return consumer;
}

const startNew = (
  topics: readonly Topic<Sample>[],
  options: Partial<ConsumeOptions> = {},
): Promise<RunningConsumer> =>
  consumeTopics({
    client,
    group: 'shop',
    formerGroup,
    subscriptions: topics.map((topic) => subscription(topic, ({ id }) => takeEffect(topic.name, id, 'new'))),
    log,
    registry: createRegistry('spec'),
    sessionTimeoutMs: 6_000,
    ...options,
  });

async function effects(
  topics: readonly Topic<Sample>[],
): Promise<{ former: number; new: number; all: string[] }> {
  const { rows } = await pool.query<{ event_id: string; reader: 'former' | 'new' }>(
    'SELECT event_id, reader FROM effect WHERE topic = ANY($1) ORDER BY event_id',
    [topics.map(({ name }) => name)],
  );
  const by = (reader: string): number => rows.filter((row) => row.reader === reader).length;
  return { former: by('former'), new: by('new'), all: rows.map((row) => row.event_id) };
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(50);
}

const offsetsOf = (group: string, topic: string) =>
  withAdmin(client, async (admin) => {
    const [found] = await admin.fetchOffsets({
      groupId: client.nameOf(group),
      topics: [client.nameOf(topic)],
    });
    return Object.fromEntries(found!.partitions.map(({ partition, offset }) => [partition, offset]));
  });

describe('one group in the place of a group for each topic', () => {
  it('loses and doubles nothing under load, and does not begin again', async () => {
    const topics = [sampleTopic('orders', 2), sampleTopic('stock', 2)];
    await createTopics(client, topicSettings(topics), 1);
    const former = await Promise.all(topics.map(startFormer));
    const loading = new AbortController();
    let sent = 0;
    const load = (async () => {
      for (; !loading.signal.aborted; sent += 10) {
        for (const topic of topics) await send(topic, sent, 10);
        await sleep(20);
      }
    })();
    await until(async () => (await effects(topics)).former >= 200);

    // As in a rolling update: two new replicas at once, and the former members end a little later.
    const fresh = await Promise.all([startNew(topics), startNew(topics)]);
    await until(async () => (await effects(topics)).new >= 50);
    await Promise.all(former.map((consumer) => consumer.disconnect()));
    const seenByFormer = (await effects(topics)).former;
    await until(async () => (await effects(topics)).new >= 200);
    loading.abort();
    await load;
    await until(async () => (await effects(topics)).all.length >= sent * topics.length);
    await Promise.all(fresh.map((consumer) => consumer.stop()));

    const { all } = await effects(topics);
    const wanted = topics.flatMap(({ name }) => Array.from({ length: sent }, (_, n) => `${name}-${n}`));
    expect(all).toEqual(wanted.toSorted());
    expect(seenByFormer).toBeGreaterThanOrEqual(200);
    for (const { name } of topics) {
      const ends = await topicOffsets(client, name);
      expect(await offsetsOf('shop', name)).toEqual(
        Object.fromEntries(ends.map(({ partition, high }) => [partition, high])),
      );
    }
  });

  it('begins where the former group stood, and without its name at the beginning', async () => {
    const topics = [sampleTopic('moved', 2), sampleTopic('begun-again', 2)];
    await createTopics(client, topicSettings(topics), 1);
    const handled: string[] = [];
    for (const topic of topics) {
      const former = await startFormer(topic);
      await send(topic, 0, 20);
      await until(async () => (await effects([topic])).former === 20);
      await former.disconnect();
      await send(topic, 20, 5);
    }
    const subscriptions = topics.map((topic) => subscription(topic, async ({ id }) => void handled.push(id)));
    const nameOnlyMoved = (topic: string): string => (topic === 'moved' ? formerGroup(topic) : 'nobody');
    const consumer = await startNew([], { group: 'later', subscriptions, formerGroup: nameOnlyMoved });
    await until(async () => handled.length >= 30);
    await consumer.stop();
    const of = (topic: string): number => handled.filter((id) => id.startsWith(topic)).length;
    expect([of('moved'), of('begun-again')]).toEqual([5, 25]);
  });

  it('leaves a group alone that has its own offsets, and one that has members', async () => {
    const topic = sampleTopic('kept', 2);
    await createTopics(client, topicSettings([topic]), 1);
    const former = await startFormer(topic);
    await send(topic, 0, 10);
    await until(async () => (await effects([topic])).former === 10);
    await former.disconnect();
    const consumer = await startNew([topic], { group: 'own' });
    // It has begun at the former offset, and has not written one itself yet.
    await takeOverOffsets(client, 'own', [{ topic: topic.name, group: formerGroup(topic.name) }], log);
    await send(topic, 10, 10);
    await until(async () => (await effects([topic])).new === 10);
    await consumer.stop();
    const before = await offsetsOf('own', topic.name);
    await takeOverOffsets(client, 'own', [{ topic: topic.name, group: formerGroup(topic.name) }], log);
    expect(await offsetsOf('own', topic.name)).toEqual(before);
    expect(before).not.toEqual(await offsetsOf(formerGroup(topic.name), topic.name));
  });
});
