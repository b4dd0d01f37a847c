// The careful consumer of one topic: records in, events to a handler. At least once, in partition order; what cannot be
// read or keeps failing goes to the topic's dead letters, and only then does the consumer move on.
import { deadLetterTopic } from './dead-letters.ts';
import type { Consumer } from './kafka.ts';
import { TopicWorker, type WorkOptions } from './topic-worker.ts';

const HEARTBEAT_MS = 3_000;
const REBALANCE_TIMEOUT_MS = 60_000;
/** An idle member beats, and so hears of a rebalance, only between its fetches. */
const FETCH_WAIT_MS = 1_000;

export interface ConsumeOptions<Data> extends WorkOptions<Data> {
  /** The client has given up: end the process, so that its supervisor starts it anew. */
  readonly onCrash: (error: Error) => void;
  /** How long the group waits for a sign of life before it gives our partitions away. @default 30_000 */
  readonly sessionTimeoutMs?: number;
  /** Partitions worked at the same time; each keeps its order. @default 1 */
  readonly partitionsConcurrent?: number;
}

/** A running consumer. */
export interface RunningConsumer {
  /** Finishes the event in hand, commits, leaves the group. */
  stop(): Promise<void>;
}

/** Joins the group and consumes until stopped. A new group starts at the beginning of the topic. */
export async function consumeTopic<Data>(options: ConsumeOptions<Data>): Promise<RunningConsumer> {
  deadLetterTopic(options.topic);
  const { kafka, nameOf } = options.client;
  const consumer = kafka.consumer({
    groupId: nameOf(options.group),
    heartbeatInterval: HEARTBEAT_MS,
    sessionTimeout: options.sessionTimeoutMs ?? 30_000,
    rebalanceTimeout: REBALANCE_TIMEOUT_MS,
    maxWaitTimeInMs: FETCH_WAIT_MS,
    allowAutoTopicCreation: false,
  });
  const worker = new TopicWorker(options);
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (!payload.restart) options.onCrash(payload.error);
  });
  try {
    await worker.connect();
    await consumer.connect();
    await consumer.subscribe({ topics: [nameOf(options.topic.name)], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: options.partitionsConcurrent ?? 1,
      eachBatch: (payload) => worker.workBatch(payload),
    });
  } catch (error) {
    await stopConsumer(consumer, worker);
    throw error;
  }
  return { stop: () => stopConsumer(consumer, worker) };
}

/** The producer goes last: a dead letter may still be on its way while the consumer drains. */
async function stopConsumer(
  consumer: Consumer,
  worker: Pick<TopicWorker<never>, 'disconnect'>,
): Promise<void> {
  try {
    await consumer.disconnect();
  } finally {
    await worker.disconnect();
  }
}
