// The careful consumer of a service: records of all its topics in, events to their handlers. At least once, in partition order;
// what cannot be read or keeps failing goes to the topic's dead letters, and only then does the partition move on.

import type { KafkaClient } from './client.ts';
import { deadLetterTopic } from './dead-letters.ts';
import { createGroupConsumer } from './group-consumer.ts';
import { takeOverOffsets } from './group-takeover.ts';
import { Sender } from './sender.ts';
import type { Subscription } from './subscription.ts';
import { TopicWorker, type WorkOptions } from './topic-worker.ts';

export interface ConsumeOptions extends WorkOptions {
  readonly client: KafkaClient;
  /** A topic each, and no topic twice. */
  readonly subscriptions: readonly Subscription[];
  /** The group that read a topic before this one did; its position is taken over once. @default none */
  readonly formerGroup?: (topic: string) => string;
  /** How long the group waits for a sign of life before it gives our partitions away. @default 30_000 */
  readonly sessionTimeoutMs?: number;
  /** Longest that a partition may be held before `trouble` names it. @default a minute */
  readonly heldMsMax?: number;
}

/** A running consumer. */
export interface RunningConsumer {
  /** Why it does not advance, as a sentence; undefined while it does. */
  trouble(): string | undefined;
  /** Finishes the events in progress, commits, leaves the group. */
  stop(): Promise<void>;
}

/** How long a stop waits for a dead letter that is being sent. */
const DEAD_LETTER_WAIT_MS = 5_000;

/** Joins the group and consumes until stopped. A new group starts at the beginning of its topics. */
export async function consumeTopics(options: ConsumeOptions): Promise<RunningConsumer> {
  const { client, subscriptions, group, formerGroup, log, sessionTimeoutMs = 30_000 } = options;
  for (const { topic } of subscriptions) deadLetterTopic(topic);
  if (subscriptions.length === 0) return { trouble: () => undefined, stop: async () => {} };
  const deadLetters = new Sender(client);
  const workers = new Map(
    subscriptions.map((one) => [one.topic.name, new TopicWorker(one, options, deadLetters)]),
  );
  if (formerGroup) {
    const former = [...workers.keys()].map((topic) => ({ topic, group: formerGroup(topic) }));
    await takeOverOffsets(client, group, former, log);
  }
  const consumer = createGroupConsumer({
    client,
    log,
    group,
    topics: [...workers.keys()],
    sessionTimeoutMs,
    ...(options.heldMsMax === undefined ? {} : { heldMsMax: options.heldMsMax }),
    onAssigned: (topic, partitions) => workers.get(topic)!.assigned(partitions),
    onBatch: (batch) => workers.get(batch.topic)!.workBatch(batch),
    onHold: (topic, partition, isHeld) => workers.get(topic)!.held(partition, isHeld),
  });
  const stop = async (): Promise<void> => {
    // A dead letter may still be on its way while the consumer drains; to a broker that is away, for longer than a stop has time.
    const isLate = setTimeout(() => void deadLetters.close(), DEAD_LETTER_WAIT_MS);
    try {
      await consumer.stop();
    } finally {
      clearTimeout(isLate);
      await deadLetters.close();
    }
  };
  try {
    await consumer.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return { trouble: () => consumer.trouble(), stop };
}
