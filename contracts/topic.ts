// A topic: what a process may rely on when it reads or writes it.
import type { EventContract } from './envelope.ts';

export const DAY_MS = 86_400_000;

/** A topic and what it promises. */
export interface Topic<Data> {
  readonly name: string;
  /** What the record key is, in words. */
  readonly key: string;
  readonly event: EventContract<Data>;
  readonly partitions: number;
  readonly cleanup: 'delete' | 'compact';
  /** How long records are kept; ignored where the topic is compacted. */
  readonly retentionMs: number;
  /** Name of the topic that takes what its consumers cannot read, if it is consumed. */
  readonly deadLetters?: string;
}

/** A topic of the shop's events with consumers: keeps them a week, in the order of their key. */
export const consumedTopic = <Data>(name: string, key: string, event: EventContract<Data>): Topic<Data> => ({
  ...unconsumedTopic(name, key, event),
  deadLetters: `${name}.dlq`,
});

/** A topic without consumers on the platform yet. */
export const unconsumedTopic = <Data>(
  name: string,
  key: string,
  event: EventContract<Data>,
): Topic<Data> => ({
  name,
  key,
  event,
  partitions: 6,
  cleanup: 'delete',
  retentionMs: 7 * DAY_MS,
});
