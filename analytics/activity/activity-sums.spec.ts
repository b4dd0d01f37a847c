import { describe, expect, it } from '@jest/globals';
import { userActivity } from '#contracts/activity.ts';
import { encodeEvent } from '#contracts/envelope.ts';
import {
  orderPlaced,
  paymentFailed,
  paymentRefunded,
  paymentSucceeded,
  userRegistered,
} from '#contracts/shop-topics.ts';
import type { Topic } from '#contracts/topic.ts';
import type { LogRecord } from '#runtime/kafka/records.ts';
import { type FoldedBatch, foldBatch } from '../fold.ts';
import { SeenIds } from '../seen-ids.ts';
import { type ActivityRows, documentId } from './activity-sums.ts';
import { ACTIVITY_COUNTINGS } from './counting.ts';

const TIME = '2026-11-24T23:59:59.900Z';
const AMOUNT = { amountMinor: 1_999, currency: 'EUR' };
const PAYMENT = { paymentId: 'pay-1', orderId: 'o1', userId: 'u1', amount: AMOUNT };

interface At {
  readonly id?: string;
  readonly time?: string;
}

let offsets = 0;
function record<Data>(topic: Topic<Data>, data: Data, { id = 'e1', time = TIME }: At = {}): LogRecord {
  const { value, headers } = encodeEvent(topic.event, 'k', { id, source: '/services/spec', time, data });
  offsets += 1;
  return {
    offset: offsets,
    timestampMs: Date.parse(time) + 50,
    key: null,
    value: Buffer.from(value),
    headers,
  };
}

function fold(topic: Topic<unknown>, ...records: readonly LogRecord[]): FoldedBatch<ActivityRows> {
  const { topology } = ACTIVITY_COUNTINGS.find((one) => one.topic.name === topic.name)!;
  const position = { nextOffset: 0, maxTimeMs: undefined, seen: new SeenIds(100) };
  const forEachRecord = (visit: (record: LogRecord) => void): void => records.forEach((one) => visit(one));
  return foldBatch(position, { nextOffset: offsets + 1, forEachRecord }, topology);
}

const changed = (good: LogRecord, from: string, to: string): LogRecord => ({
  ...good,
  value: Buffer.from(good.value!.toString().replace(from, to)),
});

