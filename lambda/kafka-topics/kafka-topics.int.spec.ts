// The function against a real broker: what it does to topics, and that it does nothing the second time.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { TopicSettings } from '#contracts/topics.ts';
import { topicSettings } from '#contracts/topics.ts';
import { withAdmin } from '#runtime/kafka/client.ts';
import { describeTopics } from '#runtime/kafka/topics.ts';
import { freshKafka } from '../../test/fresh.ts';
import { zipPathOf } from '../build-function.ts';
import type { ArtifactRecord } from '../build-record.ts';
import { removeFolder, startLambda, unpackArtifact } from '../image-renditions/test-lambda.ts';
import { createHandler } from './handler.ts';

jest.setTimeout(30_000);

const kafka = freshKafka();
const env = {
  ...process.env,
  LOG_LEVEL: 'fatal',
  KAFKA_TOPIC_PREFIX: kafka.client.nameOf(''),
  KAFKA_REPLICATION_FACTOR: '1',
};
const run = (wanted?: readonly TopicSettings[]) => createHandler(env, wanted)();
const names = topicSettings().map(({ topic }) => topic);
const present = (topics: readonly string[]) => describeTopics(kafka.client, topics);

afterAll(() => kafka.drop());

describe('the topics of the contracts', () => {
  beforeAll(async () => {
    expect(await run()).toEqual({ created: names, changed: [], unchanged: [] });
  });

  it('are made as the contracts say', async () => {
    expect(await present(names)).toEqual(topicSettings());
  });

  it('are left alone when the function is called again', async () => {
    expect(await run()).toEqual({ created: [], changed: [], unchanged: names });
  });
});

describe('a topic that is there', () => {
  const topic = 'orders';
  const wanted = { topic, partitions: 2, config: { 'retention.ms': '60000', 'cleanup.policy': 'delete' } };

  it('gets partitions and settings, and keeps settings that the contract does not name', async () => {
    const asMade = { topic, partitions: 1, config: { 'retention.ms': '1000', 'segment.bytes': '1048576' } };
    await run([asMade]);
    expect(await run([wanted])).toEqual({ created: [], changed: [topic], unchanged: [] });
    expect(await present([topic])).toEqual([
      { ...wanted, config: { ...wanted.config, 'segment.bytes': '1048576' } },
    ]);
    expect(await run([wanted])).toEqual({ created: [], changed: [], unchanged: [topic] });
  });

  it('is not shrunk, and nothing else is done either', async () => {
    await run([{ topic: 'wide', partitions: 3, config: {} }]);
    const refused = run([
      { topic: 'wide', partitions: 1, config: {} },
      { topic: 'not-made', partitions: 1, config: {} },
    ]);
    await expect(refused).rejects.toThrow(/wide has 3 partitions/);
    expect(await present(['not-made'])).toEqual([]);
  });

  it('stays when no contract names it any longer', async () => {
    await run([{ topic: 'retired', partitions: 1, config: {} }]);
    await run([]);
    const found = await withAdmin(kafka.client, (admin) => admin.listTopics());
    expect(found).toContain(kafka.client.nameOf('retired'));
  });
});

it('runs from the zip that is shipped', async () => {
  await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'build.ts')]);
  const folder = await unpackArtifact(zipPathOf('kafka-topics'));
  const bundled = freshKafka();
  try {
    const { KAFKA_BROKERS = '' } = process.env;
    const KAFKA_TOPIC_PREFIX = bundled.client.nameOf('');
    const lambda = await startLambda(folder, { ...env, KAFKA_BROKERS, KAFKA_TOPIC_PREFIX });
    expect((await lambda.invoke({})).error).toBeUndefined();
    await lambda.stop();
    expect(await describeTopics(bundled.client, names)).toEqual(topicSettings());
  } finally {
    await removeFolder(folder);
    await bundled.drop();
  }
});

it('is distinguished from a stale zip by what went into it', async () => {
  const { inputs, sha256Base64 } = JSON.parse(
    await readFile(zipPathOf('kafka-topics').replace('.zip', '.json'), 'utf8'),
  ) as ArtifactRecord;
  const sha256 = (content: Buffer) => createHash('sha256').update(content);
  expect(sha256(await readFile(zipPathOf('kafka-topics'))).digest('base64')).toBe(sha256Base64);
  expect(Object.keys(inputs)).toEqual(
    expect.arrayContaining(['contracts/topics.ts', 'lambda/kafka-topics/plan.ts', 'package-lock.json']),
  );
  expect(Object.keys(inputs).filter((path) => path.includes('node_modules'))).toEqual([]);
  for (const [path, hash] of Object.entries(inputs))
    expect([path, sha256(await readFile(join(import.meta.dirname, '../..', path))).digest('hex')]).toEqual([
      path,
      hash,
    ]);
});

it('lists every faulty variable at cold start', () => {
  expect(() => createHandler({ KAFKA_REPLICATION_FACTOR: 'many' })).toThrow(
    /KAFKA_BROKERS[\s\S]*KAFKA_REPLICATION_FACTOR/,
  );
});
