// The log of one topic, counted plainly up to exactly the positions in Cloud SQL. What was counted stays, so that
// the next look reads on from there.
import { AppError } from '#runtime/errors.ts';
import type { KafkaClient, KafkaMessage } from '#runtime/kafka/client.ts';
import { DeadLetterTopic } from './dead-letter-topic.ts';
import { type LogEnds, LogReader, logEnds } from './log-reader.ts';
import type { PlainCount } from './oracle.ts';
import type { PartState, TopicState } from './topic-state.ts';

/** What the log and the dead-letter topic of a topic hold. */
export interface TopicRead<Count extends PlainCount> {
  readonly counted: ReadonlyMap<number, Count>;
  /** The ends of the log when the first look began: that far the worker must get. */
  readonly ends: readonly LogEnds[];
  readonly letters: ReadonlyMap<string, ReadonlySet<string>>;
}

export interface TopicLogOptions<Count extends PlainCount> {
  readonly client: KafkaClient;
  readonly topic: string;
  readonly deadLetters: string;
  readonly beginCount: () => Count;
  readonly onProgress: (line: string) => void;
}

export class TopicLog<Count extends PlainCount> {
  private readonly options: TopicLogOptions<Count>;
  private readonly log: LogReader;
  private readonly letters: DeadLetterTopic;
  private readonly counted = new Map<number, Count>();
  private ends: LogEnds[] = [];
  private topicId: string | undefined;

  constructor(options: TopicLogOptions<Count>) {
    this.options = options;
    const { client, topic, deadLetters } = options;
    this.log = new LogReader(client, topic, (part, message) => this.count(part, message));
    this.letters = new DeadLetterTopic(client, deadLetters);
  }

  /** Notes where the log ends now. */
  async open(): Promise<void> {
    this.ends = await logEnds(this.options.client, this.options.topic);
  }

  /** Counts on to the offsets of this state, then reads the dead letters as they are now. */
  async readTo(state: TopicState): Promise<TopicRead<Count>> {
    const { client, topic, onProgress } = this.options;
    const states = state.parts.filter(({ isRetired }) => !isRetired);
    this.checkTopic(states);
    const now = await logEnds(client, topic);
    for (const one of states) this.begin(one, state, now);
    const targets = new Map(states.map(({ part, nextOffset }) => [part, nextOffset]));
    await this.log.readTo(targets, (left) => onProgress(`${topic}: ${left} offsets left to count`));
    return { counted: this.counted, ends: this.ends, letters: await this.letters.read() };
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.log.close(), this.letters.close()]);
  }

  /** The count of one topic must not go on with the log of another that has the same name. */
  private checkTopic(states: readonly PartState[]): void {
    const ids = [...new Set(states.map(({ topicId }) => topicId))];
    if (ids.length > 1)
      throw new AppError('topic-ambiguous', `part_state holds ${ids.length} topics that are not retired`);
    if (this.topicId !== undefined && ids[0] !== this.topicId)
      throw new AppError('topic-replaced', 'the topic was made anew during the look; run again');
    this.topicId = ids[0];
  }

  private begin(state: PartState, { gaps }: TopicState, ends: readonly LogEnds[]): void {
    const { part, nextOffset, firstOffset } = state;
    if (this.counted.has(part)) return;
    const place = `${this.options.topic} partition ${part}`;
    const bounds = ends.find((one) => one.part === part);
    if (!bounds || bounds.end < nextOffset)
      throw new AppError(
        'log-shorter',
        `${place}: Cloud SQL stands at ${nextOffset}, the log ends at ${bounds?.end ?? 'no such partition'}: ` +
          'it is another cluster, another topic prefix, or the log was cut off at its end',
      );
    const lost = unreadable(state, gaps, bounds.earliest);
    if (lost !== undefined)
      throw new AppError(
        'log-truncated',
        `${place}: offsets from ${lost} were counted, and the log begins at ${bounds.earliest}: they cannot be ` +
          'counted again; reconcile within the retention of the topic',
      );
    this.counted.set(part, this.options.beginCount());
    this.log.startAt(part, Math.max(firstOffset, bounds.earliest));
  }

  private count(part: number, { offset, timestamp, value, headers }: KafkaMessage): void {
    const timestampMs = Number(timestamp);
    this.counted.get(part)?.add({ offset: Number(offset), timestampMs, value, headers: headers ?? {} });
  }
}

/** The first offset that was counted and is in the log no more; gaps that a person accepted were never counted. */
function unreadable(state: PartState, gaps: TopicState['gaps'], earliest: number): number | undefined {
  let position = state.firstOffset;
  const own = gaps.filter(({ topicId, part }) => topicId === state.topicId && part === state.part);
  for (const gap of own.toSorted((a, b) => a.fromOffset - b.fromOffset))
    if (gap.fromOffset <= position) position = Math.max(position, gap.toOffset);
  return position < Math.min(earliest, state.nextOffset) ? position : undefined;
}
