// kafkajs 2.2.4 against a real Kafka 4.x broker: what we rely on. Surprises stand in docs/gotchas.md.
import { randomBytes } from 'node:crypto';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import kafkajs from 'kafkajs';
import type { TopicSettings } from '#contracts/topics.ts';
import { freshKafka } from '../../test/fresh.ts';
import { readTopic, settled } from '../../test/topic-reader.ts';
import {
  type Consumer,
  createProducer,
  createTopics,
  type Message,
  type Producer,
  publish,
  topicOffsets,
  withAdmin,
} from './client.ts';

const { CompressionTypes, ConfigResourceTypes } = kafkajs;
jest.setTimeout(60_000);

const { client, drop } = freshKafka();
const disconnects: (() => Promise<void>)[] = [];
afterAll(async () => {
  await Promise.all(disconnects.map((disconnect) => disconnect()));
  await drop();
});

let topicCount = 0;
async function freshTopic(partitions = 1, config: Record<string, string> = {}): Promise<string> {
  topicCount += 1;
  const settings: TopicSettings = { topic: `smoke-${topicCount}`, partitions, config };
  await createTopics(client, [settings], 1);
  return settings.topic;
}

async function openProducer(transactionalId?: string): Promise<Producer> {
  const producer = createProducer(client, transactionalId ? { transactionalId } : {});
  await producer.connect();
  disconnects.push(() => producer.disconnect());
  return producer;
}
const sendTo = async (topic: string, messages: Message[]) =>
  (await openProducer()).send({ topic: client.nameOf(topic), acks: -1, messages });
const valuesOf = async (topic: string, options = {}) =>
  (await readTopic(client, topic, options)).map(({ value }) => String(value));

/** The client, with an admin whose first answers are these errors; kafkajs gives its own up like that. */
function answeringFirst(types: string[]): typeof client {
  const admin = () => {
    const real = client.kafka.admin();
    const type = types.shift();
    if (!type) return real;
    return { ...real, fetchTopicOffsets: () => Promise.reject(Object.assign(new Error(type), { type })) };
  };
  return { ...client, kafka: { admin } as unknown as typeof client.kafka };
}

/** The client, with an admin that names the partitions last first, as kafkajs does when that leader answers sooner. */
function answeringBackwards(): typeof client {
  const admin = () => {
    const real = client.kafka.admin();
    return {
      ...real,
      fetchTopicOffsets: async (topic: string) =>
        (await real.fetchTopicOffsets(topic)).sort((a, b) => b.partition - a.partition),
    };
  };
  return { ...client, kafka: { admin } as unknown as typeof client.kafka };
}

describe('the offsets of a topic', () => {
  it('stand in the order of the partitions, whichever leader answers first', async () => {
    const topic = await freshTopic(3);
    const offsets = await topicOffsets(answeringBackwards(), topic);
    expect(offsets.map(({ partition }) => partition)).toEqual([0, 1, 2]);
  });

  it('are asked for again while a leader moves, and no other error is hidden', async () => {
    const topic = await freshTopic(2);
    const moving = answeringFirst(['LEADER_NOT_AVAILABLE', 'NOT_LEADER_FOR_PARTITION']);
    expect(await topicOffsets(moving, topic)).toEqual(
      [0, 1].map((partition) => expect.objectContaining({ partition, low: '0', high: '0' })),
    );
    const forbidden = answeringFirst(['TOPIC_AUTHORIZATION_FAILED']);
    await expect(topicOffsets(forbidden, topic)).rejects.toThrow('TOPIC_AUTHORIZATION_FAILED');
  });
});

