// The letters that wait in the dead-letter topics, why, and what is known of each without telling what stands in it.
import { CONSOLE } from '#contracts/shop-processes.ts';
import type { Topic } from '#contracts/topic.ts';
import { TOPICS } from '#contracts/topics.ts';
import type { KafkaClient } from '#runtime/kafka/client.ts';
import type { WaitingLetter } from '#runtime/kafka/dead-letter-replay.ts';
import type { Positions } from '#runtime/kafka/positions.ts';
import type { FetchedRecord } from '#runtime/kafka/records.ts';
import { readLetters, type WaitingRange, waitingRanges } from '#runtime/kafka/waiting-letters.ts';
import type { Logger } from '#runtime/log.ts';
import { bodyOf, type LetterBody } from './letter-body.ts';
import { shareLook } from './shared-look.ts';

/** One letter that waits. */
export interface DeadLetter extends WaitingLetter, LetterBody {
  /** The topic that the record was refused on. */
  readonly topic: string;
  /** When it was refused, by the broker's clock. */
  readonly at: string;
}

/** The dead letters of one topic. */
export interface LetterCount {
  readonly topic: string;
  readonly waiting: number;
}

export interface DeadLettersAnswer {
  readonly asOf: string;
  /** Every topic that has dead letters, in the order of the contract. */
  readonly topics: readonly LetterCount[];
  /** The newest first; fewer than wait where there are very many. */
  readonly letters: readonly DeadLetter[];
}

/** As many as anybody reads. */
const LETTERS_MAX = 200;
const FRESH_MS = 1_000;
const WAIT_MS_MAX = 4_500;
/** Header texts of a forged letter may be of any length. */
const TEXT_LENGTH_MAX = 500;

/** Topics whose records can be refused. */
export const REFUSABLE: readonly Topic<unknown>[] = TOPICS.filter(({ deadLetters }) => deadLetters);

export interface DeadLettersOptions {
  readonly client: KafkaClient;
  readonly positions: Positions;
  readonly log: Logger;
  /** @default all that have dead letters */
  readonly topics?: readonly Topic<unknown>[];
}

/** Letters are read once: as long as none comes and none goes, only offsets are asked for. */
export function createDeadLettersLook(options: DeadLettersOptions): () => Promise<DeadLettersAnswer> {
  const { client, positions, log, topics = REFUSABLE } = options;
  let read: { readonly of: string; readonly letters: readonly DeadLetter[] } | undefined;
  const look = async (): Promise<DeadLettersAnswer> => {
    // Of before the question: what ends meanwhile may not be in the answer.
    const asOf = new Date().toISOString();
    const ranges = await waitingRanges(positions, topics);
    const of = JSON.stringify(
      ranges.map(({ topic, partition, from, end }) => [topic.name, partition, from, end]),
    );
    if (read?.of !== of) read = { of, letters: await lettersOf(client, log, newest(ranges)) };
    return {
      asOf,
      topics: topics.map((topic) => ({ topic: topic.name, waiting: countOf(ranges, topic) })),
      letters: read.letters,
    };
  };
  return shareLook({ look, freshMs: FRESH_MS, waitMsMax: WAIT_MS_MAX, onRest: () => void positions.rest() });
}

const countOf = (ranges: readonly WaitingRange[], topic: Topic<unknown>): number =>
  ranges.filter((range) => range.topic === topic).reduce((sum, { from, end }) => sum + end - from, 0);

/** Of each partition its share of the newest. */
function newest(ranges: readonly WaitingRange[]): WaitingRange[] {
  const share = Math.max(1, Math.floor(LETTERS_MAX / Math.max(1, ranges.length)));
  return ranges.map((range) => ({ ...range, from: Math.max(range.from, range.end - share) }));
}

async function lettersOf(
  client: KafkaClient,
  log: Logger,
  ranges: readonly WaitingRange[],
): Promise<DeadLetter[]> {
  // By place: a batch may come twice.
  const letters = new Map<string, DeadLetter>();
  await readLetters({
    client,
    log,
    reader: CONSOLE,
    ranges,
    onLetter: (topic, letter, record) =>
      letters.set(`${topic.name} ${letter.partition} ${letter.offset}`, shown(topic, letter, record)),
  });
  return [...letters.values()].toSorted((one, other) => (one.at < other.at ? 1 : one.at > other.at ? -1 : 0));
}

const shown = (topic: Topic<unknown>, letter: WaitingLetter, record: FetchedRecord): DeadLetter => ({
  partition: letter.partition,
  offset: letter.offset,
  isWhole: letter.isWhole,
  reason: cut(letter.reason),
  detail: cut(letter.detail),
  consumer: cut(letter.consumer),
  origin: cut(letter.origin),
  topic: topic.name,
  at: new Date(record.timestampMs).toISOString(),
  ...bodyOf(topic, record),
});

const cut = (text: string): string => text.slice(0, TEXT_LENGTH_MAX);
