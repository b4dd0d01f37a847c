// Negative controls: a small world in which log, Cloud SQL and Firestore agree, spoilt in one place at a time; each spoiling
// is reported.
import { describe, expect, it } from '@jest/globals';
import { encodeEvent } from '#contracts/envelope.ts';
import { paymentSucceeded } from '#contracts/shop-topics.ts';
import type { Allowances } from '../observed.ts';
import type { PlainRecord } from '../plain-event.ts';
import type { PartState } from '../topic-state.ts';
import { ActivityCount } from './activity-count.ts';
import { compareActivity } from './compare.ts';
import type { ActivityObserved } from './look.ts';
import { PLAIN_TOPICS } from './plain-activity.ts';
import type { StoredDocument } from './stored.ts';

const NOON_MS = Date.UTC(2026, 10, 24, 12);
const DAY_MS = 86_400_000;
const ALLOWANCES: Allowances = {
  openMsMax: 1_000,
  retentionMs: 400 * DAY_MS,
  letterRetentionMs: DAY_MS,
  nowMs: NOON_MS + 3_600_000,
};
const PAYMENTS = PLAIN_TOPICS.find(({ topic }) => topic === paymentSucceeded)!;
const KEY = '2026-11-24 EUR';

function recordOf(offset: number, amountMinor: number): PlainRecord {
  const { value, headers } = encodeEvent(paymentSucceeded.event, 'o', {
    id: `o${offset}`,
    source: '/s',
    time: new Date(NOON_MS).toISOString(),
    data: {
      paymentId: 'pay',
      orderId: `o${offset}`,
      userId: 'u1',
      amount: { amountMinor, currency: 'EUR' },
    },
  });
  return { offset, timestampMs: NOON_MS, value: Buffer.from(value), headers };
}

/** Two payments, one of which is in the log twice. */
function countOfPayments(): ActivityCount {
  const count = new ActivityCount(PAYMENTS, 10);
  count.add(recordOf(0, 100));
  count.add(recordOf(1, 250));
  count.add({ ...recordOf(0, 100), offset: 2 });
  return count;
}

const count = countOfPayments();
const [first, second] = [...count.documents.keys()] as [string, string];
const state: PartState = {
  topicId: 't',
  part: 0,
  firstOffset: 0,
  nextOffset: 3,
  maxTimeMs: NOON_MS,
  events: 2,
  deadLetters: 0,
  repeats: 1,
  absent: 0,
  isRetired: false,
};
const earned = { payments: 2n, amountMinor: 350n, refunds: 0n, refundedMinor: 0n };
const revenueRow = { topicId: 't', part: 0, key: KEY, ...earned };
const stored = (id: string, change: Partial<StoredDocument> = {}): StoredDocument => ({
  id,
  topicId: 't',
  text: count.documents.get(id) ?? '',
  occurredMs: NOON_MS,
  recordedMs: NOON_MS,
  isDelivered: true,
  ...change,
});

interface Spoilt {
  readonly state?: Partial<PartState>;
  readonly end?: number;
  readonly revenue?: ActivityObserved['snapshot']['revenue'];
  readonly perDay?: readonly (typeof earned & { netMinor: bigint })[];
  readonly documents?: readonly StoredDocument[];
  readonly since?: readonly StoredDocument[];
  readonly firestore?: readonly (readonly [string, string])[];
}

const bothDocuments = [stored(first), stored(second)];

function found(spoilt: Spoilt = {}) {
  const documents = spoilt.documents ?? bothDocuments;
  const [perDay = { ...earned, netMinor: 350n }] = spoilt.perDay ?? [];
  const observed: ActivityObserved = {
    topics: new Map([
      [
        paymentSucceeded.name,
        {
          counted: new Map([[0, count]]),
          ends: [{ part: 0, earliest: 0, end: spoilt.end ?? 3 }],
          snapshot: { parts: [{ ...state, ...spoilt.state }], letters: [], gaps: [] },
          letters: new Map(),
        },
      ],
    ]),
    snapshot: {
      revenue: spoilt.revenue ?? [revenueRow],
      perDay: new Map([[KEY, perDay]]),
      documents,
    },
    documentsSince: spoilt.since ?? documents,
    firestore: new Map(spoilt.firestore ?? count.documents),
  };
  const { differences, pending, activity } = compareActivity(observed, ALLOWANCES);
  return {
    differences: differences.map(({ where, key }) => `${where} · ${key}`),
    pending: pending.map(({ where, key }) => `${where} · ${key}`),
    activity,
  };
}

