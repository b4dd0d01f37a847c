// Records that are no events of their topic, each in another way; its consumers have to turn each into a dead letter.
import { setTimeout as sleep } from 'node:timers/promises';
import { orderPlaced } from '#contracts/shop-topics.ts';
import type { Topic } from '#contracts/topic.ts';
import { productImagesProcessed } from '#contracts/topics.ts';
import { loadConfig } from '#runtime/config.ts';
import { createKafka, createProducer, kafkaConfig, type Message } from '#runtime/kafka/client.ts';
import { createLogger } from '#runtime/log.ts';

const TOPICS: readonly Topic<unknown>[] = [productImagesProcessed, orderPlaced];
const EVERY_MS = 1_000;

type Kind = (envelope: Record<string, string>) => Pick<Message, 'value' | 'headers'>;

const KINDS: readonly Kind[] = [
  (headers) => ({ headers, value: null }),
  (headers) => ({ headers, value: '{"cut off": ' }),
  (headers) => ({ headers, value: Buffer.from([0x7b, 0xff, 0xfe, 0x7d]) }),
  (headers) => ({ headers, value: '{"bytes": -1, "lines": "none"}' }),
  (headers) => ({ headers: { ...headers, ce_type: 'shop.nothing.v1' }, value: '{}' }),
  () => ({ headers: {}, value: '{}' }),
];

/** A bad record of the next kind on each topic, every second until the time is over. Resolves to how many. */
export async function publishPoison(
  env: Readonly<Record<string, string>>,
  over: AbortSignal,
): Promise<number> {
  const config = loadConfig(kafkaConfig, { ...process.env, ...env });
  const client = createKafka(config, 'faults', createLogger('faults', 'silent'));
  const producer = createProducer(client);
  await producer.connect();
  let count = 0;
  try {
    for (let round = 0; !over.aborted; round += 1) {
      const kind = KINDS[round % KINDS.length]!;
      for (const topic of TOPICS) {
        const key = `poison-${Date.now()}`;
        await producer.send({
          topic: client.nameOf(topic.name),
          acks: -1,
          messages: [{ key, ...kind(envelope(topic, key)) }],
        });
        count += 1;
      }
      await sleep(EVERY_MS, undefined, { signal: over }).catch(() => {});
    }
  } finally {
    await producer.disconnect();
  }
  return count;
}

/** Right in everything. */
const envelope = (topic: Topic<unknown>, id: string): Record<string, string> => ({
  ce_specversion: '1.0',
  ce_id: id,
  ce_source: '/faults',
  ce_type: topic.event.type,
  ce_time: new Date().toISOString(),
  'content-type': 'application/json',
});
