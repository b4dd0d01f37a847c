// The newest events of a topic, kept in bounded memory. Reads from the beginning at each start with a new group
// and commits nothing: it looks on, it does not consume. A broker that is away is tried again for ever.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeEvent, type Event, type RawRecord } from '#contracts/envelope.ts';
import { CONSOLE } from '#contracts/shop-processes.ts';
import type { Topic } from '#contracts/topic.ts';
import { messageOf } from '#runtime/errors.ts';
import {
  type Consumer,
  type KafkaClient,
  type KafkaMessage,
  type PartitionOffsets,
  topicOffsets,
} from '#runtime/kafka/client.ts';
import type { Logger } from '#runtime/log.ts';

const RETRY_MS = 2_000;

/** One event and where it is. */
export interface TailRecord<Data> {
  readonly partition: number;
  readonly offset: string;
  readonly key: string;
  readonly event: Event<Data>;
}

export interface TopicTail<Data> {
  /** Newest last, at most `recordsMax`. */
  readonly records: () => readonly TailRecord<Data>[];
  /** Whether the topic is being read now. */
  readonly isReading: () => boolean;
  stop(): Promise<void>;
}

export interface TopicTailOptions<Data> {
  readonly client: KafkaClient;
  readonly topic: Topic<Data>;
  readonly log: Logger;
  /** @default 500 */
  readonly recordsMax?: number;
}

/** Starts to read and never throws: `isReading` says how it goes. */
export function tailTopic<Data>(options: TopicTailOptions<Data>): TopicTail<Data> {
  const { client, topic, log, recordsMax = 500 } = options;
  const records = new Map<string, TailRecord<Data>>();
  const keep = (_topic: string, partition: number, message: KafkaMessage): void => {
    const record = readRecord(topic, partition, message);
    if (record) remember(records, `${partition}/${record.offset}`, record, recordsMax);
  };
  const { isReading, stop } = followTopics({ client, topics: [topic.name], log, keep });
  return { records: () => [...records.values()], isReading, stop };
}

export interface FollowOptions {
  readonly client: KafkaClient;
  /** By the names of their contracts. */
  readonly topics: readonly string[];
  readonly log: Logger;
  /** Takes each record; after a broker that was away, those that are there are given again. */
  readonly keep: (topic: string, partition: number, message: KafkaMessage) => void;
  /** Of each partition only so many of the newest. @default all */
  readonly newestMax?: number;
}

export interface Followed {
  readonly isReading: () => boolean;
  /** Resolves once everything has been given that was there when the reading began. */
  readonly caughtUp: Promise<void>;
  stop(): Promise<void>;
}

/** Gives all records of the topics, and then those that come. */
export function followTopics(options: FollowOptions): Followed {
  const { client, topics, log } = options;
  const state = { isReading: false, isStopped: false };
  const { promise: caughtUp, resolve: onCaughtUp } = Promise.withResolvers<void>();
  let consumer: Consumer | undefined;
  const onReading = (): void => {
    state.isReading = true;
  };
  const run = async (): Promise<void> => {
    while (!state.isStopped) {
      consumer = createOnlooker(client);
      await readUntilCrash(consumer, options, onReading, onCaughtUp).catch((error: unknown) =>
        log.info({ topics, reason: messageOf(error) }, 'topics cannot be read now, trying again'),
      );
      state.isReading = false;
      await consumer.disconnect().catch(() => {});
      if (!state.isStopped) await sleep(RETRY_MS);
    }
  };
  void run();
  const stop = async (): Promise<void> => {
    state.isStopped = true;
    await consumer?.disconnect();
  };
  return { isReading: () => state.isReading, caughtUp, stop };
}

/** A consumer in a new group; the broker deletes a group that commits nothing once it is empty. */
const createOnlooker = (client: KafkaClient): Consumer =>
  client.kafka.consumer({
    groupId: client.nameOf(`${CONSOLE}-${randomUUID()}`),
    // A fetch that waits for news holds up the stopping.
    maxWaitTimeInMs: 500,
  });

/** Resolves when the client has given up, and not while it tries again. */
async function readUntilCrash(
  consumer: Consumer,
  { client, topics, keep, newestMax }: FollowOptions,
  onReading: () => void,
  onCaughtUp: () => void,
): Promise<void> {
  const crash = new Promise<void>((resolve) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => payload.restart || resolve());
  });
  const names = new Map(topics.map((topic) => [client.nameOf(topic), topic]));
  await consumer.connect();
  await consumer.subscribe({ topics: [...names.keys()], fromBeginning: true });
  const logs = await Promise.all(
    [...names].map(async ([name, topic]) => ends(name, await topicOffsets(client, topic))),
  );
  whenReached(consumer, logs.flat(), onCaughtUp);
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ topic, partition, message }) => keep(names.get(topic) ?? topic, partition, message),
  });
  for (const { topic, partition, low, high } of newestMax === undefined ? [] : logs.flat()) {
    const from = high - BigInt(newestMax!);
    if (from > low) consumer.seek({ topic, partition, offset: String(from) });
  }
  onReading();
  await crash;
}

interface LogEnd {
  readonly topic: string;
  readonly partition: number;
  readonly low: bigint;
  readonly high: bigint;
}

const ends = (topic: string, offsets: readonly PartitionOffsets[]): LogEnd[] =>
  offsets.map(({ partition, low, high }) => ({ topic, partition, low: BigInt(low), high: BigInt(high) }));

/** Calls once every partition has been read to where it ends now. */
function whenReached(consumer: Consumer, logs: readonly LogEnd[], onReached: () => void): void {
  const left = new Map(
    logs.filter(({ low, high }) => high > low).map((log) => [`${log.topic}/${log.partition}`, log.high]),
  );
  if (left.size === 0) return onReached();
  // Called also for batches that hold only aborted records and markers.
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { topic, partition, lastOffset } }) => {
    const name = `${topic}/${partition}`;
    if (BigInt(lastOffset) + 1n >= (left.get(name) ?? 0n)) left.delete(name);
    if (left.size === 0) onReached();
  });
}

/** Adds to a map that never grows beyond its limit: the oldest make room. */
function remember<Value>(map: Map<string, Value>, key: string, value: Value, max: number): void {
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= max) break;
    map.delete(oldest);
  }
}

/** A record as an event of the topic, or undefined where it is none: a tail shows, it does not judge. */
export function readRecord<Data>(
  topic: Topic<Data>,
  partition: number,
  message: Pick<KafkaMessage, 'offset' | 'key' | 'value' | 'headers'>,
): TailRecord<Data> | undefined {
  const decoded = decodeEvent(topic.event, { value: message.value, headers: headersOf(message.headers) });
  if (!decoded.ok) return undefined;
  return { partition, offset: message.offset, key: message.key?.toString() ?? '', event: decoded.event };
}

/** Of a header that stands several times the first. */
export const headersOf = (headers: KafkaMessage['headers']): RawRecord['headers'] =>
  Object.fromEntries(
    Object.entries(headers ?? {}).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  );