describe('the comparison of activity', () => {
  it('finds nothing in a world that agrees', () => {
    expect(found()).toEqual({
      differences: [],
      pending: [],
      activity: {
        revenue: [{ key: KEY, log: earned, cloudSql: { ...earned, netMinor: 350n } }],
        documents: { log: 2, cloudSql: 2, firestore: 2 },
      },
    });
  });

  it.each<[string, Spoilt, string[]]>([
    [
      'a cent too much',
      { revenue: [{ ...revenueRow, amountMinor: 351n }] },
      [`cloud-sql revenue · payment.succeeded partition 0 ${KEY}`],
    ],
    ['a row that is missing', { revenue: [] }, [`cloud-sql revenue · payment.succeeded partition 0 ${KEY}`]],
    [
      'a row without an event',
      { revenue: [revenueRow, { ...revenueRow, part: 5 }] },
      [`cloud-sql revenue · t/5 ${KEY}`],
    ],
    [
      'a view with another sum',
      { perDay: [{ ...earned, payments: 3n, netMinor: 350n }] },
      [`cloud-sql revenue_per_day · ${KEY}`],
    ],
    [
      'a view with another net',
      { perDay: [{ ...earned, netMinor: 349n }] },
      [`cloud-sql revenue_per_day · ${KEY}`],
    ],
    [
      'a repeat that was counted',
      { state: { events: 3, repeats: 0 } },
      [
        'cloud-sql counters · payment.succeeded partition 0 events',
        'cloud-sql counters · payment.succeeded partition 0 repeats',
      ],
    ],
    [
      'a row of activity that is missing',
      { documents: [stored(first)], since: bothDocuments },
      [`cloud-sql activity · ${second}`],
    ],
    [
      'a row of activity with another content',
      {
        documents: [stored(first), stored(second, { text: 'x' })],
        firestore: [
          [first, count.documents.get(first)!],
          [second, 'x'],
        ],
      },
      [`cloud-sql activity · ${second}`],
    ],
    [
      'a document that is missing',
      { firestore: [[first, count.documents.get(first)!]] },
      [`firestore user_activity · ${second}`],
    ],
    [
      'a document with another content',
      { firestore: [...count.documents, [second, 'x']] },
      [`firestore user_activity · ${second}`],
    ],
    [
      'a document without an event',
      { firestore: [...count.documents, ['z', 'x']] },
      ['firestore user_activity · z'],
    ],
  ])('reports %s', (_what, spoilt, differences) => {
    expect(found(spoilt)).toMatchObject({ differences, pending: [] });
  });

  it('waits for what is not delivered yet, and for what is not counted yet', () => {
    const documents = [stored(first), stored(second, { isDelivered: false })];
    const waiting = { documents, firestore: [[first, count.documents.get(first)!]] as const, end: 9 };
    expect(found(waiting)).toMatchObject({
      differences: [],
      pending: ['cloud-sql position · payment.succeeded partition 0', `firestore user_activity · ${second}`],
    });
  });

  it('takes a document that was counted while Firestore was read', () => {
    const later = stored('later', { text: 'l' });
    const firestore = [...count.documents, ['later', 'l']] as const;
    expect(found({ since: [...bothDocuments, later], firestore })).toMatchObject({ differences: [] });
  });

  it('takes the rows of a topic that was created again as they are', () => {
    const { differences, activity } = found({ state: { isRetired: true } });
    expect(differences).toEqual([]);
    expect(activity.revenue).toMatchObject([{ log: earned }]);
  });
});
