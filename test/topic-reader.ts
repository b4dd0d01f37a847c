// A topic in, everything that it holds at this moment out: for rules about what was published and what was not.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type KafkaClient, type KafkaMessage, topicOffsets } from '#runtime/kafka/client.ts';

/** One record and where it is. */
export type ReadRecord = KafkaMessage & { readonly partition: number };

/** Records from the first to the present end, by partition and offset; waits for as long as the broker takes. */
export async function readTopic(
  client: KafkaClient,
  topic: string,
  options: { readUncommitted?: boolean } = {},
): Promise<ReadRecord[]> {
  const name = client.nameOf(topic);
  const offsets = await topicOffsets(client, topic);
  const left = new Map(
    offsets
      .filter(({ high, low }) => high !== low)
      .map(({ partition, high }) => [partition, BigInt(high) - 1n]),
  );
  if (left.size === 0) return [];
  const consumer = client.kafka.consumer({ groupId: client.nameOf(`reader-${randomUUID()}`), ...options });
  const records: ReadRecord[] = [];
  const finished = new Promise<void>((resolve, reject) => {
    // Called also for batches with only aborted records and markers, which the callback never sees.
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { partition, lastOffset } }) => {
      if (BigInt(lastOffset) >= (left.get(partition) ?? 0n)) left.delete(partition);
      if (left.size === 0) resolve();
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
  });
  await consumer.connect();
  try {
    await consumer.subscribe({ topics: [name], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ partition, message }) => void records.push({ ...message, partition }),
    });
    await finished;
  } finally {
    await consumer.disconnect();
  }
  return records.toSorted((a, b) => a.partition - b.partition || Number(BigInt(a.offset) - BigInt(b.offset)));
}

/**
 * Waits until everything below the offset of a topic's only partition is decided. A commit is acknowledged to its producer before
 * its markers stand in the partitions; readers of committed records see it only then.
 */
export async function settled(client: KafkaClient, topic: string, stableEnd: string): Promise<void> {
  // `high` is the last stable offset here: this client asks as a reader of committed records.
  while ((await topicOffsets(client, topic))[0]?.high !== stableEnd) await sleep(20);
}
