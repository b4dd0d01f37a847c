// What the broker says about the topic: its id, and where each partition begins and ends.
import type { Admin, KafkaClient } from '#runtime/kafka.ts';
import { fetchTopicId } from '#runtime/kafka-topic-id.ts';

/** The offsets between which a partition can be read. */
export interface LogEnds {
  readonly earliest: number;
  /** Behind the last record. */
  readonly end: number;
}

export interface LogInspector {
  topicId(): Promise<string>;
  /** By partition number. */
  ends(): Promise<ReadonlyMap<number, LogEnds>>;
  close(): Promise<void>;
}

/** Asks through one admin connection that is opened when it is first needed. */
export function createLogInspector(client: KafkaClient, topic: string): LogInspector {
  let admin: Promise<Admin> | undefined;
  const connect = async (): Promise<Admin> => {
    const created = client.kafka.admin();
    await created.connect();
    return created;
  };
  const connected = (): Promise<Admin> => {
    admin ??= connect().catch((error: unknown) => {
      admin = undefined;
      throw error;
    });
    return admin;
  };
  return {
    topicId: () => fetchTopicId(client, topic),
    ends: async () => {
      const offsets = await (await connected()).fetchTopicOffsets(client.nameOf(topic));
      return new Map(
        offsets.map(({ partition, low, high }) => [partition, { earliest: Number(low), end: Number(high) }]),
      );
    },
    close: async () => {
      await (await admin)?.disconnect();
    },
  };
}
