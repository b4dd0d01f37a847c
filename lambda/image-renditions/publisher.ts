// Encoded events in, records on Kafka out. Idempotent producer, all in-sync replicas; gives up in time to report it.
import type { EncodedRecord } from '#contracts/envelope.ts';
import { within } from '#runtime/deadline.ts';
import { AppError, messageOf } from '#runtime/errors.ts';
import { createProducer, type KafkaClient, type Producer, publish } from '#runtime/kafka/client.ts';

export interface Publisher {
  /** Resolves when every in-sync replica has all records; throws when that took too long or failed. */
  publish(topic: string, records: readonly EncodedRecord[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * A publisher that connects at its first use and stays connected between invocations. After a failure the connection
 * is given up: its outcome is unknown, and a frozen function must not try again when it thaws. What then is
 * published twice has the same event ids.
 * @param waitMsMax longest wait for connection and acknowledgement together; shorter than the function's timeout
 */
export function createPublisher(client: KafkaClient, waitMsMax: number): Publisher {
  let connected: Promise<Producer> | undefined;

  const giveUp = (failed: Promise<Producer>): void => {
    // A concurrent caller may have connected again already.
    if (connected === failed) connected = undefined;
    // Not awaited: disconnecting waits for brokers that may never answer.
    failed.then((producer) => producer.disconnect()).catch(() => {});
  };

  return {
    async publish(topic, records) {
      connected ??= connect(client);
      const current = connected;
      try {
        await within(
          waitMsMax,
          current.then((producer) => publish(client, producer, topic, records)),
          { code: 'publish-timeout', what: 'the acknowledgement' },
        );
      } catch (error) {
        giveUp(current);
        throw new AppError('publish-failed', `${topic}: ${messageOf(error)}`, { topic }, error);
      }
    },
    async close() {
      const given = connected;
      connected = undefined;
      await (await given)?.disconnect();
    },
  };
}

async function connect(client: KafkaClient): Promise<Producer> {
  const producer = createProducer(client);
  await producer.connect();
  return producer;
}