describe('the admin client', () => {
  it('reads the cluster: its brokers and its controller', async () => {
    const { brokers, controller } = await withAdmin(client, (admin) => admin.describeCluster());
    expect(brokers.length).toBeGreaterThan(0);
    expect(brokers.map(({ nodeId }) => nodeId)).toContain(controller);
  });

  it('creates topics with their partitions and settings, and leaves those that are there', async () => {
    const config = { 'cleanup.policy': 'compact', 'message.timestamp.type': 'LogAppendTime' };
    const settings = [{ topic: 'created', partitions: 3, config }];
    expect(await createTopics(client, settings, 1)).toEqual(['created']);
    expect(await createTopics(client, settings, 1)).toEqual([]);
    const name = client.nameOf('created');
    const { topics } = await withAdmin(client, (admin) => admin.fetchTopicMetadata({ topics: [name] }));
    expect(topics[0]?.partitions).toHaveLength(3);
    const { resources } = await withAdmin(client, (admin) =>
      admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: ConfigResourceTypes.TOPIC, name, configNames: Object.keys(config) }],
      }),
    );
    const entries = resources[0]?.configEntries.map(({ configName, configValue }) => [
      configName,
      configValue,
    ]);
    expect(Object.fromEntries(entries ?? [])).toEqual(config);
  });

  it('creates topics that several processes ask for at once', async () => {
    const settings = [{ topic: 'raced', partitions: 1, config: {} }];
    await Promise.all([1, 2, 3].map(() => createTopics(client, settings, 1)));
    const names = await withAdmin(client, (admin) => admin.listTopics());
    expect(names).toContain(client.nameOf('raced'));
  });
});

describe('the idempotent producer', () => {
  it('delivers every record once, in the order of its partition', async () => {
    const topic = await freshTopic();
    const producer = await openProducer();
    const sent = Array.from({ length: 500 }, (_, n) => String(n));
    for (let from = 0; from < sent.length; from += 50) {
      const records = sent.slice(from, from + 50).map((value) => ({ key: 'k', value, headers: {} }));
      await publish(client, producer, topic, records);
    }
    expect(await valuesOf(topic)).toEqual(sent);
  });

  it('puts equal keys into one partition', async () => {
    const topic = await freshTopic(6);
    const keys = Array.from({ length: 60 }, (_, n) => `product-${n % 10}`);
    await sendTo(
      topic,
      keys.map((key) => ({ key, value: key })),
    );
    const places = new Map<string, Set<number>>();
    for (const { key, partition } of await readTopic(client, topic))
      places.set(String(key), (places.get(String(key)) ?? new Set()).add(partition));
    expect([...places.values()].map((partitions) => partitions.size)).toEqual(Array(10).fill(1));
  });

  it('puts equal keys into one partition, however long they are', async () => {
    const topic = await freshTopic(6);
    // 1,024 bytes are hashed as everywhere, one more is not.
    const keys = ['x', 'y', 'z'].flatMap((letter) =>
      [1_024, 1_025, 100_000].map((bytes) => letter.repeat(bytes)),
    );
    await sendTo(
      topic,
      [...keys, ...keys].map((key) => ({ key, value: 'v' })),
    );
    const places = Map.groupBy(await readTopic(client, topic), ({ key }) => String(key));
    expect([...places.keys()].toSorted()).toEqual(keys.toSorted());
    for (const records of places.values()) {
      expect(records).toHaveLength(2);
      expect(records[0]!.partition).toBe(records[1]!.partition);
    }
  });

  it('carries bytes, tombstones and records without a key as they are', async () => {
    const topic = await freshTopic();
    const bytes = randomBytes(64);
    await sendTo(topic, [{ key: bytes, value: bytes }, { key: 'k', value: null }, { value: 'no key' }]);
    const [first, second, third] = await readTopic(client, topic);
    expect(first?.key?.equals(bytes) && first.value?.equals(bytes)).toBe(true);
    expect(second?.value).toBeNull();
    expect(third?.key).toBeNull();
  });

  it('carries headers: bytes, umlauts, empty ones and repeated names', async () => {
    const topic = await freshTopic();
    const bytes = randomBytes(16);
    await sendTo(topic, [{ value: 'v', headers: { bytes, umlaut: 'ä', empty: '', twice: ['a', 'b'] } }]);
    const [record] = await readTopic(client, topic);
    expect(record?.headers).toEqual({
      bytes,
      umlaut: Buffer.from('ä'),
      empty: Buffer.alloc(0),
      twice: [Buffer.from('a'), Buffer.from('b')],
    });
  });

  it('sends a large record, and fails with the reason when one is too large', async () => {
    const topic = await freshTopic(1, { 'max.message.bytes': '1048588' });
    const large = randomBytes(1_040_000);
    await sendTo(topic, [{ value: large }]);
    await expect(sendTo(topic, [{ value: randomBytes(1_100_000) }])).rejects.toThrow(/larger than the max/i);
    const records = await readTopic(client, topic);
    expect(records.map(({ value }) => value?.equals(large))).toEqual([true]);
  });

  it('compresses by gzip, and the reader does not notice', async () => {
    const topic = await freshTopic();
    const producer = await openProducer();
    const messages = Array.from({ length: 100 }, (_, n) => ({ value: `text ${n} `.repeat(20) }));
    await producer.send({
      topic: client.nameOf(topic),
      acks: -1,
      compression: CompressionTypes.GZIP,
      messages,
    });
    expect(await valuesOf(topic)).toEqual(messages.map(({ value }) => value));
  });

  it('cannot set the time of a record where the broker stamps it', async () => {
    const topic = await freshTopic(1, { 'message.timestamp.type': 'LogAppendTime' });
    await sendTo(topic, [{ value: 'v', timestamp: '1000' }]);
    const [record] = await readTopic(client, topic);
    expect(Number(record?.timestamp)).toBeGreaterThan(Date.UTC(2020, 0));
  });

  it('is refused by a topic that does not exist', async () => {
    // Without idempotence: an idempotent producer waits for the topic for ever.
    const producer = client.kafka.producer({ allowAutoTopicCreation: false, retry: { retries: 1 } });
    await producer.connect();
    disconnects.push(() => producer.disconnect());
    const sending = producer.send({ topic: client.nameOf('nowhere'), messages: [{ value: 'v' }] });
    await expect(sending).rejects.toThrow(/does not host this topic-partition/);
  });
});

