// Makes clients of the Kafka client library from settings. Outside of this folder no code imports kafkajs.
import { hash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Admin,
  type ICustomPartitioner,
  Kafka,
  type LogEntry,
  logLevel,
  Partitioners,
  type Producer,
} from 'kafkajs';
import { z } from 'zod';
import type { EncodedRecord } from '#contracts/envelope.ts';
import type { TopicSettings } from '#contracts/topics.ts';
import { commaList } from '../config.ts';
import { AppError } from '../errors.ts';
import { mskTokens, oauthBearer, type TokenSource } from './auth.ts';
import './request-queue.ts';
import type { Logger } from '../log.ts';

export type {
  Admin,
  Consumer,
  EachBatchPayload,
  Kafka,
  KafkaMessage,
  Message,
  Producer,
  Transaction,
} from 'kafkajs';

export const kafkaConfig = {
  KAFKA_BROKERS: commaList.describe('bootstrap servers, host:port separated by commas'),
  KAFKA_AUTH: z
    .enum(['none', 'tls', 'msk-iam'])
    .default('none')
    .describe('how to reach the brokers: none (laptop), tls, or msk-iam (TLS and IAM by OAUTHBEARER)'),
  KAFKA_AWS_REGION: z.string().default('eu-central-1').describe('region of the MSK cluster'),
  KAFKA_AWS_ROLE_ARN: z
    .string()
    .optional()
    .describe(
      'role to assume from Google Cloud by web identity; unset on AWS, where the workload has its own role',
    ),
  KAFKA_AWS_AUDIENCE: z.string().default('msk').describe('audience of the Google identity token'),
  KAFKA_TOPIC_PREFIX: z
    .string()
    .regex(/^[a-zA-Z0-9._-]*$/, 'expected letters, digits, dots, dashes and underscores')
    .default('')
    .describe('put before every topic and group name, for several platforms on one cluster'),
};
export type KafkaConfig = z.infer<z.ZodObject<typeof kafkaConfig>>;

/** A client of one cluster that knows the name prefix of its platform. */
export interface KafkaClient {
  readonly kafka: Kafka;
  /** A topic's or group's name on this cluster. */
  readonly nameOf: (name: string) => string;
}

/**
 * The client of a process. It connects to nothing until a producer, consumer or admin does.
 * @param tokens for the login of `msk-iam`; MSK's by default
 */
export function createKafka(
  config: KafkaConfig,
  clientId: string,
  log: Logger,
  tokens = mskTokensOf(config),
): KafkaClient {
  const kafka = new Kafka({
    clientId,
    brokers: config.KAFKA_BROKERS,
    ssl: config.KAFKA_AUTH !== 'none',
    ...(config.KAFKA_AUTH === 'msk-iam' ? { sasl: oauthBearer(tokens) } : {}),
    connectionTimeout: 5_000,
    requestTimeout: 30_000,
    retry: { initialRetryTime: 200, maxRetryTime: 5_000, retries: 8 },
    logLevel: logLevel.INFO,
    logCreator: () => (entry) => logEntry(log, entry),
  });
  return { kafka, nameOf: (name) => `${config.KAFKA_TOPIC_PREFIX}${name}` };
}

/** kafkajs reports routine rebalances and retries as errors; only what it gives up on is one for us. */
function logEntry(log: Logger, { namespace, level, log: { message, ...facts } }: LogEntry): void {
  const entry = {
    from: `kafkajs/${namespace}`,
    error: facts.error,
    groupId: facts.groupId,
    topic: facts.topic,
  };
  if (level === logLevel.ERROR) log.warn(entry, message);
  else if (level === logLevel.WARN) log.info(entry, message);
  else log.debug(entry, message);
}

const mskTokensOf = (config: KafkaConfig): TokenSource =>
  mskTokens({
    region: config.KAFKA_AWS_REGION,
    roleArn: config.KAFKA_AWS_ROLE_ARN,
    audience: config.KAFKA_AWS_AUDIENCE,
  });

export interface ProducerOptions {
  readonly transactionalId?: string;
  /**
   * Tries after a failed send. Giving up leaves the outcome unknown: only for senders that may repeat a record.
   * @default without end
   */
  readonly retryCountMax?: number;
}

/** Our own keys are ids. A longer key came with a record that is not ours, which becomes a dead letter. */
const KEY_BYTES_MAX = 1_024;

