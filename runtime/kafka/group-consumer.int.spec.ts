// One member of the group reads all topics of a service: a failure in one topic does not hold up the others.
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import kafkajs from 'kafkajs';
import type { Event } from '#contracts/envelope.ts';
import type { Topic } from '#contracts/topic.ts';
import { topicSettings } from '#contracts/topics.ts';
import { freshKafka } from '../../test/fresh.ts';
import { readTopic } from '../../test/topic-reader.ts';
import { createLogger } from '../log.ts';
import { createRegistry } from '../metrics.ts';
import { createProducer, createTopics } from './client.ts';
import { type ConsumeOptions, consumeTopics, type RunningConsumer } from './consumer.ts';
import { subscription } from './subscription.ts';
import { CODECS, learnLz4 } from './test-codecs.ts';
import { kafkaGate } from './test-gate.ts';
import { type Sample, sampleRecord, sampleTopic } from './test-sample.ts';
import { changeTopics } from './topics.ts';

const { CompressionTypes } = kafkajs;
jest.setTimeout(60_000);

/** Kafka protocol guide, "API keys". */
const FIND_COORDINATOR = 10;

type Handle = (event: Event<Sample>) => Promise<void>;
const { client, drop } = freshKafka();
const running: RunningConsumer[] = [];
let count = 0;
let ill: Topic<Sample>;
let well: Topic<Sample>;
let registry = createRegistry('spec');

beforeEach(async () => {
  count += 1;
  registry = createRegistry('spec');
  ill = sampleTopic(`ill-${count}`);
  well = sampleTopic(`well-${count}`);
  await createTopics(client, topicSettings([ill, well]), 1);
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()));
});
afterAll(() => drop());

async function send(
  topic: Topic<Sample>,
  numbers: readonly number[],
  compression = CompressionTypes.None,
): Promise<void> {
  const producer = createProducer(client);
  await producer.connect();
  const messages = numbers.map((n) => sampleRecord(topic, n));
  await producer.send({ topic: client.nameOf(topic.name), acks: -1, compression, messages });
  await producer.disconnect();
}

async function consume(
  handles: Readonly<Record<'ill' | 'well', Handle>>,
  options: Partial<ConsumeOptions> = {},
): Promise<void> {
  running.push(
    await consumeTopics({
      client,
      group: `group-${count}`,
      subscriptions: [subscription(ill, handles.ill), subscription(well, handles.well)],
      log: createLogger('spec', 'silent'),
      registry,
      sessionTimeoutMs: 6_000,
      retryDelayMs: 50,
      retryDelayMsMax: 50,
      ...options,
    }),
  );
}

/** Remembers what it was given; `reached` waits until it was given so many. */
function recorder() {
  const seen: number[] = [];
  const handle: Handle = async ({ data }) => void seen.push(data.n);
  const reached = async (many: number): Promise<void> => {
    while (seen.length < many) await sleep(10);
  };
  return { seen, handle, reached };
}

/** A log that keeps why consumers have ended. */
function endsLog() {
  const ends: string[] = [];
  const log = createLogger('spec', 'silent');
  log.error = ((facts: { reason: string }, message: string): void => {
    if (message.startsWith('the consumer has ended')) ends.push(facts.reason);
  }) as typeof log.error;
  return { log, ends };
}

/** A send right after it meets a broker that has heard of the setting. */
const setTopic = (topic: string, setting: string, value: string): Promise<void> =>
  changeTopics(client, [{ topic, config: { [setting]: value } }]);

const held = async (topic: Topic<Sample>): Promise<boolean> => {
  const text = await registry.metrics();
  return new RegExp(`kafka_consumer_partition_held\\{[^}]*topic="${topic.name}"[^}]*\\} 1`).test(text);
};
const waitUntilHeld = async (topic: Topic<Sample>): Promise<void> => {
  while (!(await held(topic))) await sleep(20);
};

