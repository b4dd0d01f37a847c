import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { encodeEvent } from '#contracts/envelope.ts';
import { orderConfirmed, orderPlaced, SHOP_TOPICS } from '#contracts/shop-topics.ts';
import { topicSettings } from '#contracts/topics.ts';
import { createProducer, createTopics, type Producer, publish } from '#runtime/kafka/client.ts';
import { createLogger } from '#runtime/log.ts';
import { freshKafka } from '../test/fresh.ts';
import { createOrderEvents, type OrderEvents } from './order-events.ts';

const log = createLogger('spec', 'silent');
const TOTAL = { amountMinor: 100, currency: 'EUR' };

let kafka: ReturnType<typeof freshKafka>;
let producer: Producer;
let events: OrderEvents;
beforeEach(async () => {
  kafka = freshKafka();
  await createTopics(kafka.client, topicSettings(SHOP_TOPICS), 1);
  producer = createProducer(kafka.client);
  await producer.connect();
});
afterEach(async () => {
  await events.stop();
  await producer.disconnect();
  await kafka.drop();
});

const at = (second: number) => ({ source: '/spec', time: `2026-11-29T08:00:0${second}.000Z` });
const place = (orderId: string, second: number, id = `${orderId}/placed`) =>
  publish(kafka.client, producer, orderPlaced.name, [
    encodeEvent(orderPlaced.event, orderId, {
      id,
      ...at(second),
      data: {
        orderId,
        userId: 'ada',
        lines: [{ productId: 'tea', quantity: 1, unitPriceMinor: 100 }],
        total: TOTAL,
      },
    }),
  ]);
const confirm = (orderId: string, second: number) =>
  publish(kafka.client, producer, orderConfirmed.name, [
    encodeEvent(orderConfirmed.event, orderId, {
      id: `${orderId}/confirmed`,
      ...at(second),
      data: { orderId, userId: 'ada', paymentId: 'p', total: TOTAL },
    }),
  ]);

describe('the events of an order', () => {
  it('is there at the first request, the newest order first, also from before the start', async () => {
    await place('a-1', 1);
    await confirm('a-1', 2);
    await place('b-1', 3);
    events = createOrderEvents(kafka.client, log);
    expect(events.isReading()).toBe(false);
    const { orders, isComplete } = await events.list();
    expect(orders.map(({ orderId, last }) => [orderId, last.topic])).toEqual([
      ['b-1', 'order.placed'],
      ['a-1', 'order.confirmed'],
    ]);
    expect([isComplete, events.isReading()]).toEqual([true, true]);
    expect((await events.list('a')).orders.map(({ orderId }) => orderId)).toEqual(['a-1']);
    expect((await events.of('a-1')).map(({ topic }) => topic)).toEqual(['order.placed', 'order.confirmed']);
    expect(await events.of('c-1')).toEqual([]);
  });

  it('grows by the events that come', async () => {
    await place('a-1', 1);
    events = createOrderEvents(kafka.client, log);
    await events.list();
    await confirm('a-1', 2);
    while ((await events.of('a-1')).length < 2) await sleep(50);
    expect((await events.list()).orders[0]!.last.topic).toBe('order.confirmed');
  });

  it('is empty, and complete, where there is no event yet', async () => {
    events = createOrderEvents(kafka.client, log);
    expect(await events.list()).toEqual({ orders: [], isComplete: true });
  });

  it('is of each partition the newest alone', async () => {
    for (let count = 1; count <= 5; count += 1) await place('a-1', count, `told-${count}`);
    events = createOrderEvents(kafka.client, log, 2);
    await events.list();
    await confirm('a-1', 9);
    const known = async () => (await events.of('a-1')).map(({ eventId }) => eventId);
    while (!(await known()).includes('a-1/confirmed')) await sleep(50);
    expect(await known()).toEqual(['told-4', 'told-5', 'a-1/confirmed']);
  });
});
