import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { Topic } from '#contracts/topic.ts';
import { topicSettings } from '#contracts/topics.ts';
import { freshKafka } from '../../test/fresh.ts';
import { readTopic } from '../../test/topic-reader.ts';
import { createLogger } from '../log.ts';
import { createRegistry } from '../metrics.ts';
import { createProducer, createTopics } from './client.ts';
import { consumeTopics } from './consumer.ts';
import { replayDeadLetters, type WaitingLetter } from './dead-letter-replay.ts';
import { subscription } from './subscription.ts';
import { type Sample, sampleRecord, sampleTopic } from './test-sample.ts';

const { client, drop } = freshKafka();
const log = createLogger('spec', 'silent');
afterAll(() => drop());

const topicOf = async (name: string): Promise<Topic<Sample>> => {
  const topic = sampleTopic(name, 2);
  await createTopics(client, topicSettings([topic]), 1);
  return topic;
};

/** Consumes until so many are handled or buried. */
async function consume(
  topic: Topic<Sample>,
  handle: (n: number) => void,
  until: () => boolean | Promise<boolean>,
) {
  const consumer = await consumeTopics({
    client,
    group: `reader-of-${topic.name}`,
    subscriptions: [subscription(topic, async ({ data }) => handle(data.n))],
    attemptCountMax: 1,
    log,
    registry: createRegistry('spec'),
  });
  while (!(await until())) await sleep(20);
  await consumer.stop();
}

async function replay(topic: Topic<Sample>, isList: boolean): Promise<[WaitingLetter, string][]> {
  const seen: [WaitingLetter, string][] = [];
  await replayDeadLetters({
    client,
    topic,
    log,
    isList,
    onLetter: (letter, outcome) => seen.push([letter, outcome]),
  });
  return seen;
}

describe('the replay of dead letters', () => {
  it('lists without a change, publishes each once as it was, and what was handled meanwhile is what was refused', async () => {
    const topic = await topicOf('replayed');
    const producer = createProducer(client);
    await producer.connect();
    const odd = {
      ...sampleRecord(topic, 1),
      headers: { ...sampleRecord(topic, 1).headers, 'x-origin': 'ä' },
    };
    const messages = [odd, ...[2, 3, 4, 5].map((n) => sampleRecord(topic, n))];
    await producer.send({ topic: client.nameOf(topic.name), acks: -1, messages });
    await producer.disconnect();
    const letters = () => readTopic(client, topic.deadLetters!);
    const refuse = (): void => {
      throw new Error('not yet');
    };
    await consume(topic, refuse, async () => (await letters()).length === 5);

    const listed = await replay(topic, true);
    expect(listed.map(([, outcome]) => outcome)).toEqual(Array.from({ length: 5 }, () => 'listed'));
    expect(listed[0]![0]).toMatchObject({
      reason: 'handler-failed',
      detail: 'not yet',
      consumer: 'reader-of-replayed',
      isWhole: true,
    });
    expect(await replay(topic, true)).toHaveLength(5);

    expect((await replay(topic, false)).map(([, outcome]) => outcome)).toEqual(
      Array.from({ length: 5 }, () => 'replayed'),
    );
    expect(await replay(topic, false)).toEqual([]);
    expect(await replay(topic, true)).toEqual([]);

    const handled: number[] = [];
    await consume(
      topic,
      (n) => handled.push(n),
      () => handled.length >= 5,
    );
    expect(handled.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5]);
    const again = (await readTopic(client, topic.name)).filter(({ key }) => String(key) === 'k1');
    const plain = again.map(({ value, headers }) => [
      String(value),
      Object.fromEntries(Object.entries(headers!).map(([name, bytes]) => [name, String(bytes)])),
    ]);
    expect(plain).toEqual([
      [odd.value, odd.headers],
      [odd.value, odd.headers],
    ]);
  });

  it('leaves what was kept in part only, and does not show it again', async () => {
    const topic = await topicOf('in-part');
    const producer = createProducer(client);
    await producer.connect();
    await producer.send({
      topic: client.nameOf(topic.deadLetters!),
      acks: -1,
      messages: [
        { key: 'k', value: null, headers: { 'dlq-reason': 'bad-json', 'dlq-cut': 'headers,key,value' } },
      ],
    });
    await producer.disconnect();
    expect((await replay(topic, false)).map(([letter, outcome]) => [letter.isWhole, outcome])).toEqual([
      [false, 'left'],
    ]);
    expect(await replay(topic, false)).toEqual([]);
    expect(await readTopic(client, topic.name)).toEqual([]);
  });
});
