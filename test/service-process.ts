// The real program of one service for a spec file: on a new database, new topics and a token issuer, asked over HTTP and by events.
import { afterAll, beforeAll } from '@jest/globals';
import { encodeEvent } from '#contracts/envelope.ts';
import type { Topic } from '#contracts/topic.ts';
import { TOPICS, topicSettings } from '#contracts/topics.ts';
import { createProducer, createTopics, publish } from '#runtime/kafka/client.ts';
import { freePort } from '../local/launcher/ports.ts';
import { type ModuleProcess, runModule } from './child-process.ts';
import { eventually } from './eventually.ts';
import { type FreshDatabase, freshDatabase, freshKafka } from './fresh.ts';
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

/** Called once, at the top of a spec file. Programs that still run after the last test are killed. */
export function serviceStage(name: string): ServiceStage {
  const kafka = freshKafka();
  const started: ModuleProcess[] = [];
  let database: FreshDatabase;
  let issuer: TokenIssuer;
  beforeAll(async () => {
    [database, issuer] = await Promise.all([freshDatabase(), startTokenIssuer()]);
    await createTopics(kafka.client, topicSettings(TOPICS.map((topic) => ({ ...topic, partitions: 1 }))), 1);
  }, 60_000);
  afterAll(async () => {
    for (const { child } of started) child.kill('SIGKILL');
    await Promise.all(started.map(({ ended }) => ended));
    await Promise.all([issuer.close(), database.drop(), kafka.drop()]);
  }, 60_000);

  const spawn: ServiceStage['spawn'] = async (settings = {}) => {
    const PORT = settings.PORT ?? String(await freePort());
    const service = runModule(`await import('./services/${name}/main.ts')`, {
      ...issuer.settings,
      DATABASE_URL: database.url,
      KAFKA_BROKERS: process.env.KAFKA_BROKERS!,
      KAFKA_TOPIC_PREFIX: kafka.client.nameOf(''),
      PORT,
      ...settings,
    });
    started.push(service);
    return { ...service, port: Number(PORT) };
  };
  return {
    database: () => database,
    issuer: () => issuer,
    spawn,
    start: async (settings) => {
      const service = await spawn(settings);
      await service.waitFor('"ready"');
      return service;
    },
    sendTwice: async (topic, key, data) => {
      const about = { id: `${key}/${topic.name}`, source: '/spec', time: new Date().toISOString() };
      const record = encodeEvent(topic.event, key, { ...about, data });
      const producer = createProducer(kafka.client);
      await producer.connect();
      await publish(kafka.client, producer, topic.name, [record, record]);
      await producer.disconnect();
    },
    recordsOn: (topic, count = 1) =>
      eventually(async () => {
        const records = await readTopic(kafka.client, topic.name);
        return records.length >= count ? records : undefined;
      }),
  };
}
