import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Event } from '#contracts/envelope.ts';
import type { Topic } from '#contracts/topic.ts';
import { topicSettings } from '#contracts/topics.ts';
import { freshKafka } from '../../test/fresh.ts';
import { readTopic } from '../../test/topic-reader.ts';
import { RefusedEvent } from '../errors.ts';
import { createLogger } from '../log.ts';
import { createRegistry, type Registry } from '../metrics.ts';
import { createProducer, createTopics, withAdmin } from './client.ts';
import { type ConsumeOptions, consumeTopics, type RunningConsumer } from './consumer.ts';
import { subscription } from './subscription.ts';
import { type Sample, sampleRecord, sampleTopic } from './test-sample.ts';

jest.setTimeout(60_000);

const { client, drop } = freshKafka();
const registry = createRegistry('spec');
const running: RunningConsumer[] = [];
let topic: Topic<Sample>;
let count = 0;

beforeEach(async () => {
  count += 1;
  topic = sampleTopic(`sample-${count}`);
  await createTopics(client, topicSettings([topic]), 1);
});
afterEach(() => stopAll());
afterAll(() => drop());

const event = (n: number) => sampleRecord(topic, n);
type Message = { key: string; value: Buffer | string | null; headers: Record<string, string> };
async function send(...messages: Message[]): Promise<void> {
  const producer = createProducer(client);
  await producer.connect();
  await producer.send({ topic: client.nameOf(topic.name), acks: -1, messages });
  await producer.disconnect();
}

interface Consumed extends Partial<ConsumeOptions> {
  readonly of?: Topic<Sample>;
  readonly handle?: (event: Event<Sample>) => Promise<void>;
}

/** Starts a consumer of the one group; `seen` is what its handler was given, in order. */
async function consume({
  of = topic,
  handle = async () => {},
  ...options
}: Consumed = {}): Promise<RunningConsumer> {
  const consumer = await consumeTopics({
    client,
    subscriptions: [subscription(of, handle)],
    group: `group-${count}`,
    log: createLogger('spec', 'silent'),
    registry,
    retryDelayMs: 5,
    ...options,
  });
  running.push(consumer);
  return consumer;
}

/** A handler that remembers, and a promise of the moment it has seen so many. */
function recorder(
  until: number,
  fail: (n: number, attempt: number) => Error | false | undefined = () => undefined,
) {
  const seen: number[] = [];
  const { promise: all, resolve: reached } = Promise.withResolvers<void>();
  const handle = async ({ data: { n } }: Event<Sample>): Promise<void> => {
    seen.push(n);
    const error = fail(n, seen.filter((one) => one === n).length);
    if (error) throw error;
    if (seen.length >= until) reached();
  };
  return { seen, all, handle };
}

/** The consumer drains on stop, so afterwards its dead letters and commits are complete. */
async function stopAll(): Promise<void> {
  await Promise.all(running.splice(0).map((one) => one.stop()));
}
const committed = () =>
  withAdmin(client, async (admin) => {
    const groupId = client.nameOf(`group-${count}`);
    const [offsets] = await admin.fetchOffsets({ groupId, topics: [client.nameOf(topic.name)] });
    return offsets?.partitions[0]?.offset;
  });
const deadLetters = () => readTopic(client, topic.deadLetters!);

describe('the careful consumer', () => {
  it('hands over every event in order and commits the offset after the last', async () => {
    const { seen, all, handle } = recorder(3);
    await send(event(1), event(2), event(3));
    await consume({ handle });
    await all;
    await stopAll();
    expect(seen).toEqual([1, 2, 3]);
    expect(await committed()).toBe('3');
  });

  it('continues where its group stopped', async () => {
    const first = recorder(1);
    await send(event(1));
    await consume({ handle: first.handle });
    await first.all;
    await stopAll();
    const second = recorder(1);
    await send(event(2));
    await consume({ handle: second.handle });
    await second.all;
    expect(second.seen).toEqual([2]);
  });

  it('finishes the event that it handles when it is stopped, and commits it', async () => {
    const started = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const seen: number[] = [];
    await send(event(1), event(2));
    const consumer = await consume({
      handle: async ({ data }) => {
        started.resolve();
        await gate.promise;
        seen.push(data.n);
      },
    });
    await started.promise;
    const stopped = consumer.stop();
    gate.resolve();
    await stopped;
    running.splice(0);
    expect(seen).toEqual([1]);
    expect(await committed()).toBe('1');
  });

  it('keeps its partitions while a handler takes longer than the session', async () => {
    const seen: number[] = [];
    const done = Promise.withResolvers<void>();
    await send(event(1));
    await consume({
      sessionTimeoutMs: 6_000,
      handle: async ({ data }) => {
        await sleep(8_000);
        seen.push(data.n);
        done.resolve();
      },
    });
    await done.promise;
    await stopAll();
    expect(seen).toEqual([1]);
    expect(await committed()).toBe('1');
  });
});

