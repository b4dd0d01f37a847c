// Activity and revenue on the real servers: from the broker to Cloud SQL, Firestore and the dead letters of each topic.
import { Firestore } from '@google-cloud/firestore';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { USER_ACTIVITY_COLLECTION } from '#contracts/activity.ts';
import { orderCancelled, orderPlaced, paymentRefunded, paymentSucceeded } from '#contracts/shop-topics.ts';
import { createLogger } from '#runtime/log.ts';
import { createPool, type Pool } from '#runtime/postgres/database.ts';
import { activity, feedActivity } from '../../test/faults/activity-log.ts';
import { Rig } from '../../test/faults/rig.ts';
import { readTopic } from '../../test/topic-reader.ts';
import { deliverActivity } from './deliver.ts';
import { createFirestoreActivity } from './firestore-activity.ts';
import { purgeActivity } from './purge.ts';

/** Seven topics of the shop and the images', of six partitions each. */
const PARTITIONS = 48;
const DAY_MS = 86_400_000;
/** Yesterday, so that all are of one day. */
const START_MS = Math.floor(Date.now() / DAY_MS) * DAY_MS - DAY_MS;
const DAY = new Date(START_MS).toISOString().slice(0, 10);
const EUR = { amountMinor: 1_999, currency: 'EUR' };

const paymentOf = (orderId: string) => ({ paymentId: `pay-${orderId}`, orderId, userId: 'u1', amount: EUR });
const paid = (orderId: string) =>
  activity(paymentSucceeded, orderId, paymentOf(orderId), { timeMs: START_MS + 1_000 });
const refunded = (orderId: string) =>
  activity(paymentRefunded, orderId, paymentOf(orderId), { timeMs: START_MS + 2_000 });
const placed = activity(
  orderPlaced,
  'o1',
  {
    orderId: 'o1',
    userId: 'u1',
    lines: [{ productId: 'p1', quantity: 1, unitPriceMinor: 1_999 }],
    total: EUR,
  },
  { timeMs: START_MS },
);
const cancelled = activity(
  orderCancelled,
  'o2',
  { orderId: 'o2', userId: 'u2', reason: 'by-customer', total: EUR },
  { timeMs: START_MS },
);
const poison = { ...cancelled, entry: { ...cancelled.entry, value: '{"orderId":' } };

let rig: Rig;
let pool: Pool;
let firestore: Firestore;
let stopWorker: () => Promise<unknown>;

beforeAll(async () => {
  rig = await Rig.open({}, ['image-bytes', 'activity']);
  const worker = await rig.startWorker({ counted: ['image-bytes', 'activity'] });
  stopWorker = () => {
    worker.kill('SIGTERM');
    return worker.ended;
  };
  pool = createPool({
    connectionString: rig.databaseUrl,
    applicationName: 'activity-spec',
    log: createLogger('spec', 'fatal'),
  });
  firestore = new Firestore({ projectId: rig.env.GOOGLE_CLOUD_PROJECT! });
}, 120_000);

afterAll(async () => {
  await firestore.terminate();
  await pool.end();
  await rig.close();
}, 60_000);

const documents = async () => (await firestore.collection(USER_ACTIVITY_COLLECTION).get()).docs;