/** kafkajs's own hash takes seconds for a key of 200 KB, in which the process does nothing else; a long key gets another. */
const partitioner: ICustomPartitioner = () => {
  const byKey = Partitioners.DefaultPartitioner();
  return (record) => {
    const { key } = record.message;
    if (!key || key.length <= KEY_BYTES_MAX) return byKey(record);
    return Number.parseInt(hash('sha256', key).slice(0, 8), 16) % record.partitionMetadata.length;
  };
};

/** A producer that the broker deduplicates within its session: acks from all in-sync replicas, one request in flight. */
export function createProducer(client: KafkaClient, options: ProducerOptions = {}): Producer {
  return client.kafka.producer({
    createPartitioner: partitioner,
    allowAutoTopicCreation: false,
    idempotent: true,
    maxInFlightRequests: 1,
    retry: { retries: options.retryCountMax ?? Number.MAX_SAFE_INTEGER, maxRetryTime: 5_000 },
    ...(options.transactionalId ? { transactionalId: client.nameOf(options.transactionalId) } : {}),
  });
}

/** Publishes encoded events to one topic and resolves when every in-sync replica has them. */
export async function publish(
  client: KafkaClient,
  producer: Pick<Producer, 'send'>,
  topic: string,
  records: readonly EncodedRecord[],
): Promise<void> {
  if (records.length === 0) return;
  await producer.send({ topic: client.nameOf(topic), acks: -1, messages: [...records] });
}

/** Runs work with an admin connection that is closed afterwards. */
export async function withAdmin<Result>(
  client: KafkaClient,
  work: (admin: Admin) => Promise<Result>,
): Promise<Result> {
  const admin = client.kafka.admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

/** A partition's first offset, and the one behind its last committed record, as decimals. */
export interface PartitionOffsets {
  readonly partition: number;
  readonly low: string;
  readonly high: string;
}

const LEADER_MOVES = ['NOT_LEADER_FOR_PARTITION', 'LEADER_NOT_AVAILABLE'];

/** Whether the broker that was asked does not lead the partition: no longer, or not yet. */
export const isLeaderMoving = (error: unknown): boolean =>
  LEADER_MOVES.includes(String((error as { type?: unknown }).type));

/**
 * The offsets of each partition of a topic, partition 0 first, as the broker reports them now. kafkajs gives up while a leader moves
 * or has just been named, and returns the partitions in the order in which their leaders answered; this asks again, over a
 * new connection, which knows the new leader, and sorts them.
 * @param topic without the platform's prefix
 */
export async function topicOffsets(client: KafkaClient, topic: string): Promise<PartitionOffsets[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const offsets = await withAdmin(client, (admin) => admin.fetchTopicOffsets(client.nameOf(topic)));
      return offsets.sort((left, right) => left.partition - right.partition);
    } catch (error) {
      if (!isLeaderMoving(error) || attempt >= LEADER_WAIT_COUNT_MAX) throw error;
      await sleep(LEADER_WAIT_MS);
    }
  }
}

/** Creates the topics that are missing and waits until each has its leaders. Returns the names it created. */
export async function createTopics(
  client: KafkaClient,
  settings: readonly TopicSettings[],
  replicationFactor: number,
): Promise<string[]> {
  return withAdmin(client, async (admin) => {
    const present = new Set(await admin.listTopics());
    const missing = settings.filter(({ topic }) => !present.has(client.nameOf(topic)));
    if (missing.length === 0) return [];
    await admin.createTopics({
      // kafkajs asks for the leaders once, and fails when that broker does not know the topic yet.
      waitForLeaders: false,
      topics: missing.map(({ topic, partitions, config }) => ({
        topic: client.nameOf(topic),
        numPartitions: partitions,
        replicationFactor,
        configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
      })),
    });
    await waitForLeaders(
      admin,
      missing.map(({ topic }) => client.nameOf(topic)),
    );
    return missing.map(({ topic }) => topic);
  });
}

const LEADER_WAIT_MS = 100;
const LEADER_WAIT_COUNT_MAX = 100;

/** KRaft brokers answer createTopics before every broker knows the topic, and before each partition has its leader. */
async function waitForLeaders(admin: Admin, topics: string[]): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const metadata = await admin.fetchTopicMetadata({ topics });
      const partitions = metadata.topics.flatMap((topic) => topic.partitions);
      if (partitions.every(({ leader }) => leader >= 0)) return;
    } catch (error) {
      if (attempt >= LEADER_WAIT_COUNT_MAX) throw error;
    }
    if (attempt >= LEADER_WAIT_COUNT_MAX) {
      throw new AppError('topics-without-leaders', `no leaders yet of all of ${topics.join(', ')}`);
    }
    await sleep(LEADER_WAIT_MS);
  }
}