describe('activity', () => {
  it('makes one document of each event, with ids and amounts and nothing else', () => {
    const total = AMOUNT;
    const lines = [{ productId: 'p', quantity: 1, unitPriceMinor: 1_999 }];
    const { rows } = fold(orderPlaced, record(orderPlaced, { orderId: 'o1', userId: 'u1', lines, total }));
    expect(rows.documents).toEqual([
      {
        id: expect.stringMatching(/^[\w-]{43}$/),
        kind: 'order-placed',
        userId: 'u1',
        orderId: 'o1',
        occurredAt: TIME,
        ...AMOUNT,
      },
    ]);
    const { id: _id, ...fields } = rows.documents[0]!;
    expect(userActivity.strict().parse(fields)).toEqual(fields);
  });

  it('leaves out what an event does not say', () => {
    const registered = fold(userRegistered, record(userRegistered, { userId: 'u1' })).rows.documents[0]!;
    expect(Object.keys(registered).toSorted()).toEqual(['id', 'kind', 'occurredAt', 'userId']);
    const failed = { paymentId: 'pay-1', orderId: 'o1', userId: 'u1', reason: 'declined' as const };
    const { documents, revenue } = fold(paymentFailed, record(paymentFailed, failed)).rows;
    expect(documents[0]).not.toHaveProperty('amountMinor');
    expect(revenue).toEqual([]);
  });

  it('gives the same event the same id, and two events that share an id within their source two', () => {
    const idOf = (rows: FoldedBatch<ActivityRows>) => rows.rows.documents[0]!.id;
    const paid = idOf(fold(paymentSucceeded, record(paymentSucceeded, PAYMENT)));
    expect(idOf(fold(paymentSucceeded, record(paymentSucceeded, PAYMENT)))).toBe(paid);
    expect(idOf(fold(paymentRefunded, record(paymentRefunded, PAYMENT)))).not.toBe(paid);
  });

  it('never changes an id: documents of the life before would be written again beside themselves', () => {
    // printf '["payment-succeeded","/services/payment","o1/succeeded"]' | openssl dgst -sha256 -binary | basenc --base64url
    expect(documentId('payment-succeeded', '/services/payment', 'o1/succeeded')).toBe(
      'W-k7NKnjJBGUzTk4lwvnWuM19wQ8Yx55VWKHc4wOikI',
    );
  });

  it('counts an event once that is in the log twice', () => {
    const folded = fold(
      paymentSucceeded,
      record(paymentSucceeded, PAYMENT),
      record(paymentSucceeded, PAYMENT),
    );
    expect(folded).toMatchObject({ events: 1, repeats: 1 });
    expect(folded.rows.documents).toHaveLength(1);
    expect(folded.rows.revenue).toMatchObject([{ payments: 1, amountMinor: '1999' }]);
  });

  it('keeps its documents in the order of their ids, so that no two transactions lock crosswise', () => {
    const records = Array.from({ length: 20 }, (_, index) =>
      record(userRegistered, { userId: `u${index}` }, { id: `e${index}` }),
    );
    const ids = fold(userRegistered, ...records).rows.documents.map(({ id }) => id);
    expect(ids).toEqual(ids.toSorted());
  });

  it.each([
    ['U+0000', '\\u0000'],
    ['half a surrogate pair', '\\ud83d'],
  ])('refuses an id with %s, which no store can keep', (_what, escaped) => {
    const folded = fold(
      userRegistered,
      changed(record(userRegistered, { userId: 'u1' }), '"u1"', `"u${escaped}"`),
    );
    expect(folded.deadLetters).toMatchObject([
      { reason: 'bad-data', detail: expect.stringMatching(/^userId: /) },
    ]);
    expect(folded.rows).toEqual({ documents: [], revenue: [] });
  });

  it('refuses an event of the future, and one too old to be kept', () => {
    const good = record(paymentSucceeded, PAYMENT);
    const stamped = (timestampMs: number) => ({ ...good, timestampMs });
    const day = 86_400_000;
    const { deadLetters } = fold(
      paymentSucceeded,
      stamped(good.timestampMs - day),
      stamped(good.timestampMs + 400 * day),
    );
    expect(deadLetters.map(({ reason }) => reason)).toEqual(['future-time', 'too-old']);
  });

  it('refuses an event of another topic', () => {
    const { deadLetters } = fold(paymentSucceeded, record(paymentRefunded, PAYMENT));
    expect(deadLetters).toMatchObject([{ reason: 'unknown-type' }]);
  });
});

describe('revenue', () => {
  it('is summed per UTC day of the event and per currency', () => {
    const chf = { ...PAYMENT, amount: { amountMinor: 500, currency: 'CHF' } };
    const { rows } = fold(
      paymentSucceeded,
      record(paymentSucceeded, PAYMENT, { id: '1' }),
      record(paymentSucceeded, PAYMENT, { id: '2', time: '2026-11-25T00:30:00.000+01:00' }),
      record(paymentSucceeded, PAYMENT, { id: '3', time: '2026-11-25T00:00:00.000Z' }),
      record(paymentSucceeded, chf, { id: '4' }),
    );
    expect(rows.revenue).toMatchObject([
      { day: '2026-11-24', currency: 'CHF', payments: 1, amountMinor: '500' },
      { day: '2026-11-24', currency: 'EUR', payments: 2, amountMinor: '3998' },
      { day: '2026-11-25', currency: 'EUR', payments: 1, amountMinor: '1999' },
    ]);
  });

  it('counts a refund on its own day, beside the payments', () => {
    const { rows } = fold(paymentRefunded, record(paymentRefunded, PAYMENT));
    expect(rows.revenue).toMatchObject([
      { day: '2026-11-24', payments: 0, amountMinor: '0', refunds: 1, refundedMinor: '1999' },
    ]);
  });

  it('stays exact beyond 2^53', () => {
    const amount = { amountMinor: Number.MAX_SAFE_INTEGER, currency: 'EUR' };
    const records = ['1', '2', '3'].map((id) => record(paymentSucceeded, { ...PAYMENT, amount }, { id }));
    expect(fold(paymentSucceeded, ...records).rows.revenue).toMatchObject([
      { amountMinor: String(3n * BigInt(Number.MAX_SAFE_INTEGER)) },
    ]);
  });
});