describe('transactions', () => {
  it('show what was committed and never what was aborted', async () => {
    const topic = await freshTopic();
    const producer = await openProducer('writer-1');
    for (const [value, outcome] of [
      ['first', 'commit'],
      ['refused', 'abort'],
      ['second', 'commit'],
      ['refused too', 'abort'],
    ] as const) {
      const transaction = await producer.transaction();
      await transaction.send({ topic: client.nameOf(topic), acks: -1, messages: [{ value }] });
      await transaction[outcome]();
    }
    await settled(client, topic, '8');
    expect(await valuesOf(topic)).toEqual(['first', 'second']);
    // The negative control: the aborted records are in the log.
    expect(await valuesOf(topic, { readUncommitted: true })).toEqual([
      'first',
      'refused',
      'second',
      'refused too',
    ]);
  });

  it('leave legal gaps in the offsets: a marker takes one', async () => {
    const topic = await freshTopic();
    const producer = await openProducer('writer-2');
    for (const value of ['a', 'b']) {
      const transaction = await producer.transaction();
      await transaction.send({ topic: client.nameOf(topic), acks: -1, messages: [{ value }] });
      await transaction.commit();
    }
    await settled(client, topic, '4');
    expect((await readTopic(client, topic)).map(({ offset }) => offset)).toEqual(['0', '2']);
  });

  it('span topics, and a consumer group moves with them', async () => {
    const [left, right] = [await freshTopic(), await freshTopic()];
    const producer = await openProducer('writer-3');
    const transaction = await producer.transaction();
    for (const topic of [left, right])
      await transaction.send({ topic: client.nameOf(topic), acks: -1, messages: [{ value: topic }] });
    const groupId = client.nameOf('moved');
    const topics = [{ topic: client.nameOf(left), partitions: [{ partition: 0, offset: '7' }] }];
    await transaction.sendOffsets({ consumerGroupId: groupId, topics });
    await transaction.commit();
    await Promise.all([settled(client, left, '2'), settled(client, right, '2')]);
    expect([await valuesOf(left), await valuesOf(right)]).toEqual([[left], [right]]);
    const moved = await withAdmin(client, (admin) =>
      admin.fetchOffsets({ groupId, topics: [client.nameOf(left)] }),
    );
    expect(moved[0]?.partitions[0]?.offset).toBe('7');
  });

  it('of a producer that was replaced are refused', async () => {
    const topic = await freshTopic();
    const zombie = await openProducer('writer-4');
    const begun = await zombie.transaction();
    await begun.send({ topic: client.nameOf(topic), acks: -1, messages: [{ value: 'zombie' }] });
    const heir = await openProducer('writer-4');
    const transaction = await heir.transaction();
    await transaction.send({ topic: client.nameOf(topic), acks: -1, messages: [{ value: 'heir' }] });
    await transaction.commit();
    await expect(begun.commit()).rejects.toThrow();
    await settled(client, topic, '4');
    expect(await valuesOf(topic)).toEqual(['heir']);
  });
});

