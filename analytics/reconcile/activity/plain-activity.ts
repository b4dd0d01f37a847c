// Records of the shop's topics read by the letter of contracts/activity.ts, with no code of the worker.
import { createHash } from 'node:crypto';
import * as shop from '#contracts/shop-topics.ts';
import type { Topic } from '#contracts/topic.ts';
import { type PlainRecord, readPlainEvent } from '../plain-event.ts';

/** What a topic's events are called, and where they hold their amount. */
export interface PlainTopic {
  readonly topic: Topic<unknown>;
  readonly kind: string;
  readonly money: 'total' | 'amount' | undefined;
}

const plainTopic = (topic: Topic<unknown>, money?: PlainTopic['money']): PlainTopic => ({
  topic,
  kind: topic.name.replace('.', '-'),
  money,
});

export const PLAIN_TOPICS: readonly PlainTopic[] = [
  plainTopic(shop.userRegistered),
  plainTopic(shop.orderPlaced, 'total'),
  plainTopic(shop.orderConfirmed, 'total'),
  plainTopic(shop.orderCancelled, 'total'),
  plainTopic(shop.paymentSucceeded, 'amount'),
  plainTopic(shop.paymentFailed),
  plainTopic(shop.paymentRefunded, 'amount'),
];

/** A document as every store must have it. */
export interface PlainDocument {
  readonly userId: string;
  readonly kind: string;
  readonly occurredMs: number;
  readonly orderId: string | undefined;
  readonly amountMinor: bigint | undefined;
  readonly currency: string | undefined;
}

export type PlainActivity =
  | {
      readonly ok: true;
      readonly source: string;
      readonly id: string;
      readonly timeMs: number;
      readonly document: PlainDocument;
    }
  | { readonly ok: false; readonly reason: string };

interface Data {
  readonly userId: string;
  readonly orderId?: string;
  readonly total?: { readonly amountMinor: number; readonly currency: string };
  readonly amount?: { readonly amountMinor: number; readonly currency: string };
}

export function readPlainActivity({ topic, kind, money }: PlainTopic, record: PlainRecord): PlainActivity {
  const { type, schema } = topic.event;
  const reading = readPlainEvent(record, type, (json) => {
    const data = schema.safeParse(json).data as Data | undefined;
    return data && [data.userId, data.orderId ?? ''].every(isText) ? data : undefined;
  });
  if (!reading.ok) return reading;
  const { source, id, timeMs, data } = reading;
  const sum = money && data[money];
  const document: PlainDocument = {
    userId: data.userId,
    kind,
    occurredMs: timeMs,
    orderId: data.orderId,
    amountMinor: sum && BigInt(sum.amountMinor),
    currency: sum?.currency,
  };
  return { ok: true, source, id, timeMs, document };
}

/** What stores can keep: no U+0000, and no half of a surrogate pair. */
const isText = (text: string): boolean => !/\0|[\ud800-\udfff]/u.test(text);

/** As contracts/activity.ts tells it. */
export const documentIdOf = (kind: string, source: string, id: string): string =>
  createHash('sha256')
    .update(`[${[kind, source, id].map((part) => JSON.stringify(part)).join(',')}]`, 'utf8')
    .digest()
    .toString('base64url');

/** One text per content, by which documents are compared. */
export const textOf = (document: PlainDocument): string =>
  [
    document.kind,
    new Date(document.occurredMs).toISOString(),
    `user ${document.userId}`,
    document.orderId === undefined ? 'no order' : `order ${document.orderId}`,
    document.amountMinor === undefined ? 'no amount' : `${document.amountMinor} ${document.currency}`,
  ].join(', ');