describe('a topic in trouble waits alone', () => {
  it('while its handler hangs, and continues after that event when the handler comes back', async () => {
    const gate = Promise.withResolvers<void>();
    const [illOne, wellOne] = [recorder(), recorder()];
    await send(ill, [1, 2]);
    await consume({
      ill: async (event) => {
        if (event.data.n === 1) await gate.promise;
        await illOne.handle(event);
      },
      well: wellOne.handle,
    });
    await waitUntilHeld(ill);
    for (const n of [1, 2, 3]) {
      await send(well, [n]);
      await wellOne.reached(n);
    }
    expect(illOne.seen).toEqual([]);
    gate.resolve();
    await illOne.reached(2);
    expect(illOne.seen).toEqual([1, 2]);
    expect(await held(ill)).toBe(false);
  });

  it('while our surroundings refuse its events, longer than a session', async () => {
    const outage = new Error('connect ECONNREFUSED');
    let isAway = true;
    const [illOne, wellOne] = [recorder(), recorder()];
    const { log, ends } = endsLog();
    await send(ill, [1]);
    await consume(
      { ill: (event) => (isAway ? Promise.reject(outage) : illOne.handle(event)), well: wellOne.handle },
      { isOutage: (error) => error === outage, log },
    );
    await waitUntilHeld(ill);
    await sleep(7_000);
    await send(well, [1]);
    await wellOne.reached(1);
    isAway = false;
    await illOne.reached(1);
    expect([illOne.seen, wellOne.seen, ends]).toEqual([[1], [1], []]);
  });

  it('while its dead letters cannot be written in any form, loses none, and continues when they can', async () => {
    await setTopic(ill.deadLetters!, 'max.message.bytes', '200');
    const [illOne, wellOne] = [recorder(), recorder()];
    const producer = createProducer(client);
    await producer.connect();
    const poison = { ...sampleRecord(ill, 1), value: 'x'.repeat(2_000) };
    await producer.send({
      topic: client.nameOf(ill.name),
      acks: -1,
      messages: [poison, sampleRecord(ill, 2)],
    });
    await producer.disconnect();
    await consume({ ill: illOne.handle, well: wellOne.handle });
    await waitUntilHeld(ill);
    await send(well, [1]);
    await wellOne.reached(1);
    expect(illOne.seen).toEqual([]);
    await setTopic(ill.deadLetters!, 'max.message.bytes', '1048576');
    await illOne.reached(1);
    const letters = await readTopic(client, ill.deadLetters!);
    // Whole, or in the form that was its turn when the limit was lifted.
    expect(letters.map(({ headers }) => String(headers?.['dlq-offset']))).toEqual(['0']);
    expect(illOne.seen).toEqual([2]);
  });
});

const reasonsOf = async (topic: Topic<Sample>): Promise<string[]> =>
  (await readTopic(client, topic.deadLetters!)).map(({ headers }) => String(headers?.['dlq-reason']));