describe('a consumer group', () => {
  type Member = { consumer: Consumer; partitions: () => number[]; joined: (size: number) => Promise<void> };

  /** A member, its present partitions, and a promise of the moment it has so many. */
  async function join(topic: string, groupId: string, onMessage = (_value: string) => {}): Promise<Member> {
    // A member beats only between its fetches: long ones would make every rebalance wait.
    const timing = { sessionTimeout: 10_000, heartbeatInterval: 300, maxWaitTimeInMs: 300 };
    const consumer = client.kafka.consumer({ groupId, ...timing });
    let assigned: number[] = [];
    const waiting: (() => void)[] = [];
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      assigned = (payload.memberAssignment[client.nameOf(topic)] ?? []).toSorted((a, b) => a - b);
      for (const wake of waiting.splice(0)) wake();
    });
    const joined = async (size: number): Promise<void> => {
      while (assigned.length !== size) await new Promise<void>((wake) => waiting.push(wake));
    };
    await consumer.connect();
    disconnects.push(() => consumer.disconnect());
    await consumer.subscribe({ topics: [client.nameOf(topic)], fromBeginning: true });
    await consumer.run({ eachMessage: async ({ message }) => onMessage(String(message.value)) });
    return { consumer, partitions: () => assigned, joined };
  }

  it('shares the partitions among its members, and gives those of one that leaves to the other', async () => {
    const topic = await freshTopic(4);
    const groupId = client.nameOf('shared');
    const first = await join(topic, groupId);
    await first.joined(4);
    const second = await join(topic, groupId);
    await Promise.all([first.joined(2), second.joined(2)]);
    expect(new Set([...first.partitions(), ...second.partitions()])).toEqual(new Set([0, 1, 2, 3]));
    await second.consumer.disconnect();
    await first.joined(4);
    expect(first.partitions()).toEqual([0, 1, 2, 3]);
  });

  it('is continued by another member at the committed offsets', async () => {
    const topic = await freshTopic();
    const groupId = client.nameOf('resumed');
    const readOne = async (): Promise<string> => {
      const seen = Promise.withResolvers<string>();
      const member = await join(topic, groupId, seen.resolve);
      const result = await seen.promise;
      await member.consumer.disconnect();
      return result;
    };
    await sendTo(topic, [{ value: 'first' }]);
    expect(await readOne()).toBe('first');
    await sendTo(topic, [{ value: 'second' }]);
    expect(await readOne()).toBe('second');
  });

  it('is described by the broker with its state and members', async () => {
    const topic = await freshTopic();
    const groupId = client.nameOf('described');
    await (await join(topic, groupId)).joined(1);
    const { groups } = await withAdmin(client, (admin) => admin.describeGroups([groupId]));
    expect(groups.map(({ state, members }) => [state, members.length])).toEqual([['Stable', 1]]);
  });
});
