// The broker of a laptop's cluster by its own settings, and the topics that its program makes there.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from '@jest/globals';
import { asProperties } from '#contracts/one-broker.ts';
import { topicSettings } from '#contracts/topics.ts';
import { loadConfig } from '#runtime/config.ts';
import { createKafka, createProducer, kafkaConfig, withAdmin } from '#runtime/kafka/client.ts';
import { describeTopics } from '#runtime/kafka/topics.ts';
import { createLogger } from '#runtime/log.ts';
import { KAFKA_ADDRESS } from '../../k8s/data/addresses.ts';
import { KAFKA_SETTINGS } from '../../k8s/data/kafka.ts';
import { KAFKA_JARS } from '../../local/jars/jar-sets.ts';
import { bringJars, jarsPlan } from '../../local/jars/jars.ts';
import { javaArguments, javaProgram } from '../../local/java/java.ts';
import { answersKafka } from '../../local/kafka/kafka.ts';
import { freePort } from '../../local/launcher/ports.ts';
import { startNativeServer } from '../../local/server/native-server.ts';
import type { RunningServer } from '../../local/server/server.ts';
import { containerNamed, environmentOf, laptopObjects, run, stopBuilding } from './programs.ts';

let broker: RunningServer | undefined;
let folder: string | undefined;
afterAll(async () => {
  await stopBuilding();
  await broker?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

const settingsFiles = (): Readonly<Record<string, string>> =>
  laptopObjects().find(({ metadata }) => metadata.name === 'kafka-settings')!.data!;

/** Its ports and its folder are others here, everything else is as the config map has it. */
async function startBroker(): Promise<string> {
  const data = (folder = await mkdtemp(join(tmpdir(), 'laptop-kafka-')));
  const [clients, own, controller] = [await freePort(), await freePort(), await freePort()];
  const address = `127.0.0.1:${clients}`;
  const here = (text: string): string =>
    text
      .replaceAll(KAFKA_ADDRESS, address)
      .replaceAll('0.0.0.0:9092', address)
      .replaceAll('127.0.0.1:9094', `127.0.0.1:${own}`)
      .replaceAll('127.0.0.1:9093', `127.0.0.1:${controller}`)
      .replaceAll('/var/lib/kafka', data);
  const { 'server.properties': properties = '', 'log4j2.yaml': logging = '' } = settingsFiles();
  expect(properties).toBe(asProperties(KAFKA_SETTINGS));
  const settings = join(data, 'server.properties');
  await writeFile(settings, here(properties));
  await writeFile(join(data, 'log4j2.yaml'), logging);
  const java = await javaProgram();
  const logged = `-Dlog4j2.configurationFile=${join(data, 'log4j2.yaml')}`;
  const program = [
    ...javaArguments(512),
    logged,
    '-cp',
    join(await bringJars(() => {}, jarsPlan(KAFKA_JARS)), '*'),
  ];
  const format = containerNamed('format').command!.slice(1, -1);
  await promisify(execFile)(java, [...program, 'kafka.tools.StorageTool', ...format, settings]);
  // A restart of the pod formats again.
  await promisify(execFile)(java, [...program, 'kafka.tools.StorageTool', ...format, settings]);
  broker = await startNativeServer({
    child: {
      name: 'Kafka of a laptop',
      command: java,
      args: [...program, 'kafka.Kafka', settings],
      folder: data,
      logFile: join(data, 'log.txt'),
      stopSignal: 'SIGTERM',
      stopMsMax: 30_000,
    },
    address,
    env: {},
    probe: () => answersKafka(address),
    readyMsMax: 90_000,
  });
  return address;
}

const client = () =>
  createKafka(
    loadConfig(kafkaConfig, { KAFKA_BROKERS: broker!.address }),
    'spec',
    createLogger('spec', 'silent'),
  );

describe('the broker', () => {
  it('starts by its settings, takes transactions, and has the topics of the contracts made', async () => {
    const address = await startBroker();
    const env = environmentOf('topics', { texts: { [KAFKA_ADDRESS]: address } });
    const first = await run('topics', env);
    expect([first.end, first.output]).toEqual([0, expect.stringContaining('"created":["')]);
    const names = topicSettings().map(({ topic }) => topic);
    expect(await describeTopics(client(), names)).toEqual(topicSettings());
    const second = await run('topics', env);
    expect([second.end, second.output]).toEqual([0, expect.stringContaining('"created":[],"changed":[]')]);
    // The broker writes a commit to itself, over the listener between brokers.
    const producer = createProducer(client(), { transactionalId: 'spec' });
    await producer.connect();
    const transaction = await producer.transaction();
    await transaction.send({ topic: names[0]!, messages: [{ value: '{}' }] });
    await transaction.commit();
    await producer.disconnect();
    const unknown = withAdmin(client(), (admin) => admin.fetchTopicMetadata({ topics: ['not-made'] }));
    await expect(unknown).rejects.toThrow(/does not host this topic-partition|UNKNOWN_TOPIC/i);
  });

  it('logs in lines of JSON that name the process', async () => {
    // It warns of a broker that is its own controller, each time.
    const lines = (await readFile(join(folder!, 'log.txt'), 'utf8')).trim().split('\n');
    const records = lines.map((line) => JSON.parse(line) as { process?: string; level?: string });
    expect(new Set(records.map((one) => one.process))).toEqual(new Set(['kafka']));
    expect(new Set(records.map((one) => one.level))).not.toContain('INFO');
  });

  it('negative control: a topic with more replicas than there are brokers is refused', async () => {
    const { end, output } = await run('topics', {
      ...environmentOf('topics', { texts: { [KAFKA_ADDRESS]: broker!.address } }),
      KAFKA_REPLICATION_FACTOR: '3',
      KAFKA_TOPIC_PREFIX: 'copied.',
    });
    expect([end, output]).toEqual([1, expect.stringContaining('Topic creation errors')]);
    expect(await withAdmin(client(), (admin) => admin.listTopics())).not.toContain('copied.order.placed');
  });
});
