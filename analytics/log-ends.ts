// What the broker says about a topic: its id, and where each partition begins and ends.
import {
  type Admin,
  isLeaderMoving,
  type KafkaClient,
  type PartitionOffsets,
  topicOffsets,
} from '#runtime/kafka/client.ts';
import { fetchTopicId } from '#runtime/kafka/topic-id.ts';

/** The offsets between which a partition can be read. */
export interface LogEnds {
  readonly earliest: number;
  /** Behind the last record. */
  readonly end: number;
}

/** What is asked about one topic. */
export interface LogInspector {
  topicId(): Promise<string>;
  /** By partition number. */
  ends(): Promise<ReadonlyMap<number, LogEnds>>;
}

/** Asks about any topic. */
export interface BrokerView {
  of(topic: string): LogInspector;
  close(): Promise<void>;
}

/** Through a connection that is there; while a leader moves it gives up, and what asks again takes over. */
async function fetchOffsets(admin: Admin, client: KafkaClient, topic: string): Promise<PartitionOffsets[]> {
  try {
    return await admin.fetchTopicOffsets(client.nameOf(topic));
  } catch (error) {
    if (!isLeaderMoving(error)) throw error;
    return topicOffsets(client, topic);
  }
}

/** Asks through one admin connection that is opened when it is first needed. */
export function createBrokerView(client: KafkaClient): BrokerView {
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
  const endsOf = async (topic: string): Promise<ReadonlyMap<number, LogEnds>> => {
    const offsets = await fetchOffsets(await connected(), client, topic);
    return new Map(
      offsets.map(({ partition, low, high }) => [partition, { earliest: Number(low), end: Number(high) }]),
    );
  };
  return {
    of: (topic) => ({ topicId: () => fetchTopicId(client, topic), ends: () => endsOf(topic) }),
    close: async () => {
      await (await admin)?.disconnect();
    },
  };
}
