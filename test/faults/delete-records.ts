// Deletes the beginning of a partition's log, as a retention that is too short would.
import { type KafkaClient, withAdmin } from '#runtime/kafka/client.ts';

/** @param topic without the platform's prefix */
export async function deleteRecords(
  client: KafkaClient,
  topic: string,
  { partition, below }: { readonly partition: number; readonly below: number },
): Promise<void> {
  const name = client.nameOf(topic);
  await withAdmin(client, async (admin) => {
    // kafkajs deletes records only of topics whose metadata it has asked for before.
    await admin.fetchTopicOffsets(name);
    await admin.deleteTopicRecords({ topic: name, partitions: [{ partition, offset: String(below) }] });
  });
}
