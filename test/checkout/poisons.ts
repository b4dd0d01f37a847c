// Bad records of every kind, for any topic. Each must become a dead letter of each consumer of that topic, and stop none of them.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Topic } from '#contracts/topic.ts';
import { createProducer, type KafkaClient, type Message } from '#runtime/kafka/client.ts';
import { CODECS } from '#runtime/kafka/test-codecs.ts';

/** One way to be bad. */
export interface Poison {
  readonly kind: string;
  readonly compression?: keyof typeof CODECS;
  readonly message: (topic: Topic<unknown>) => Message;
}

/** Where a bad record is. */
export interface Placed {
  readonly kind: string;
  readonly topic: string;
  readonly place: string;
}

interface Envelope {
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** An event that is valid except for its data. */
const envelope = (topic: Topic<unknown>, kind: string): Envelope => ({
  key: `poison-${kind}`,
  value: '{}',
  headers: {
    ce_specversion: '1.0',
    ce_id: `poison-${kind}`,
    ce_source: '/poison',
    ce_type: topic.event.type,
    ce_time: new Date().toISOString(),
    'content-type': 'application/json',
  },
});

const changed =
  (kind: string, change: (record: Envelope) => Partial<Message>): Poison['message'] =>
  (topic) => {
    const record = envelope(topic, kind);
    return { key: record.key, value: record.value, headers: record.headers, ...change(record) };
  };

const valued = (kind: string, value: string | Buffer | null): Poison => ({
  kind,
  message: changed(kind, () => ({ value })),
});

const headed = (kind: string, headers: Record<string, string | undefined>): Poison => ({
  kind,
  message: changed(kind, (record) => {
    const kept = Object.entries({ ...record.headers, ...headers }).filter(([, value]) => value !== undefined);
    return { headers: Object.assign(Object.create(null), Object.fromEntries(kept)) };
  }),
});

/** Headers named like members of every object: an assignment to some of them does nothing, or throws. */
const objectParts = (): Poison => ({
  kind: 'headers named as parts of objects',
  message: changed('object-parts', () => {
    const headers = Object.create(null) as Record<string, string>;
    for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'then'])
      headers[name] = 'x';
    return { headers };
  }),
});

const compressed = (kind: string, compression: keyof typeof CODECS): Poison => ({
  kind,
  compression,
  message: changed(kind, () => ({ value: '{"not":"an event"}' })),
});

export const POISONS: readonly Poison[] = [
  valued('no value', null),
  valued('empty value', ''),
  valued('no UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x00])),
  valued('no JSON', '{"orderId": '),
  valued('JSON that is a number', '7'),
  valued('JSON that is null', 'null'),
  valued('JSON that is a list', '[{}]'),
  valued('JSON, nested deeply', `${'['.repeat(50_000)}${']'.repeat(50_000)}`),
  valued('JSON with parts of objects as fields', '{"__proto__":{"a":1},"constructor":{"prototype":{}}}'),
  valued(
    'fields of other types',
    JSON.stringify({ orderId: 7, userId: {}, productId: [], amountMinor: 'x', lines: {} }),
  ),
  valued('numbers beyond all bounds', '{"amountMinor":1e400,"quantity":-1,"version":9007199254740993}'),
  valued('U+0000 in texts', JSON.stringify({ orderId: 'a\u0000b', userId: '\u0000', productId: '\u0000' })),
  valued('half a surrogate pair', '{"orderId":"\\ud800","userId":"\\udc00","productId":"\\ud800"}'),
  valued('a large value', JSON.stringify({ fill: 'x'.repeat(1_000_000) })),
  headed('another type', { ce_type: 'shop.nothing.v1' }),
  headed('a type with a control character', { ce_type: 'shop.\u0000.v1' }),
  headed('no type', { ce_type: undefined }),
  headed('no id', { ce_id: undefined }),
  headed('no source', { ce_source: undefined }),
  headed('another version of the envelope', { ce_specversion: '2.0' }),
  headed('a time that is none', { ce_time: '2026-02-30T24:00:00Z' }),
  headed('a traceparent that is none', { traceparent: `00-${'z'.repeat(300)}` }),
  headed('large headers', { 'x-fill': 'y'.repeat(300_000), ce_type: 'shop.nothing.v1' }),
  objectParts(),
  { kind: 'no headers', message: changed('no-headers', () => ({ headers: {} })) },
  { kind: 'no key', message: changed('no-key', () => ({ key: null, value: '7' })) },
  { kind: 'a large key', message: changed('large-key', () => ({ key: 'k'.repeat(200_000), value: '7' })) },
  compressed('gzip', 'gzip'),
  compressed('lz4', 'lz4'),
];

/** Publishes one record of each kind on each topic, with a pause after each topic. Returns where the records are. */
export async function poison(
  client: KafkaClient,
  topics: readonly Topic<unknown>[],
  pauseMs = 0,
): Promise<Placed[]> {
  const producer = createProducer(client);
  await producer.connect();
  const placed: Placed[] = [];
  try {
    for (const topic of topics) {
      for (const { kind, compression, message } of POISONS) {
        const [sent] = await producer.send({
          topic: client.nameOf(topic.name),
          acks: -1,
          ...(compression ? { compression: CODECS[compression] } : {}),
          messages: [message(topic)],
        });
        placed.push({ kind, topic: topic.name, place: `${sent!.partition}/${sent!.baseOffset}` });
      }
      await sleep(pauseMs);
    }
  } finally {
    await producer.disconnect();
  }
  return placed;
}
