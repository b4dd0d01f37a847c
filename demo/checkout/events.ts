// The events about an order or a person, from all topics of the shop, in the order in which they happened.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { SHOP_TOPICS } from '#contracts/shop-topics.ts';
import type { KafkaClient } from '#runtime/kafka/client.ts';

const QUIET_MS = 1_500;

/** A line for each event whose key is one of those. */
export async function eventsAbout(client: KafkaClient, keys: readonly string[]): Promise<string[]> {
  const found: { time: string; line: string }[] = [];
  let heardAtMs = Date.now();
  const consumer = client.kafka.consumer({ groupId: client.nameOf(`demo-${randomUUID()}`) });
  await consumer.connect();
  try {
    await consumer.subscribe({
      topics: SHOP_TOPICS.map(({ name }) => client.nameOf(name)),
      fromBeginning: true,
    });
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ topic, message }) => {
        heardAtMs = Date.now();
        if (!keys.includes(String(message.key))) return;
        const { ce_time: time, traceparent } = message.headers ?? {};
        const trace = traceparent ? `  trace ${String(traceparent).split('-')[1]?.slice(0, 8)}` : '';
        found.push({ time: String(time), line: `${topic.padEnd(24)} ${message.value?.toString()}${trace}` });
      },
    });
    while (Date.now() - heardAtMs < QUIET_MS) await sleep(100);
  } finally {
    await consumer.disconnect();
  }
  return found
    .toSorted((one, other) => one.time.localeCompare(other.time))
    .map(({ time, line }) => `${time.slice(11, 23)}  ${line}`);
}
