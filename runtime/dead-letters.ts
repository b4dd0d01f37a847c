// A refused record in, its copy on the dead-letter topic out. The bytes and headers are the original's; ours are added.
import type { Topic } from '#contracts/topic.ts';
import { AppError } from './errors.ts';
import type { KafkaClient, KafkaMessage, Message, Producer } from './kafka.ts';

/** Together with the other headers well within the room that a dead-letter topic adds to its topic's record size. */
const DETAIL_LENGTH_MAX = 500;

/** Why a record went to the dead letters. */
export interface Refusal {
  /** A `DecodeFault`, or `handler-failed`. */
  readonly reason: string;
  /** For people; holds no field values of the record. */
  readonly detail: string;
}

/** Where a record lies: what makes its dead letter findable and repeatable. */
export interface RecordPosition {
  readonly partition: number;
  readonly offset: string;
}

/** Header names of a dead letter. A redelivered record repeats `dlq-topic/-partition/-offset`, so readers can drop it. */
export const DEAD_LETTER_HEADERS = {
  reason: 'dlq-reason',
  detail: 'dlq-detail',
  topic: 'dlq-topic',
  partition: 'dlq-partition',
  offset: 'dlq-offset',
} as const;

/**
 * The name of a consumed topic's dead-letter topic.
 * @throws AppError `topic-without-dead-letters` where the contract names none.
 */
export function deadLetterTopic(topic: Topic<unknown>): string {
  if (topic.deadLetters) return topic.deadLetters;
  throw new AppError('topic-without-dead-letters', `${topic.name} is consumed but names no dead letters`);
}

/** The record to publish for a refused one. */
export function deadLetterOf(
  topic: Topic<unknown>,
  message: Pick<KafkaMessage, 'key' | 'value' | 'headers'>,
  at: RecordPosition,
  refusal: Refusal,
): Message {
  return {
    key: message.key,
    value: message.value,
    headers: {
      ...writableHeaders(message.headers),
      [DEAD_LETTER_HEADERS.reason]: refusal.reason,
      [DEAD_LETTER_HEADERS.detail]: refusal.detail.slice(0, DETAIL_LENGTH_MAX),
      [DEAD_LETTER_HEADERS.topic]: topic.name,
      [DEAD_LETTER_HEADERS.partition]: String(at.partition),
      [DEAD_LETTER_HEADERS.offset]: at.offset,
    },
  };
}

/** Publishes the dead letter and resolves when every in-sync replica has it. */
export async function publishDeadLetter(
  client: KafkaClient,
  producer: Pick<Producer, 'send'>,
  topic: Topic<unknown>,
  deadLetter: Message,
): Promise<void> {
  await producer.send({ topic: client.nameOf(deadLetterTopic(topic)), acks: -1, messages: [deadLetter] });
}

/** kafkajs 2.2.4 reads null header values and throws when it is to write them: they become empty. */
function writableHeaders(headers: KafkaMessage['headers']): NonNullable<KafkaMessage['headers']> {
  return Object.fromEntries(
    Object.entries(headers ?? {}).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map((one) => one ?? '') : (value ?? ''),
    ]),
  );
}
