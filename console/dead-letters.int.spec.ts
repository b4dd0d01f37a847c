// A poisoned record on a real broker, as the platform page sees it: it appears with its reason, and after a replay it is gone, or back.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { encodeEvent } from '#contracts/envelope.ts';
import { userRegistered } from '#contracts/shop-topics.ts';
import { topicSettings } from '#contracts/topics.ts';
import { createProducer, createTopics, type Message } from '#runtime/kafka/client.ts';
import { consumeTopics } from '#runtime/kafka/consumer.ts';
import { createPositions } from '#runtime/kafka/positions.ts';
import { subscription } from '#runtime/kafka/subscription.ts';
import { createLogger } from '#runtime/log.ts';
import { createRegistry } from '#runtime/metrics.ts';
import { freshKafka } from '../test/fresh.ts';
import { readTopic } from '../test/topic-reader.ts';
import { createDeadLettersLook } from './dead-letters.ts';
import { createReplays } from './replays.ts';

const { client, drop } = freshKafka();
const log = createLogger('spec', 'silent');
const positions = createPositions(client);
const TOPIC = userRegistered;
const USER = '0198c1b2-7f54-7cc3-98c4-dc0c0c07398f';
const SECRET = 'ann@mail.example';

beforeAll(async () => {
  await createTopics(client, topicSettings([TOPIC]), 1);
});
afterAll(async () => {
  await positions.rest();
  await drop();
});

/** A look that has seen nothing before. */
const look = () => createDeadLettersLook({ client, positions, log, topics: [TOPIC] })();
const waiting = async () => (await look()).topics;
const envelope = encodeEvent(TOPIC.event, USER, {
  id: 'e-1',
  source: '/spec',
  time: '2026-11-24T08:14:00Z',
  data: { userId: USER, registeredAt: '2026-11-24T08:14:00Z' } as never,
});

async function send(...messages: Message[]): Promise<void> {
  const producer = createProducer(client);
  await producer.connect();
  await producer.send({ topic: client.nameOf(TOPIC.name), acks: -1, messages });
  await producer.disconnect();
}

/** Consumes as a service does until so many letters lie there. */
async function consumeUntil(letters: number, handle: () => void = () => {}): Promise<void> {
  const consumer = await consumeTopics({
    client,
    group: 'notification',
    subscriptions: [subscription(TOPIC, async () => handle())],
    attemptCountMax: 1,
    log,
    registry: createRegistry('spec'),
  });
  while ((await readTopic(client, TOPIC.deadLetters!)).length < letters) await sleep(20);
  await consumer.stop();
}

describe('dead letters on a broker', () => {
  it('are none at first', async () => {
    expect(await look()).toMatchObject({ topics: [{ topic: TOPIC.name, waiting: 0 }], letters: [] });
  });

  it('appear with their reason, where they lie, and nothing of what stands in them', async () => {
    await send(
      { ...envelope, value: JSON.stringify({ userId: 17, email: SECRET, [SECRET]: SECRET }) },
      { ...envelope, key: SECRET, value: `{"email":"${SECRET}` },
    );
    await consumeUntil(2);
    const { topics, letters } = await look();
    expect(topics).toEqual([{ topic: TOPIC.name, waiting: 2 }]);
    expect(letters.map(({ reason }) => reason).toSorted()).toEqual(['bad-data', 'bad-json']);
    expect(letters.find(({ reason }) => reason === 'bad-data')).toMatchObject({
      topic: TOPIC.name,
      consumer: 'notification',
      origin: expect.stringMatching(/^user\.registered \d\/0$/),
      key: USER,
      fields: ['userId'],
      unknownFieldCount: 2,
      isWhole: true,
      at: expect.stringMatching(/^20/),
    });
    expect(JSON.stringify(letters)).not.toContain('mail.example');
  });

  it('are not changed by looking', async () => {
    expect(await waiting()).toEqual(await waiting());
  });

  it('are gone after a replay, and back with a new place where they are refused again', async () => {
    const replays = createReplays(client, log);
    await replays.start(TOPIC).ended;
    expect(replays.latest()).toMatchObject({ replayed: 2, left: 0, hasFailed: false });
    expect(await waiting()).toEqual([{ topic: TOPIC.name, waiting: 0 }]);
    expect((await look()).letters).toEqual([]);

    await consumeUntil(4);
    const { letters } = await look();
    expect(letters).toHaveLength(2);
    expect(letters.map(({ origin }) => origin)).not.toContain(expect.stringMatching(/\/0$/));
  });

  it('are the newest of a partition where there are more than anybody reads', async () => {
    await createReplays(client, log).start(TOPIC).ended;
    const many = Array.from({ length: 250 }, () => ({ ...envelope, value: 'x' }));
    await send(...many);
    await consumeUntil(254 + 2);
    const { topics, letters } = await look();
    expect(topics[0]!.waiting).toBeGreaterThan(letters.length);
    expect(letters.length).toBeGreaterThanOrEqual(60);
    const last = (await readTopic(client, TOPIC.deadLetters!)).findLast(
      ({ value }) => String(value) === 'x',
    )!;
    expect(letters.map(({ partition, offset }) => `${partition}/${offset}`)).toContain(
      `${last.partition}/${last.offset}`,
    );
  });
});
