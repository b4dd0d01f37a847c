// The shop's topics as the counting engine takes them, and the rows that a batch of theirs is added to.
import type { PoolClient } from '#runtime/postgres/database.ts';
import type { Counting } from '../counting.ts';
import type { PartitionKey } from '../state-rows.ts';
import { type ActivityDocument, type ActivityRows, ActivitySums } from './activity-sums.ts';
import type { RevenueDelta } from './revenue.ts';
import { ACTIVITY_TOPICS, type Activity } from './topology.ts';

/** One counting for each topic of the shop. */
export const ACTIVITY_COUNTINGS: readonly Counting<Activity, ActivityRows>[] = ACTIVITY_TOPICS.map(
  ({ topic, read }) => ({
    topic,
    topology: { read, begin: () => new ActivitySums() },
    saveRows: async (client, partition, { documents, revenue }) => {
      await addRevenue(client, partition, revenue);
      await addDocuments(client, partition, documents);
    },
  }),
);

const ADD_REVENUE = `
INSERT INTO analytics.revenue_part AS r (day, currency, topic_id, part, payments, amount_minor, refunds, refunded_minor)
SELECT d.day, d.currency, $1, $2, d.payments, d.amount_minor, d.refunds, d.refunded_minor
FROM unnest($3::date[], $4::text[], $5::bigint[], $6::numeric[], $7::bigint[], $8::numeric[])
  WITH ORDINALITY AS d (day, currency, payments, amount_minor, refunds, refunded_minor, n)
ORDER BY d.n
ON CONFLICT (day, currency, topic_id, part) DO UPDATE
SET payments = r.payments + excluded.payments, amount_minor = r.amount_minor + excluded.amount_minor,
    refunds = r.refunds + excluded.refunds, refunded_minor = r.refunded_minor + excluded.refunded_minor`;

async function addRevenue(
  client: PoolClient,
  { topicId, part }: PartitionKey,
  deltas: readonly RevenueDelta[],
): Promise<void> {
  if (deltas.length === 0) return;
  await client.query({
    name: 'add-revenue',
    text: ADD_REVENUE,
    values: [
      topicId,
      part,
      deltas.map((delta) => delta.day),
      deltas.map((delta) => delta.currency),
      deltas.map((delta) => delta.payments),
      deltas.map((delta) => delta.amountMinor),
      deltas.map((delta) => delta.refunds),
      deltas.map((delta) => delta.refundedMinor),
    ],
  });
}

/** An event that comes again beyond the horizon of ids, or in another partition, has its document already. */
const ADD_DOCUMENTS = `
INSERT INTO analytics.activity (id, topic_id, part, user_id, kind, occurred_at, order_id, amount_minor, currency)
SELECT d.id, $1, $2, d.user_id, d.kind, d.occurred_at, d.order_id, d.amount_minor, d.currency
FROM unnest($3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::text[], $8::bigint[], $9::text[])
  WITH ORDINALITY AS d (id, user_id, kind, occurred_at, order_id, amount_minor, currency, n)
ORDER BY d.n
ON CONFLICT (id) DO NOTHING`;

async function addDocuments(
  client: PoolClient,
  { topicId, part }: PartitionKey,
  documents: readonly ActivityDocument[],
): Promise<void> {
  if (documents.length === 0) return;
  await client.query({
    name: 'add-activity',
    text: ADD_DOCUMENTS,
    values: [
      topicId,
      part,
      documents.map(({ id }) => id),
      documents.map(({ userId }) => userId),
      documents.map(({ kind }) => kind),
      documents.map(({ occurredAt }) => occurredAt),
      documents.map(({ orderId }) => orderId ?? null),
      documents.map(({ amountMinor }) => amountMinor ?? null),
      documents.map(({ currency }) => currency ?? null),
    ],
  });
}