describe('a batch of a foreign producer', () => {
  beforeAll(learnLz4);

  it('is read as any other: the broker unpacks it', async () => {
    const [illOne, wellOne] = [recorder(), recorder()];
    await send(ill, [1, 2], CODECS.lz4);
    await consume({ ill: illOne.handle, well: wellOne.handle });
    await illOne.reached(2);
    expect([illOne.seen, await reasonsOf(ill)]).toEqual([[1, 2], []]);
  });

  it('is one dead letter with all its bytes, in a topic that keeps its codec, and holds up no other record', async () => {
    await setTopic(ill.name, 'compression.type', 'producer');
    const [illOne, wellOne] = [recorder(), recorder()];
    const { log, ends } = endsLog();
    await send(ill, [1]);
    await send(ill, [2, 3], CODECS.lz4);
    await send(ill, [4]);
    await consume({ ill: illOne.handle, well: wellOne.handle }, { log });
    await illOne.reached(2);
    expect([illOne.seen, ends]).toEqual([[1, 4], []]);
    const letters = await readTopic(client, ill.deadLetters!);
    expect(letters.map(({ headers }) => String(headers?.['dlq-reason']))).toEqual(['batch-unreadable']);
    expect(String(letters[0]!.headers?.['dlq-detail'])).toMatch(
      /offset 1 to 2 cannot be read.*compression 3/,
    );
    expect(letters[0]!.value!.includes(Buffer.from('{"n":3}'))).toBe(true);
  });

  it('that would fill the memory is refused by the broker, and is a dead letter when it is in the log', async () => {
    const bomb = { ...sampleRecord(ill, 1), value: Buffer.alloc(190 * 1024 * 1024, 0x20) };
    const producer = createProducer(client, { retryCountMax: 1 });
    await producer.connect();
    const throwBomb = () =>
      producer.send({
        topic: client.nameOf(ill.name),
        acks: -1,
        compression: CompressionTypes.GZIP,
        messages: [bomb],
      });
    // As too large, or, from a broker with a small heap such as ours, as what it has no memory for.
    await expect(throwBomb()).rejects.toThrow(/larger than the max message size|unexpected error/i);
    await setTopic(ill.name, 'compression.type', 'producer');
    await throwBomb();
    await producer.disconnect();
    await send(ill, [2]);
    const [illOne, wellOne] = [recorder(), recorder()];
    const before = process.memoryUsage().rss;
    await consume({ ill: illOne.handle, well: wellOne.handle });
    await illOne.reached(1);
    expect([illOne.seen, await reasonsOf(ill)]).toEqual([[2], ['batch-unreadable']]);
    // The bomb itself is 190 MiB.
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
  });
});

describe('a dead letter that the broker refuses', () => {
  const hostile = (value: Buffer, headers: Record<string, string>) => ({
    ...sampleRecord(ill, 1),
    value,
    headers,
  });

  it.each([
    [
      'for its headers goes without them',
      { constructor: 'x', big: 'y'.repeat(200_000) },
      'z'.repeat(800_000),
      'headers',
    ],
    ['for its size goes by length and hash', {}, 'z'.repeat(1_000_000), 'headers,key,value'],
  ])('%s', async (_what, headers, value, cut) => {
    const limit = cut === 'headers' ? 900_000 : 100_000;
    await setTopic(ill.deadLetters!, 'max.message.bytes', String(limit));
    const [illOne, wellOne] = [recorder(), recorder()];
    const producer = createProducer(client);
    await producer.connect();
    const messages = [hostile(Buffer.from(value), headers), sampleRecord(ill, 2)];
    await producer.send({ topic: client.nameOf(ill.name), acks: -1, messages });
    await producer.disconnect();
    await consume({ ill: illOne.handle, well: wellOne.handle });
    await illOne.reached(1);
    const [letter] = await readTopic(client, ill.deadLetters!);
    const text = (name: string) => String(letter!.headers?.[name]);
    expect([text('dlq-cut'), text('dlq-value-bytes'), text('dlq-offset')]).toEqual([
      cut,
      String(value.length),
      '0',
    ]);
    expect(text('dlq-value-sha256')).toBe(createHash('sha256').update(value).digest('hex'));
    expect(letter!.value?.length ?? 0).toBe(cut === 'headers' ? value.length : 0);
  });

  it('has headers that are named as parts of every object', async () => {
    const [illOne, wellOne] = [recorder(), recorder()];
    const producer = createProducer(client);
    await producer.connect();
    const names = ['constructor', '__proto__', 'toString', 'hasOwnProperty'];
    const headers = Object.create(null) as Record<string, string>;
    for (const name of names) headers[name] = `of ${name}`;
    const messages = [{ ...sampleRecord(ill, 1), headers }, sampleRecord(ill, 2)];
    await producer.send({ topic: client.nameOf(ill.name), acks: -1, messages });
    await producer.disconnect();
    await consume({ ill: illOne.handle, well: wellOne.handle });
    await illOne.reached(1);
    expect([illOne.seen, await reasonsOf(ill)]).toEqual([[2], ['unknown-type']]);
  });
});

