// A refused record in, its copy on the dead-letter topic out. The bytes and headers are the original's; ours are added.
import { hash } from 'node:crypto';
import type { Topic } from '#contracts/topic.ts';
import { AppError } from '../errors.ts';
import type { Message } from './client.ts';
import type { FetchedRecord } from './records.ts';

/** Together with the other headers well within the room that a dead-letter topic adds to its topic's record size. */
const DETAIL_LENGTH_MAX = 500;

/** Why a record went to the dead letters. */
export interface Refusal {
  /** A `DecodeFault`, the code of a `RefusedEvent`, or `handler-failed`. */
  readonly reason: string;
  /** For people; holds no field values of the record. */
  readonly detail: string;
}

/** A refusal, and whose it is: what one consumer refuses the others may have taken. */
export interface SignedRefusal extends Refusal {
  /** The service or worker, by the name of its process. */
  readonly consumer: string;
}

/** Where a record is: by this its dead letter can be found, and written again. */
export interface RecordPosition {
  readonly partition: number;
  readonly offset: string;
}

/** Header names of a dead letter. A redelivered record repeats `dlq-topic/-partition/-offset`, so readers can drop it. */
export const DEAD_LETTER_HEADERS = {
  reason: 'dlq-reason',
  detail: 'dlq-detail',
  consumer: 'dlq-consumer',
  topic: 'dlq-topic',
  partition: 'dlq-partition',
  offset: 'dlq-offset',
  /** What was left out, in a dead letter that the broker did not take whole. */
  cut: 'dlq-cut',
  valueBytes: 'dlq-value-bytes',
  valueHash: 'dlq-value-sha256',
} as const;

/**
 * The name of a consumed topic's dead-letter topic.
 * @throws AppError `topic-without-dead-letters` where the contract names none.
 */
export function deadLetterTopic(topic: Topic<unknown>): string {
  if (topic.deadLetters) return topic.deadLetters;
  throw new AppError('topic-without-dead-letters', `${topic.name} is consumed but names no dead letters`);
}

/** A record that is refused. */
export type Buried = Pick<FetchedRecord, 'offset' | 'key' | 'value' | 'rawHeaders'>;

/** The record to publish for a refused one. */
export function deadLetterOf(
  topic: Topic<unknown>,
  record: Omit<Buried, 'offset'>,
  at: RecordPosition,
  refusal: SignedRefusal,
): Message {
  const headers = Object.assign(writableHeaders(record.rawHeaders()), ourHeaders(topic, at, refusal));
  return { key: record.key, value: record.value, headers };
}

/**
 * The forms of a dead letter, each made when it is asked for: the record whole, then without its headers, then without key and
 * value. The broker may always refuse a record (because it is too large, for example): then the next form is tried, so that a record
 * which cannot be kept whole does not stop the consumer. A form names the length and the SHA-256 of what it leaves out, which is still
 * in the topic itself.
 */
export function deadLetterForms(
  topic: Topic<unknown>,
  record: Buried,
  at: RecordPosition,
  refusal: SignedRefusal,
): (() => Message)[] {
  const ours = ourHeaders(topic, at, refusal);
  const cut = (form: string) => ({
    ...ours,
    [DEAD_LETTER_HEADERS.cut]: form,
    [DEAD_LETTER_HEADERS.valueBytes]: String(record.value?.length ?? 0),
    [DEAD_LETTER_HEADERS.valueHash]: record.value ? hash('sha256', record.value) : '',
  });
  return [
    () => deadLetterOf(topic, record, at, refusal),
    () => ({ key: record.key, value: record.value, headers: cut('headers') }),
    () => ({ key: null, value: null, headers: cut('headers,key,value') }),
  ];
}

const ourHeaders = (
  topic: Topic<unknown>,
  at: RecordPosition,
  refusal: SignedRefusal,
): Record<string, string> => ({
  [DEAD_LETTER_HEADERS.reason]: refusal.reason,
  [DEAD_LETTER_HEADERS.detail]: refusal.detail.slice(0, DETAIL_LENGTH_MAX),
  [DEAD_LETTER_HEADERS.consumer]: refusal.consumer,
  [DEAD_LETTER_HEADERS.topic]: topic.name,
  [DEAD_LETTER_HEADERS.partition]: String(at.partition),
  [DEAD_LETTER_HEADERS.offset]: at.offset,
});

/** A header of the same name that was written more than once stays so. An object without a prototype: names may be any. */
export function writableHeaders(headers: readonly [name: string, value: Buffer | null][]): Headers {
  const written = Object.create(null) as Headers;
  for (const [name, value] of headers) {
    const before = written[name];
    // kafkajs 2.2.4 throws when it is to write null: it becomes empty.
    const one = value ?? '';
    written[name] = before === undefined ? one : [...(Array.isArray(before) ? before : [before]), one];
  }
  return written;
}

type Headers = Record<string, Buffer | string | (Buffer | string)[]>;
