// Entries in, records of product-images.processed out, also when the broker is away for a while.
import { setTimeout as sleep } from 'node:timers/promises';
import { productImagesProcessed } from '#contracts/topics.ts';
import { createProducer, type KafkaClient, type Message, type Producer } from '#runtime/kafka/client.ts';
import type { LogEntry } from './image-log.ts';

export interface FeedWatch {
  /** Called for each send that the broker has acknowledged. */
  readonly onSent?: (count: number) => void;
  /** Stops it between two sends. */
  readonly signal?: AbortSignal;
}

/** Sends entries in order, in sends of `perSend`, with a pause after each. */
export async function feedLog(
  client: KafkaClient,
  entries: readonly LogEntry[],
  perSend: number,
  pauseMs: number,
  { onSent, signal }: FeedWatch = {},
): Promise<void> {
  const producer = createProducer(client);
  await producer.connect();
  for (let at = 0; at < entries.length; at += perSend) {
    if (signal?.aborted) break;
    const messages = entries
      .slice(at, at + perSend)
      .map((entry) => ({ ...entry, headers: { ...entry.headers } }));
    await send(client, producer, messages);
    onSent?.(messages.length);
    await sleep(pauseMs);
  }
  await producer.disconnect();
}

/** Repeats a send until the broker acknowledges it. A record that comes twice is one more repeat in the log. */
async function send(client: KafkaClient, producer: Producer, messages: Message[]): Promise<void> {
  for (;;) {
    try {
      await producer.send({ topic: client.nameOf(productImagesProcessed.name), acks: -1, messages });
      return;
    } catch {
      await sleep(500);
    }
  }
}