describe('two versions of a service in one group', () => {
  it('a topic that only the new one reads comes to the new one, the others to both', async () => {
    ill = sampleTopic(`both-${count}`, 4);
    await createTopics(client, topicSettings([ill]), 1);
    const seenBy = { old: new Set<number>(), new: new Set<number>() };
    const [wellOne, rest] = [recorder(), recorder()];
    const noted =
      (who: 'old' | 'new'): Handle =>
      async (event) => {
        seenBy[who].add(event.data.n);
        await rest.handle(event);
      };
    const common = {
      client,
      group: `group-${count}`,
      log: createLogger('spec', 'silent'),
      registry,
    };
    running.push(
      await consumeTopics({
        ...common,
        sessionTimeoutMs: 6_000,
        subscriptions: [subscription(ill, noted('old'))],
      }),
    );
    await consume({ ill: noted('new'), well: wellOne.handle });
    // Until the old member has given partitions to the new one.
    for (let n = 0; seenBy.old.size === 0 || seenBy.new.size === 0; n += 1) {
      await send(
        ill,
        Array.from({ length: 20 }, (_, at) => n * 20 + at),
      );
      await rest.reached((n + 1) * 20);
    }
    await send(well, [1, 2]);
    await wellOne.reached(2);
    expect(wellOne.seen).toEqual([1, 2]);
  });
});

describe('a consumer that its library gives up', () => {
  it('starts again by itself and says so meanwhile, and continues behind what it has handled', async () => {
    const gate = kafkaGate(client.nameOf, { requestTimeout: 2_000 });
    const { log, ends } = endsLog();
    const [illOne, wellOne] = [recorder(), recorder()];
    const handles = { ill: illOne.handle, well: wellOne.handle };
    await send(well, [1]);
    await consume(handles, { client: gate.client, log, sessionTimeoutMs: 3_000 });
    const consumer = running.at(-1)!;
    await wellOne.reached(1);
    gate.cutAt(FIND_COORDINATOR);
    // The group is divided anew: the first member asks for its coordinator, and is cut off instead of answered.
    await consume(handles, { sessionTimeoutMs: 3_000 });
    while (consumer.trouble() === undefined) await sleep(50);
    expect(consumer.trouble()).toMatch(
      /^no answer from the broker for \d+ s: Failed to find group coordinator$/,
    );
    expect(ends.length).toBeGreaterThan(0);
    await running.pop()!.stop();
    gate.open();
    await send(well, [2]);
    await wellOne.reached(2);
    expect([consumer.trouble(), wellOne.seen]).toEqual([undefined, [1, 2]]);
  });
});

describe('the trouble of a consumer', () => {
  it('is reported while the broker does not answer, and no longer when it does', async () => {
    const gate = kafkaGate(client.nameOf, { requestTimeout: 2_000 });
    const [illOne, wellOne] = [recorder(), recorder()];
    await consume(
      { ill: illOne.handle, well: wellOne.handle },
      { client: gate.client, sessionTimeoutMs: 3_000 },
    );
    const consumer = running.at(-1)!;
    await send(well, [1]);
    await wellOne.reached(1);
    expect(consumer.trouble()).toBeUndefined();
    gate.deafen();
    while (consumer.trouble() === undefined) await sleep(50);
    expect(consumer.trouble()).toMatch(/^no answer from the broker for \d+ s$/);
    gate.shut();
    gate.open();
    while (consumer.trouble() !== undefined) await sleep(50);
    await send(well, [2]);
    await wellOne.reached(2);
  });

  it('names the partition that has been held for long', async () => {
    const gate = Promise.withResolvers<void>();
    await send(ill, [1]);
    await consume({ ill: () => gate.promise, well: async () => {} }, { heldMsMax: 500 });
    const consumer = running.at(-1)!;
    while (consumer.trouble() === undefined) await sleep(50);
    expect(consumer.trouble()).toMatch(/^ill-\d+\/0 has been held for \d+ s$/);
    gate.resolve();
    while (consumer.trouble() !== undefined) await sleep(50);
  });
});
