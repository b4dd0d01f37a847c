// One look at everything: the snapshot first, the log up to exactly its offsets, then the sinks. What was counted stays, so
// that the next look reads the log on from there.
import { productImagesProcessed } from '#contracts/topics.ts';
import { AppError, messageOf } from '#runtime/errors.ts';
import type { KafkaClient, KafkaMessage } from '#runtime/kafka.ts';
import { type PartState, readRevisions, type Snapshot, takeSnapshot } from './cloud-sql.ts';
import { DeadLetterTopic } from './dead-letter-topic.ts';
import { readDocuments } from './firestore.ts';
import { ResultObjects } from './gcs.ts';
import { type LogEnds, LogReader, logEnds } from './log-reader.ts';
import type { Observed } from './observed.ts';
import { PartitionCount } from './oracle.ts';
import { ResultsTopic } from './results-topic.ts';
import type { Settings } from './settings.ts';

export class Looker {
  private readonly settings: Settings;
  private readonly client: KafkaClient;
  private readonly onProgress: (line: string) => void;
  private readonly log: LogReader;
  private readonly counted = new Map<number, PartitionCount>();
  private readonly objects: ResultObjects;
  private readonly results: ResultsTopic;
  private readonly letters: DeadLetterTopic;
  private ends: LogEnds[] = [];
  private topicIds: string | undefined;

  constructor(settings: Settings, client: KafkaClient, onProgress: (line: string) => void) {
    this.settings = settings;
    this.client = client;
    this.onProgress = onProgress;
    this.log = new LogReader(client, productImagesProcessed.name, (part, message) =>
      this.count(part, message),
    );
    this.objects = new ResultObjects(settings);
    this.results = new ResultsTopic(client);
    this.letters = new DeadLetterTopic(client);
  }

  /** Notes where the log ends now: that far the worker must get. */
  async open(): Promise<void> {
    this.ends = await from('Kafka', 'KAFKA_BROKERS', () => logEnds(this.client, productImagesProcessed.name));
  }

  async look(): Promise<Observed> {
    const { DATABASE_URL } = this.settings;
    const snapshot = await from('Postgres', 'DATABASE_URL', () => takeSnapshot(DATABASE_URL));
    await this.countTo(snapshot);
    const [firestore, gcs, results, letters] = await Promise.all([
      from('Firestore', 'FIRESTORE_EMULATOR_HOST and GOOGLE_CLOUD_PROJECT', () =>
        readDocuments(this.settings),
      ),
      from('GCS', 'GCS_ENDPOINT and RESULTS_BUCKET', () => this.objects.read()),
      from('the results topic', 'KAFKA_BROKERS', () => this.results.read()),
      from('the dead-letter topic', 'KAFKA_BROKERS', () => this.letters.read()),
    ]);
    const revisionsSince = await from('Postgres', 'DATABASE_URL', () => readRevisions(DATABASE_URL));
    const { counted, ends } = this;
    return { counted, ends, snapshot, revisionsSince, firestore, gcs, results, letters };
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.log.close(), this.results.close(), this.letters.close()]);
  }

  private async countTo(snapshot: Snapshot): Promise<void> {
    const states = snapshot.parts.filter(({ isRetired }) => !isRetired);
    this.checkTopic(states);
    await from('Kafka', 'KAFKA_BROKERS', async () => {
      const now = await logEnds(this.client, productImagesProcessed.name);
      for (const state of states) this.begin(state, snapshot, now);
      const targets = new Map(states.map(({ part, nextOffset }) => [part, nextOffset]));
      await this.log.readTo(targets, (left) => this.onProgress(`the log: ${left} offsets left to count`));
    });
  }

  /** The count of one topic must not go on with the log of another that has the same name. */
  private checkTopic(states: readonly PartState[]): void {
    const ids = [...new Set(states.map(({ topicId }) => topicId))];
    if (ids.length > 1)
      throw new AppError('topic-ambiguous', `part_state holds ${ids.length} topics that are not retired`);
    if (this.topicIds !== undefined && ids[0] !== this.topicIds)
      throw new AppError('topic-replaced', 'the topic was made anew during the look; run again');
    this.topicIds = ids[0];
  }

  private begin(state: PartState, snapshot: Snapshot, ends: readonly LogEnds[]): void {
    const { part, nextOffset, firstOffset } = state;
    if (this.counted.has(part)) return;
    const bounds = ends.find((one) => one.part === part);
    if (!bounds || bounds.end < nextOffset)
      throw new AppError(
        'log-shorter',
        `partition ${part}: Cloud SQL stands at ${nextOffset}, the log ends at ${bounds?.end ?? 'no such partition'}: ` +
          'it is another cluster, another topic prefix, or the log was cut off at its end',
      );
    const lost = unreadable(state, snapshot, bounds.earliest);
    if (lost !== undefined)
      throw new AppError(
        'log-truncated',
        `partition ${part}: offsets from ${lost} were counted, and the log begins at ${bounds.earliest}: they cannot be ` +
          'counted again; reconcile within the retention of the topic',
      );
    this.counted.set(
      part,
      new PartitionCount({
        outOfOrderBoundMs: this.settings.OUT_OF_ORDER_BOUND_MS,
        latenessMs: this.settings.LATENESS_MS,
        seenIdsMax: this.settings.SEEN_IDS_MAX,
      }),
    );
    this.log.startAt(part, Math.max(firstOffset, bounds.earliest));
  }

  private count(part: number, { offset, timestamp, value, headers }: KafkaMessage): void {
    const timestampMs = Number(timestamp);
    this.counted.get(part)?.add({ offset: Number(offset), timestampMs, value, headers: headers ?? {} });
  }
}

/** The first offset that was counted and is in the log no more; gaps that a person accepted were never counted. */
function unreadable(state: PartState, { gaps }: Snapshot, earliest: number): number | undefined {
  let position = state.firstOffset;
  const own = gaps.filter(({ topicId, part }) => topicId === state.topicId && part === state.part);
  for (const gap of own.toSorted((a, b) => a.fromOffset - b.fromOffset))
    if (gap.fromOffset <= position) position = Math.max(position, gap.toOffset);
  return position < Math.min(earliest, state.nextOffset) ? position : undefined;
}

/** Names the store that could not be read, and where its address is set. */
async function from<Result>(store: string, variables: string, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof AppError) throw error;
    const remedy = `is it running, and do ${variables} name it?`;
    throw new AppError('unreachable', `${store} could not be read: ${describe(error)}; ${remedy}`, {}, error);
  }
}

/** A refused connection on every address of a name is an error whose own message is empty. */
const describe = (error: unknown): string =>
  error instanceof AggregateError ? error.errors.map(messageOf).join(', ') : messageOf(error);
