// The real program of one service for a spec file: on a new database, new topics and a token issuer, asked over HTTP and by events.
import { afterAll } from '@jest/globals';
import { encodeEvent } from '#contracts/envelope.ts';
import type { Topic } from '#contracts/topic.ts';
import { TOPICS, topicSettings } from '#contracts/topics.ts';
import { createProducer, createTopics, type KafkaClient, publish } from '#runtime/kafka/client.ts';
import { freePort } from '../local/launcher/ports.ts';
import { type ModuleProcess, runModule } from './child-process.ts';
import { eventually } from './eventually.ts';
import { type FreshDatabase, freshDatabase, freshKafka } from './fresh.ts';
import { openForSpec } from './open-for-spec.ts';
import { startTokenIssuer, type TokenIssuer } from './token-issuer.ts';
import { type ReadRecord, readTopic } from './topic-reader.ts';

/** A program with the port that it listens on. */
export interface ServiceProcess extends ModuleProcess {
  readonly port: number;
}

export interface ServiceStage {
  /** From the first `beforeAll` of the spec on. */
  database(): FreshDatabase;
  issuer(): TokenIssuer;
  /** Starts the program without waiting until it is ready. @param settings win over the usual ones */
  spawn(settings?: Record<string, string>): Promise<ServiceProcess>;
  /** Starts the program and waits until it is ready. */
  start(settings?: Record<string, string>): Promise<ServiceProcess>;
  /** Publishes an event twice, as Kafka may. */
  sendTwice<Data>(topic: Topic<Data>, key: string, data: Data): Promise<void>;
  /** Waits until a topic has at least so many records. @param count @default 1 */
  recordsOn(topic: Topic<unknown>, count?: number): Promise<ReadRecord[]>;
}

/** What every program of the spec file runs on. */
interface Servers {
  readonly kafka: KafkaClient;
  readonly database: FreshDatabase;
  readonly issuer: TokenIssuer;
  close(): Promise<unknown>;
}

async function openServers(): Promise<Servers> {
  const { client: kafka, drop } = freshKafka();
  const [database, issuer] = await Promise.all([freshDatabase(), startTokenIssuer()]);
  await createTopics(kafka, topicSettings(TOPICS.map((topic) => ({ ...topic, partitions: 1 }))), 1);
  return { kafka, database, issuer, close: () => Promise.all([issuer.close(), database.drop(), drop()]) };
}

/** Called once, at the top of a spec file. Programs that still run after the last test are killed. */
export function serviceStage(name: string): ServiceStage {
  const started: ModuleProcess[] = [];
  // First, so that programs are gone before their servers are.
  afterAll(async () => {
    for (const { child } of started) child.kill('SIGKILL');
    await Promise.all(started.map(({ ended }) => ended));
  });
  const servers = openForSpec(openServers);

  const spawn: ServiceStage['spawn'] = async (settings = {}) => {
    const PORT = settings.PORT ?? String(await freePort());
    const service = runModule(`await import('./services/${name}/main.ts')`, {
      ...servers.issuer.settings,
      DATABASE_URL: servers.database.url,
      KAFKA_BROKERS: process.env.KAFKA_BROKERS!,
      KAFKA_TOPIC_PREFIX: servers.kafka.nameOf(''),
      PORT,
      ...settings,
    });
    started.push(service);
    return { ...service, port: Number(PORT) };
  };
  return {
    database: () => servers.database,
    issuer: () => servers.issuer,
    spawn,
    start: async (settings) => {
      const service = await spawn(settings);
      await service.waitFor('"ready"');
      return service;
    },
    sendTwice: (topic, key, data) => sendTwice(servers.kafka, topic, key, data),
    recordsOn: (topic, count = 1) =>
      eventually(async () => {
        const records = await readTopic(servers.kafka, topic.name);
        return records.length >= count ? records : undefined;
      }),
  };
}

async function sendTwice<Data>(kafka: KafkaClient, topic: Topic<Data>, key: string, data: Data) {
  const about = { id: `${key}/${topic.name}`, source: '/spec', time: new Date().toISOString() };
  const record = encodeEvent(topic.event, key, { ...about, data });
  const producer = createProducer(kafka);
  await producer.connect();
  await publish(kafka, producer, topic.name, [record, record]);
  await producer.disconnect();
}
