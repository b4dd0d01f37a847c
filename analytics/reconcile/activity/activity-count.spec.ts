import { describe, expect, it } from '@jest/globals';
import { encodeEvent } from '#contracts/envelope.ts';
import { orderPlaced, paymentRefunded, paymentSucceeded, userRegistered } from '#contracts/shop-topics.ts';
import type { Topic } from '#contracts/topic.ts';
import type { PlainRecord } from '../plain-event.ts';
import { ActivityCount } from './activity-count.ts';
import { documentIdOf, PLAIN_TOPICS } from './plain-activity.ts';

const AT_MS = Date.UTC(2026, 10, 24, 23, 59, 59, 999);
const AMOUNT = { amountMinor: 700, currency: 'JPY' };
const PAYMENT = { paymentId: 'pay', orderId: 'o1', userId: 'u1', amount: AMOUNT };

let offsets = 0;
function recordOf<Data>(topic: Topic<Data>, data: Data, id = 'e', timeMs = AT_MS): PlainRecord {
  const time = new Date(timeMs).toISOString();
  const { value, headers } = encodeEvent(topic.event, 'k', { id, source: '/s', time, data });
  offsets += 1;
  return { offset: offsets, timestampMs: timeMs, value: Buffer.from(value), headers };
}

function countOf(topic: Topic<unknown>, records: readonly PlainRecord[], seenIdsMax = 10): ActivityCount {
  const count = new ActivityCount(PLAIN_TOPICS.find((one) => one.topic === topic)!, seenIdsMax);
  for (const record of records) count.add(record);
  return count;
}

describe('the plain count of activity', () => {
  it('knows every kind that documents can have, by the name of its topic', () => {
    expect(PLAIN_TOPICS.map(({ kind }) => kind)).toEqual([
      'user-registered',
      'order-placed',
      'order-confirmed',
      'order-cancelled',
      'payment-succeeded',
      'payment-failed',
      'payment-refunded',
    ]);
  });

  it('names documents as the contract says', () => {
    expect(documentIdOf('payment-succeeded', '/services/payment', 'o1/succeeded')).toBe(
      'W-k7NKnjJBGUzTk4lwvnWuM19wQ8Yx55VWKHc4wOikI',
    );
  });

  it('says of a document what the event says', () => {
    const lines = [{ productId: 'p', quantity: 1, unitPriceMinor: 700 }];
    const data = { orderId: 'o1', userId: 'u1', lines, total: AMOUNT };
    expect([...countOf(orderPlaced, [recordOf(orderPlaced, data)]).documents.values()]).toEqual([
      'order-placed, 2026-11-24T23:59:59.999Z, user u1, order o1, 700 JPY',
    ]);
    const registered = countOf(userRegistered, [recordOf(userRegistered, { userId: 'u1' })]);
    expect([...registered.documents.values()]).toEqual([
      'user-registered, 2026-11-24T23:59:59.999Z, user u1, no order, no amount',
    ]);
  });

  it('counts revenue by the UTC day of the event, and refunds apart', () => {
    const paid = countOf(paymentSucceeded, [
      recordOf(paymentSucceeded, PAYMENT, 'a'),
      recordOf(paymentSucceeded, PAYMENT, 'b', AT_MS + 1),
    ]);
    expect([...paid.revenue.keys()]).toEqual(['2026-11-24 JPY', '2026-11-25 JPY']);
    const back = countOf(paymentRefunded, [recordOf(paymentRefunded, PAYMENT)]);
    expect(back.revenue.get('2026-11-24 JPY')).toEqual({
      payments: 0n,
      amountMinor: 0n,
      refunds: 1n,
      refundedMinor: 700n,
    });
  });

  it('counts an id once within its horizon, and again beyond it', () => {
    const records = ['a', 'a', 'b', 'a'].map((id) => recordOf(paymentSucceeded, PAYMENT, id));
    expect(countOf(paymentSucceeded, records)).toMatchObject({ events: 2, repeats: 2 });
    const beyond = countOf(paymentSucceeded, records, 1);
    expect(beyond).toMatchObject({ events: 3, repeats: 1 });
    expect(beyond.documents.size).toBe(2);
  });

  it.each([
    ['U+0000', '\\u0000', true],
    ['half a surrogate pair', '\\udc00', true],
    ['a whole pair', '\\ud83d\\ude00', true],
    ['plain letters', 'x', false],
  ])('takes an id with %s for what it is', (_what, escaped, isRefused) => {
    const good = recordOf(userRegistered, { userId: 'u1' });
    const value = Buffer.from(good.value!.toString().replace('u1', `u${escaped}`));
    const { letters, events } = countOf(userRegistered, [{ ...good, value }]);
    expect({ reasons: [...letters.values()].map(({ reason }) => reason), events }).toEqual(
      isRefused ? { reasons: ['bad-data'], events: 0 } : { reasons: [], events: 1 },
    );
  });
});
