// What Cloud SQL and Firestore hold of activity and revenue, read by hand.
import { FieldPath, Firestore } from '@google-cloud/firestore';
import { activityByDocument } from '#contracts/firestore.ts';
import type { Settings } from '../settings.ts';
import { type Fields, look, readTopicState, type TopicState } from '../topic-state.ts';
import { type PlainDocument, textOf } from './plain-activity.ts';
import { type Revenue, revenueKey } from './revenue.ts';

/** One row of a partition. */
export interface StoredRevenue extends Revenue {
  readonly topicId: string;
  readonly part: number;
  /** Day and currency. */
  readonly key: string;
}

export interface StoredDocument {
  readonly id: string;
  readonly topicId: string;
  readonly text: string;
  readonly occurredMs: number;
  readonly recordedMs: number;
  readonly isDelivered: boolean;
}

/** One consistent look at Cloud SQL. */
export interface ActivitySnapshot {
  /** By the topic's name on the cluster. */
  readonly states: ReadonlyMap<string, TopicState>;
  readonly revenue: readonly StoredRevenue[];
  /** What the view says: per day and currency, with its net. */
  readonly perDay: ReadonlyMap<string, Revenue & { readonly netMinor: bigint }>;
  readonly documents: readonly StoredDocument[];
}

const REVENUE = `
SELECT topic_id, part, day::text, currency, payments::text, amount_minor::text, refunds::text, refunded_minor::text
FROM analytics.revenue_part`;
const PER_DAY = `
SELECT day::text, currency, payments::text, gross_minor::text AS amount_minor, refunds::text, refunded_minor::text,
       net_minor::text
FROM analytics.revenue_per_day`;
const DOCUMENTS = `
SELECT id, topic_id, user_id, kind, (extract(epoch FROM occurred_at) * 1000)::float8 AS occurred, order_id,
       amount_minor::text, currency, (extract(epoch FROM recorded_at) * 1000)::float8 AS recorded,
       delivered_at IS NOT NULL AS delivered
FROM analytics.activity`;

export function takeActivitySnapshot(
  connectionString: string,
  topics: readonly string[],
): Promise<ActivitySnapshot> {
  return look(connectionString, async (client) => {
    const states = new Map<string, TopicState>();
    for (const topic of topics) states.set(topic, await readTopicState(client, topic));
    const perDay = (await client.query(PER_DAY)).rows.map((row: Fields) => {
      const net = { ...revenueOf(row), netMinor: BigInt(row.net_minor!) };
      return [revenueKey(row.day!, row.currency!), net] as const;
    });
    return {
      states,
      revenue: (await client.query(REVENUE)).rows.map(storedRevenueOf),
      perDay: new Map(perDay),
      documents: (await client.query(DOCUMENTS)).rows.map(storedDocumentOf),
    };
  });
}

/** The documents as they are now: Firestore may hold what was delivered since the snapshot. */
export const readStoredDocuments = (connectionString: string): Promise<StoredDocument[]> =>
  look(connectionString, async (client) => (await client.query(DOCUMENTS)).rows.map(storedDocumentOf));

const revenueOf = (row: Fields): Revenue => ({
  payments: BigInt(row.payments!),
  amountMinor: BigInt(row.amount_minor!),
  refunds: BigInt(row.refunds!),
  refundedMinor: BigInt(row.refunded_minor!),
});

const storedRevenueOf = (row: Fields): StoredRevenue => ({
  ...revenueOf(row),
  topicId: row.topic_id!,
  part: row.part!,
  key: revenueKey(row.day!, row.currency!),
});

function storedDocumentOf(row: Fields): StoredDocument {
  const amount = row.amount_minor as string | null | undefined;
  const document: PlainDocument = {
    userId: row.user_id!,
    kind: row.kind!,
    occurredMs: row.occurred!,
    orderId: row.order_id ?? undefined,
    amountMinor: amount === null || amount === undefined ? undefined : BigInt(amount),
    currency: row.currency ?? undefined,
  };
  return {
    id: row.id!,
    topicId: row.topic_id!,
    text: textOf(document),
    occurredMs: row.occurred!,
    recordedMs: row.recorded!,
    isDelivered: row.delivered!,
  };
}

const PAGE = 1_000;

/** The content of each document of `user_activity` under its id; of one that is none of ours, what is wrong with it. */
export async function readActivityDocuments(settings: Settings): Promise<ReadonlyMap<string, string>> {
  const firestore = new Firestore({
    projectId: settings.GOOGLE_CLOUD_PROJECT,
    databaseId: settings.FIRESTORE_DATABASE,
    useBigInt: true,
    ...(settings.FIRESTORE_EMULATOR_HOST ? { host: settings.FIRESTORE_EMULATOR_HOST, ssl: false } : {}),
  });
  try {
    const { collection } = activityByDocument;
    const inOrder = firestore.collection(collection).orderBy(FieldPath.documentId()).limit(PAGE);
    const found = new Map<string, string>();
    for (let query = inOrder; ; ) {
      const { docs } = await query.get();
      for (const document of docs) found.set(document.id, textOfFields(document.data()));
      const last = docs.at(-1);
      if (!last || docs.length < PAGE) return found;
      query = inOrder.startAfter(last);
    }
  } finally {
    await firestore.terminate();
  }
}

const KNOWN = new Set(['userId', 'kind', 'occurredAt', 'orderId', 'amountMinor', 'currency']);

function textOfFields(fields: Readonly<Record<string, unknown>>): string {
  const { userId, kind, occurredAt, orderId, amountMinor, currency } = fields;
  const unknown = Object.keys(fields).filter((name) => !KNOWN.has(name));
  if (unknown.length > 0) return `unknown fields ${unknown.join(', ')}`;
  const ms = typeof occurredAt === 'string' ? Date.parse(occurredAt) : Number.NaN;
  if (Number.isNaN(ms) || new Date(ms).toISOString() !== occurredAt) return 'occurredAt is no time of ours';
  if (typeof userId !== 'string' || typeof kind !== 'string') return 'userId or kind is no text';
  if (!isTextOrNone(orderId) || !isTextOrNone(currency)) return 'orderId or currency is no text';
  if (amountMinor !== undefined && typeof amountMinor !== 'bigint') return 'amountMinor is no integer';
  return textOf({ userId, kind, occurredMs: ms, orderId, amountMinor, currency });
}

const isTextOrNone = (value: unknown): value is string | undefined =>
  value === undefined || typeof value === 'string';
