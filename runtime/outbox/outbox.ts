// An encoded event in, a row of the caller's transaction out. The relay publishes it if, and only if, that commits.
import type { EncodedRecord } from '#contracts/envelope.ts';
import type { Topic } from '#contracts/topic.ts';
import { AppError } from '../errors.ts';
import type { PoolClient } from '../postgres/database.ts';
import { tableOf } from '../postgres/schema-names.ts';
import { activeTraceparent } from '../trace.ts';

/** Below the topics' `max.message.bytes` by what Kafka puts around a record. */
const RECORD_BYTES_MAX = 1_000_000;

/**
 * Puts an event into the outbox of the schema, inside the caller's transaction. It continues the active trace.
 * Events of one key are published in the order of these calls: first write or lock the row that the key stands for, then
 * call this, so that two transactions of one key cannot overtake each other.
 * @throws AppError `outbox-wrong-topic` when the record is not an event of that topic.
 * @throws AppError `outbox-record-too-large` for what no broker would take: the cause of such an event must fail.
 */
export async function saveToOutbox(
  client: Pick<PoolClient, 'query'>,
  schema: string,
  topic: Topic<unknown>,
  record: EncodedRecord,
): Promise<void> {
  const { ce_type: type } = record.headers;
  if (type !== topic.event.type) {
    throw new AppError('outbox-wrong-topic', `${topic.name} takes ${topic.event.type}, not ${type}`);
  }
  const headers = JSON.stringify(withTrace(record.headers));
  const bytes = Buffer.byteLength(record.value) + Buffer.byteLength(headers) + Buffer.byteLength(record.key);
  if (bytes > RECORD_BYTES_MAX) {
    throw new AppError('outbox-record-too-large', `an event for ${topic.name} has ${bytes} bytes`, { bytes });
  }
  await client.query(
    `INSERT INTO ${tableOf(schema, 'outbox')} (topic, key, headers, value) VALUES ($1, $2, $3, $4)`,
    [topic.name, record.key, headers, record.value],
  );
}

function withTrace(headers: EncodedRecord['headers']): EncodedRecord['headers'] {
  const traceparent = headers.traceparent ?? activeTraceparent();
  return traceparent === undefined ? headers : { ...headers, traceparent };
}
