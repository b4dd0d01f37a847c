// The newest events of a topic, kept in bounded memory. Reads from the beginning at each start with a group of its own
// and commits nothing: it looks on, it does not consume. A broker that is away is tried again for ever.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeEvent, type Event } from '#contracts/envelope.ts';
import type { Topic } from '#contracts/topic.ts';
import { messageOf } from '#runtime/errors.ts';
import type { Consumer, KafkaClient, KafkaMessage } from '#runtime/kafka/client.ts';
import type { Logger } from '#runtime/log.ts';

const RETRY_MS = 2_000;

/** One event and where it lies. */
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

/** Starts to read and never throws: `isReading` tells how it goes. */
export function tailTopic<Data>(options: TopicTailOptions<Data>): TopicTail<Data> {
  const { client, topic, log, recordsMax = 500 } = options;
  const records = new Map<string, TailRecord<Data>>();
  const state = { isReading: false, isStopped: false };
  let consumer: Consumer | undefined;

  const keep = (partition: number, message: KafkaMessage): void => {
    const record = readRecord(topic, partition, message);
    if (record) remember(records, `${partition}/${record.offset}`, record, recordsMax);
  };
  const onReading = (): void => {
    state.isReading = true;
  };
  const run = async (): Promise<void> => {
    while (!state.isStopped) {
      consumer = createOnlooker(client);
      await readUntilCrash(consumer, client.nameOf(topic.name), keep, onReading).catch((error: unknown) =>
        log.info({ topic: topic.name, reason: messageOf(error) }, 'topic cannot be read now, trying again'),
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
  return { records: () => [...records.values()], isReading: () => state.isReading, stop };
}

/** A consumer in a group of its own; the broker forgets a group that commits nothing once it is empty. */
const createOnlooker = (client: KafkaClient): Consumer =>
  client.kafka.consumer({
    groupId: client.nameOf(`console-${randomUUID()}`),
    // A fetch that waits for news holds up the stopping.
    maxWaitTimeInMs: 500,
  });

/** Resolves when the client has given up; what it retries by itself is its own business. */
async function readUntilCrash(
  consumer: Consumer,
  topic: string,
  keep: (partition: number, message: KafkaMessage) => void,
  onReading: () => void,
): Promise<void> {
  const crash = new Promise<void>((resolve) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => payload.restart || resolve());
  });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ partition, message }) => keep(partition, message),
  });
  onReading();
  await crash;
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
  const headers = Object.fromEntries(
    Object.entries(message.headers ?? {}).map(([name, value]) => [
      name,
      Array.isArray(value) ? value[0] : value,
    ]),
  );
  const decoded = decodeEvent(topic.event, { value: message.value, headers });
  if (!decoded.ok) return undefined;
  return { partition, offset: message.offset, key: message.key?.toString() ?? '', event: decoded.event };
}
