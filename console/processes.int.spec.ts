// What flows, by the offsets of a real broker: also of a reader that is dead.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cartService, orderService, productService } from '#contracts/shop-processes.ts';
import { productChanged } from '#contracts/shop-topics.ts';
import { topicSettings } from '#contracts/topics.ts';
import { createProducer, createTopics, withAdmin } from '#runtime/kafka/client.ts';
import { createPositions } from '#runtime/kafka/positions.ts';
import { createLogger } from '#runtime/log.ts';
import { freshKafka } from '../test/fresh.ts';
import { createProcessesLook } from './processes.ts';

const log = createLogger('spec', 'silent');
const { client, drop } = freshKafka();
const PROCESSES = [
  { ...productService, consumes: [], publishes: [productChanged] },
  { ...cartService, consumes: [productChanged] },
  { ...orderService, consumes: [productChanged], publishes: [] },
];
const positions = createPositions(client);

beforeAll(async () => {
  await createTopics(client, topicSettings([productChanged]), 1);
});
afterAll(async () => {
  await positions.rest();
  await drop();
});

/** Looks again at each call, at moments that the spec names. */
function watch() {
  let atMs = 0;
  const look = createProcessesLook({
    positions,
    addresses: new Map(),
    log,
    processes: PROCESSES,
    now: () => atMs,
    freshMs: 0,
  });
  return (at: number) => {
    atMs = at;
    return look();
  };
}

async function publish(count: number): Promise<void> {
  const producer = createProducer(client);
  await producer.connect();
  const messages = Array.from({ length: count }, (_, n) => ({ key: `p${n}`, value: 'x' }));
  await producer.send({ topic: client.nameOf(productChanged.name), acks: -1, messages });
  await producer.disconnect();
}

/** As a reader does that has finished everything. */
const finishAll = (group: string) =>
  withAdmin(client, async (admin) => {
    const topic = client.nameOf(productChanged.name);
    const ends = await admin.fetchTopicOffsets(topic);
    const partitions = ends.map(({ partition, high }) => ({ partition, offset: high }));
    await admin.setOffsets({ groupId: client.nameOf(group), topic, partitions });
  });

describe('what flows', () => {
  it('is what each reader finishes, and what it has left, also of one that never lived', async () => {
    const look = watch();
    await publish(20);
    await finishAll('cart');
    const first = await look(0);
    expect(first.isBrokerThere).toBe(true);
    const flow = { topic: productChanged.name, from: 'product' };
    expect(first.flows).toEqual([
      { ...flow, to: 'cart', eventsPerS: null, lag: 0 },
      { ...flow, to: 'order', eventsPerS: null, lag: 20 },
    ]);
    await publish(40);
    await finishAll('cart');
    expect((await look(10_000)).flows).toEqual([
      { ...flow, to: 'cart', eventsPerS: 4, lag: 0 },
      { ...flow, to: 'order', eventsPerS: 0, lag: 60 },
    ]);
  });

  it('is read by who is in a group, which the broker knows also of a process without an address', async () => {
    expect(await positions.members(['cart', 'order'])).toEqual(
      new Map([
        ['cart', 0],
        ['order', 0],
      ]),
    );
    const reader = client.kafka.consumer({ groupId: client.nameOf('cart') });
    const joined = new Promise((resolve) => reader.on(reader.events.GROUP_JOIN, resolve));
    try {
      await reader.connect();
      await reader.subscribe({ topic: client.nameOf(productChanged.name) });
      await reader.run({ eachMessage: async () => {} });
      await joined;
      expect(await positions.members(['cart', 'order'])).toEqual(
        new Map([
          ['cart', 1],
          ['order', 0],
        ]),
      );
    } finally {
      await reader.disconnect();
    }
  });
});
