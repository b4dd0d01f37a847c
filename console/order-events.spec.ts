import { beforeEach, describe, expect, it } from '@jest/globals';
import { encodeEvent } from '#contracts/envelope.ts';
import { orderPlaced, paymentFailed } from '#contracts/shop-topics.ts';
import type { Topic } from '#contracts/topic.ts';
import type { OrderEvent } from './answers.ts';
import { keepEvent } from './order-events.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
let orders: Map<string, OrderEvent[]>;
beforeEach(() => {
  orders = new Map();
});

const placed = (orderId: string) => ({
  orderId,
  userId: 'ada-1',
  lines: [{ productId: 'tea', quantity: 1, unitPriceMinor: 100 }],
  total: { amountMinor: 100, currency: 'EUR' },
});
/** A record as Kafka gives it. */
function record<Data>({ event }: Topic<Data>, key: string, offset: string, data: Data) {
  const traceparent = `00-${TRACE}-b7ad6b7169203331-01`;
  const about = { id: `id-${offset}`, source: '/spec', time: '2026-11-29T08:00:00.000Z', traceparent, data };
  const { value, headers } = encodeEvent(event, key, about);
  return { key: Buffer.from(key), value: Buffer.from(value), headers, offset };
}
const keepPlaced = (orderId: string, offset: string) =>
  keepEvent(orders, 'order.placed', 1, record(orderPlaced, orderId, offset, placed(orderId)));

describe('an event of an order', () => {
  it('is known by its topic, publisher, time, place and trace, and by nothing of who ordered what', () => {
    keepPlaced('o-1', '7');
    expect(orders.get('o-1')).toEqual([
      {
        topic: 'order.placed',
        service: 'order',
        at: '2026-11-29T08:00:00.000Z',
        place: '1/7',
        eventId: 'id-7',
        traceId: TRACE,
      },
    ]);
    expect(JSON.stringify([...orders])).not.toMatch(/ada-1|tea|100|EUR/);
  });

  it('has the reason, where the event has one', () => {
    const failed = { paymentId: 'p-1', orderId: 'o-1', userId: 'ada-1', reason: 'declined' } as const;
    keepEvent(orders, 'payment.failed', 0, record(paymentFailed, 'o-1', '3', failed));
    expect(orders.get('o-1')).toMatchObject([{ service: 'payment', reason: 'declined' }]);
  });

  it('is kept once, however often it is read', () => {
    keepPlaced('o-1', '7');
    keepPlaced('o-1', '7');
    keepPlaced('o-1', '8');
    expect(orders.get('o-1')!.map(({ place }) => place)).toEqual(['1/7', '1/8']);
  });
});

describe('what is kept of the topics', () => {
  it('is no record that is no event of its topic, or that is about another order', () => {
    const good = record(orderPlaced, 'o-1', '1', placed('o-1'));
    for (const bad of [
      { ...good, value: null },
      { ...good, value: Buffer.from('{') },
      { ...good, headers: {} },
      { ...good, headers: { ...good.headers, ce_type: 'shop.nothing.v1' } },
      { ...good, key: Buffer.from('o-2') },
      { ...good, key: null },
    ])
      keepEvent(orders, 'order.placed', 0, bad);
    keepEvent(orders, 'user.registered', 0, good);
    keepEvent(orders, 'constructor', 0, good);
    expect(orders.size).toBe(0);
  });

  it('has an end: the oldest orders make room, and no order has more than fifty records', () => {
    for (let at = 0; at < 2_100; at += 1) keepPlaced(`o-${at}`, String(at));
    expect(orders.size).toBe(2_000);
    expect([orders.has('o-0'), orders.has('o-99'), orders.has('o-100')]).toEqual([false, false, true]);
    for (let at = 0; at < 60; at += 1) keepPlaced('o-500', String(10_000 + at));
    expect(orders.get('o-500')).toHaveLength(50);
  });
});