describe('a record that cannot be read', () => {
  it('becomes exactly one dead letter, with the same bytes and headers, and holds up no other record', async () => {
    const value = Buffer.from([0x7b, 0xff, 0x00]);
    const poison = { ...event(2), value, headers: { ...event(2).headers, 'x-origin': 'ä' } };
    const { seen, all, handle } = recorder(2);
    await send(event(1), poison, event(3));
    await consume({ handle });
    await all;
    await stopAll();
    expect(seen).toEqual([1, 3]);
    expect(await committed()).toBe('3');
    const letters = await deadLetters();
    expect(letters).toHaveLength(1);
    expect(letters[0]?.value?.equals(value)).toBe(true);
    expect(letters[0]?.key?.toString()).toBe('k2');
    const headers = Object.entries(letters[0]?.headers ?? {}).map(([name, bytes]) => [name, String(bytes)]);
    expect(Object.fromEntries(headers)).toEqual({
      ...poison.headers,
      'dlq-reason': 'bad-utf8',
      'dlq-detail': 'the value is not UTF-8',
      'dlq-consumer': `group-${count}`,
      'dlq-topic': topic.name,
      'dlq-partition': '0',
      'dlq-offset': '1',
    });
  });

  it('has a reason: tombstone, wrong type, newer version, broken data', async () => {
    const { all, handle } = recorder(1);
    const typed = (type: string) => ({ ...event(9), headers: { ...event(9).headers, ce_type: type } });
    await send(
      { ...event(9), value: null },
      typed('shop.other.v1'),
      typed('shop.sample.v2'),
      { ...event(9), value: '{"n":"nine"}' },
      event(1),
    );
    await consume({ handle });
    await all;
    await stopAll();
    const reasons = (await deadLetters()).map(({ headers }) => String(headers?.['dlq-reason']));
    expect(reasons.toSorted()).toEqual(['bad-data', 'null-value', 'unknown-type', 'unknown-version']);
  });
});

describe('an event whose handler fails', () => {
  it('is tried again until it succeeds, before the next one, and is no dead letter', async () => {
    const { seen, all, handle } = recorder(
      4,
      (n, attempt) => n === 1 && attempt < 3 && new Error('lock timeout'),
    );
    await send(event(1), event(2));
    await consume({ handle });
    await all;
    await stopAll();
    expect(seen).toEqual([1, 1, 1, 2]);
    expect(await deadLetters()).toEqual([]);
  });

  it('becomes a dead letter after its last attempt, and the next one is handled', async () => {
    const { seen, all, handle } = recorder(4, (n) => n === 1 && new Error('no such product'));
    await send(event(1), event(2));
    await consume({ handle, attemptCountMax: 3 });
    await all;
    await stopAll();
    expect(seen).toEqual([1, 1, 1, 2]);
    const letters = await deadLetters();
    expect(letters.map(({ headers }) => String(headers?.['dlq-reason']))).toEqual(['handler-failed']);
    expect(letters.map(({ value }) => String(value))).toEqual(['{"n":1}']);
  });

  it('that is refused becomes a dead letter at once, with the reason, and the next one is handled', async () => {
    const refusal = new RefusedEvent('amount-of-another', 'order o-1 is over another amount');
    const { seen, all, handle } = recorder(2, (n) => n === 1 && refusal);
    await send(event(1), event(2));
    await consume({ handle, retryDelayMs: 60_000 });
    await all;
    await stopAll();
    expect(seen).toEqual([1, 2]);
    const [letter] = await deadLetters();
    expect([String(letter?.headers?.['dlq-reason']), String(letter?.headers?.['dlq-detail'])]).toEqual([
      'amount-of-another',
      'order o-1 is over another amount',
    ]);
  });

  it('is never a dead letter while our surroundings are away', async () => {
    const outage = new Error('connect ECONNREFUSED');
    const { seen, all, handle } = recorder(9, (_n, attempt) => attempt < 9 && outage);
    await send(event(1));
    await consume({ handle, attemptCountMax: 2, retryDelayMsMax: 20, isOutage: (error) => error === outage });
    await all;
    await stopAll();
    expect(seen).toHaveLength(9);
    expect(await deadLetters()).toEqual([]);
  });

  it('comes again after a stop in the middle of its retries', async () => {
    const { seen, all, handle } = recorder(1);
    const failing = Promise.withResolvers<void>();
    await send(event(1));
    await consume({
      retryDelayMs: 60_000,
      retryDelayMsMax: 60_000,
      handle: () => {
        failing.resolve();
        return Promise.reject(new Error('away'));
      },
    });
    await failing.promise;
    await stopAll();
    expect(await deadLetters()).toEqual([]);
    await consume({ handle });
    await all;
    expect(seen).toEqual([1]);
  });
});

describe('a consumer', () => {
  it('is refused at the start for a topic that names no dead letters', async () => {
    const { deadLetters: _none, ...without } = topic;
    await expect(consume({ of: without })).rejects.toMatchObject({ code: 'topic-without-dead-letters' });
  });

  it('counts what became of its records', async () => {
    const text = await registry.metrics();
    expect(text).toMatch(/kafka_consumer_records_total\{[^}]*outcome="handled"[^}]*\} \d+/);
    expect(text).toMatch(/kafka_consumer_dead_letters_total\{[^}]*reason="bad-utf8"[^}]*\} 1/);
    expect(text).toMatch(/kafka_consumer_lag_records\{[^}]*\} 0/);
  });

  it('shows the partitions that it has, and no longer those that another member took', async () => {
    const wide = {
      ...topic,
      name: `${topic.name}-wide`,
      deadLetters: `${topic.name}-wide.dlq`,
      partitions: 2,
    };
    await createTopics(client, topicSettings([wide]), 1);
    const registries = [createRegistry('one'), createRegistry('other')];
    const told = async (of: Registry): Promise<string[]> => {
      const lines = (await of.metrics()).matchAll(/kafka_consumer_lag_records\{[^}]*partition="(\d)"/g);
      return [...lines].map(([, partition]) => partition!).toSorted();
    };
    const sendMore = () => send(...Array.from({ length: 20 }, (_, n) => event(n)));
    topic = wide;
    await consume({ registry: registries[0]! });
    while ((await told(registries[0]!)).join() !== '0,1') await sendMore();
    await consume({ registry: registries[1]! });
    const partTheTwo = async (): Promise<boolean> => {
      const each = await Promise.all(registries.map(told));
      return each.every(({ length }) => length === 1) && each.flat().toSorted().join() === '0,1';
    };
    while (!(await partTheTwo())) await sendMore();
  });
});