describe('activity', () => {
  it('is counted once though it is delivered twice, and equals the independent count in every store', async () => {
    await feedActivity(rig.client, [
      placed,
      paid('o1'),
      paid('o2'),
      paid('o1'),
      cancelled,
      poison,
      refunded('o2'),
    ]);
    await feedActivity(rig.client, [placed, paid('o1'), refunded('o2')]);
    await rig.caughtUp(PARTITIONS);
    const { differences, pending, activity: report } = await rig.reconcile();
    expect({ differences, pending }).toEqual({ differences: [], pending: [] });
    expect(report.documents).toEqual({ log: 5, cloudSql: 5, firestore: 5 });
    expect(
      await rig.query(`SELECT day::text, currency, payments, gross_minor, refunds, refunded_minor, net_minor
        FROM analytics.revenue_per_day`),
    ).toEqual([
      {
        day: DAY,
        currency: 'EUR',
        payments: 2,
        gross_minor: '3998',
        refunds: 1,
        refunded_minor: '1999',
        net_minor: '1999',
      },
    ]);
  }, 120_000);

  it('is in Firestore by user and kind, with ids and amounts and nothing else', async () => {
    const mine = firestore.collection(USER_ACTIVITY_COLLECTION).where('userId', '==', 'u1');
    const newest = await mine.orderBy('occurredAt', 'desc').limit(1).get();
    expect(newest.docs.map((document) => document.data())).toEqual([
      {
        kind: 'payment-refunded',
        userId: 'u1',
        orderId: 'o2',
        occurredAt: new Date(START_MS + 2_000).toISOString(),
        ...EUR,
      },
    ]);
  }, 60_000);

  it('sends what cannot be read to the dead letters of its own topic', async () => {
    const [letter, ...others] = await readTopic(rig.client, orderCancelled.deadLetters!);
    expect(others).toEqual([]);
    expect({
      value: letter!.value?.toString(),
      topic: String(letter!.headers?.['dlq-topic']),
      reason: String(letter!.headers?.['dlq-reason']),
    }).toEqual({
      value: poison.entry.value,
      topic: rig.client.nameOf(orderCancelled.name),
      reason: 'bad-json',
    });
  }, 60_000);

  it('shows all tampering in the independent count, and nothing else', async () => {
    await rig.query('UPDATE analytics.revenue_part SET amount_minor = amount_minor + 1 WHERE payments > 0');
    const [row] = await rig.query<{ id: string }>(
      `UPDATE analytics.activity SET user_id = 'u9' WHERE kind = 'order-placed' RETURNING id`,
    );
    const one = (await documents()).find((document) => document.get('kind') === 'order-cancelled');
    await one!.ref.delete();
    await firestore.collection(USER_ACTIVITY_COLLECTION).doc('nobody').set({ kind: 'order-placed' });
    const { differences } = await rig.reconcile(1_000);
    const counts = Object.entries(Object.groupBy(differences, ({ where }) => where));
    expect(Object.fromEntries(counts.map(([where, found]) => [where, found!.length]))).toEqual({
      'cloud-sql revenue': expect.any(Number),
      'cloud-sql revenue_per_day': 1,
      'cloud-sql activity': 1,
      'firestore user_activity': 3,
    });
    expect(differences.map(({ key }) => key)).toEqual(expect.arrayContaining([row!.id, one!.id, 'nobody']));
  }, 120_000);

  it('goes from both stores when it is older than its retention', async () => {
    await firestore.collection(USER_ACTIVITY_COLLECTION).doc('nobody').delete();
    const store = createFirestoreActivity({
      projectId: rig.env.GOOGLE_CLOUD_PROJECT!,
      databaseId: '(default)',
    });
    expect(await purgeActivity(pool, store, 30)).toBe(0);
    // One that was never delivered stays, however old it is.
    await pool.query(
      `UPDATE analytics.activity SET delivered_at = NULL, next_try = 'infinity' WHERE kind = 'order-placed'`,
    );
    expect(await purgeActivity(pool, store, 0)).toBe(4);
    const kinds = (await documents()).map((document): unknown => document.get('kind'));
    expect(kinds).toEqual(['order-placed']);
    expect(await rig.query('SELECT kind FROM analytics.activity')).toEqual([{ kind: 'order-placed' }]);
    await store.close();
  }, 60_000);
});

describe('the store of activity', () => {
  const document = (id: string, userId = 'u1') =>
    ({ id, userId, kind: 'user-registered', occurredAt: '2026-11-24T00:00:00.000Z' }) as const;

  it('creates what is missing, takes the same again, and refuses different content under an id', async () => {
    const store = createFirestoreActivity({
      projectId: `${rig.env.GOOGLE_CLOUD_PROJECT}-store`,
      databaseId: '(default)',
    });
    expect(await store.create([document('a'), document('b')])).toEqual([]);
    expect(await store.create([document('a'), document('c'), document('b', 'u2')])).toEqual(['b']);
    expect(await store.create([document('a'), document('b'), document('c')])).toEqual([]);
    await store.remove(['a', 'never-there']);
    expect(await store.create([document('a', 'u3')])).toEqual([]);
    await store.close();
  }, 60_000);
});

describe('the delivery of activity', () => {
  it('goes on with other documents when one is stored with different content', async () => {
    const held = firestore.collection(USER_ACTIVITY_COLLECTION).doc('held');
    await held.set({ kind: 'user-registered', userId: 'somebody else' });
    await stopWorker();
    await pool.query(`INSERT INTO analytics.activity (id, topic_id, part, user_id, kind, occurred_at, next_try)
      SELECT id, 't', 0, 'u1', 'user-registered', now(), now() FROM unnest(ARRAY['free', 'held']) AS id`);
    expect(await deliverNow()).toBe(1);
    expect(
      await rig.query(`SELECT id, delivered_at IS NOT NULL AS delivered, last_error FROM analytics.activity
        WHERE id IN ('free', 'held') ORDER BY id`),
    ).toEqual([
      { id: 'free', delivered: true, last_error: null },
      { id: 'held', delivered: false, last_error: 'stored with other content' },
    ]);
    expect((await held.get()).get('userId')).toBe('somebody else');
  }, 60_000);
});

async function deliverNow(): Promise<number> {
  const store = createFirestoreActivity({
    projectId: rig.env.GOOGLE_CLOUD_PROJECT!,
    databaseId: '(default)',
  });
  try {
    return await deliverActivity({
      pool,
      log: createLogger('spec', 'fatal'),
      store,
      onFailure: () => {},
    });
  } finally {
    await store.close();
  }
}
