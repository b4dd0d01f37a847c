// A stage for one spec file on the real servers: new buckets and topics, and the built function.
import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, GetObjectCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { decodeEvent, type Event, type EventContract } from '#contracts/envelope.ts';
import type { Topic } from '#contracts/topic.ts';
import { productImagesProcessed, productImagesRejected, topicSettings } from '#contracts/topics.ts';
import { createTopics, type KafkaClient, type KafkaMessage } from '#runtime/kafka/client.ts';
import type { Artifact } from '../build-record.ts';
import {
  builtArtifact,
  type LambdaProcess,
  removeFolder,
  startLambda,
  unpackArtifact,
} from './test-lambda.ts';
import { type S3Record, upload } from './test-uploads.ts';

/** The real servers of this run. */
export interface Servers {
  readonly s3Endpoint: string;
  readonly kafkaBrokers: string;
  /** A client with a new topic prefix. */
  readonly kafka: KafkaClient;
  /** Everything that a topic holds now. */
  readonly readTopic: (client: KafkaClient, topic: string) => Promise<KafkaMessage[]>;
}

const REGION = 'eu-central-1';
const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };

/** A record as it is in a topic. */
export interface Published<Data> extends Event<Data> {
  readonly key: string;
  /** Headers and value, for comparing deliveries byte by byte. */
  readonly raw: string;
}

export class Stage {
  readonly rawBucket: string;
  readonly processedBucket: string;
  readonly env: Record<string, string>;
  readonly #servers: Servers;
  readonly #s3: S3Client;
  readonly #functions: LambdaProcess[] = [];
  #folder = '';
  /** What `open` has built and unpacked. */
  artifact: Artifact | undefined;

  constructor(servers: Servers) {
    const id = randomUUID().slice(0, 8);
    this.rawBucket = `raw-${id}`;
    this.processedBucket = `processed-${id}`;
    this.#servers = servers;
    this.env = {
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
      AWS_ENDPOINT_URL_S3: servers.s3Endpoint,
      PROCESSED_IMAGES_BUCKET: this.processedBucket,
      KAFKA_BROKERS: servers.kafkaBrokers,
      KAFKA_TOPIC_PREFIX: servers.kafka.nameOf(''),
    };
    this.#s3 = new S3Client({
      region: REGION,
      endpoint: servers.s3Endpoint,
      forcePathStyle: true,
      credentials: CREDENTIALS,
    });
  }

  async open(): Promise<void> {
    for (const Bucket of [this.rawBucket, this.processedBucket]) {
      await this.#s3.send(new CreateBucketCommand({ Bucket }));
    }
    await createTopics(
      this.#servers.kafka,
      topicSettings([productImagesProcessed, productImagesRejected]),
      1,
    );
    this.artifact = await builtArtifact();
    this.#folder = await unpackArtifact(this.artifact.path);
  }

  async close(): Promise<void> {
    for (const running of this.#functions) await running.stop();
    this.#s3.destroy();
    await removeFolder(this.#folder);
  }

  /** A cold start of the built zip, with these settings on top of the stage's. */
  async startFunction(env: Record<string, string> = {}): Promise<LambdaProcess> {
    const started = await startLambda(this.#folder, { ...this.env, ...env });
    this.#functions.push(started);
    return started;
  }

  /** Uploads a file and returns the record that S3 sends for it. */
  upload(key: string, body: Buffer): Promise<S3Record> {
    return upload(this.#s3, { Bucket: this.rawBucket, Key: key }, body);
  }

  async download(bucket: string, key: string) {
    const response = await this.#s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const bytes = Buffer.from((await response.Body?.transformToByteArray()) ?? []);
    return { bytes, type: response.ContentType, cache: response.CacheControl };
  }

  async head(bucket: string, key: string) {
    return this.#s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
  }

  /** Everything that a topic holds now, each record valid under its contract. */
  async published<Data>(topic: Topic<Data>): Promise<Published<Data>[]> {
    const messages = await this.#servers.readTopic(this.#servers.kafka, topic.name);
    return messages.map((message) => decodeMessage(topic.event, message));
  }
}

function decodeMessage<Data>(contract: EventContract<Data>, message: KafkaMessage): Published<Data> {
  const headers = Object.fromEntries(
    Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]),
  );
  const decoded = decodeEvent(contract, { value: message.value, headers });
  if (!decoded.ok) throw new Error(`${decoded.fault}: ${decoded.detail}`);
  const raw = JSON.stringify([headers, message.value?.toString()]);
  return { ...decoded.event, key: message.key?.toString() ?? '', raw };
}
