// S3, its notifications, the Lambda host and the built function on a real Kafka: what `npm start` runs for photos.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { decodeEvent } from '#contracts/envelope.ts';
import { productImagesProcessed, productImagesRejected, topicSettings } from '#contracts/topics.ts';
import { createTopics } from '#runtime/kafka/client.ts';
import { samplePhotos } from '../../demo/sample-photos.ts';
import { builtArtifact, removeFolder, unpackArtifact } from '../../lambda/image-renditions/test-lambda.ts';
import { freshKafka } from '../../test/fresh.ts';
import { readTopic } from '../../test/topic-reader.ts';
import { type RunningS3Lambda, type S3LambdaOptions, startS3Lambda } from './lambda-trigger.ts';
import { DEAD_LETTER_QUEUE } from './s3.ts';

jest.setTimeout(120_000);

const UPLOADS = 'product-images';
const RENDITIONS = 'processed-images';
const kafka = freshKafka();
const { KAFKA_BROKERS = '' } = process.env;
let folder: string;
let functionFolder: string;
let running: RunningS3Lambda;
let s3: S3Client;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 's3-lambda-'));
  await createTopics(kafka.client, topicSettings([productImagesProcessed, productImagesRejected]), 1);
  functionFolder = await unpackArtifact((await builtArtifact()).path);
  await start();
});
afterAll(async () => {
  s3?.destroy();
  await running?.stop();
  if (functionFolder) await removeFolder(functionFolder);
  await rm(folder, { recursive: true, force: true });
  await kafka.drop();
});

async function start(env: Record<string, string> = {}, retryDelaysMs?: number[]): Promise<void> {
  const lambda: S3LambdaOptions['lambda'] = {
    handlerFile: join(functionFolder, 'handler.mjs'),
    env: { KAFKA_BROKERS, KAFKA_TOPIC_PREFIX: kafka.client.nameOf(''), ...env },
    logFile: join(folder, 'function.log'),
    ...(retryDelaysMs ? { retryDelaysMs } : {}),
  };
  running = await startS3Lambda({
    replacement: '',
    dataDir: join(folder, 's3'),
    logFile: join(folder, 's3.log'),
    port: 0,
    productImagesBucket: UPLOADS,
    processedImagesBucket: RENDITIONS,
    lambda,
  });
  s3 = new S3Client({
    region: 'eu-central-1',
    endpoint: running.address,
    forcePathStyle: true,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
}

async function restart(env: Record<string, string> = {}, retryDelaysMs?: number[]): Promise<void> {
  s3.destroy();
  await running.stop();
  await start(env, retryDelaysMs);
}

/** As a browser does it. */
async function uploadPhoto(Key: string, at: number): Promise<void> {
  const photo = samplePhotos(8, 1)[at]!;
  const to = { Bucket: UPLOADS, Key, ContentType: photo.contentType };
  const url = await getSignedUrl(s3, new PutObjectCommand(to), { expiresIn: 60 });
  const headers = { 'content-type': photo.contentType };
  const response = await fetch(url, { method: 'PUT', body: new Uint8Array(await photo.draw()), headers });
  expect(response.status).toBe(200);
}

async function published(key: string): Promise<string[]> {
  const messages = await readTopic(kafka.client, productImagesProcessed.name);
  return messages.flatMap(({ value, headers = {} }) => {
    const texts = Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, String(text)]));
    const decoded = decodeEvent(productImagesProcessed.event, { value, headers: texts });
    if (!decoded.ok) throw new Error(decoded.detail);
    const { source, rendition } = decoded.event.data;
    return source.key === key ? [`${rendition.width}x${rendition.height}`] : [];
  });
}
async function rendered(prefix: string): Promise<number> {
  const { KeyCount } = await s3.send(new ListObjectsV2Command({ Bucket: RENDITIONS, Prefix: prefix }));
  return KeyCount ?? 0;
}
const log = () => readFile(join(folder, 'function.log'), 'utf8').catch(() => '');

describe('an uploaded photo', () => {
  it('becomes renditions in the other bucket and as many events', async () => {
    await uploadPhoto('uploads/tea-tin/1.jpg', 1);
    await running.lambda.idle();
    expect(await published('uploads/tea-tin/1.jpg')).toEqual(['360x480', '120x160']);
    expect(await rendered('renditions/tea-tin/1/')).toBe(2);
  });

  it('survives a function that is killed in the middle of it', async () => {
    // Large enough for the kill to come before its end.
    await uploadPhoto('uploads/bowl/1.webp', 2);
    const [pid] = running.lambda.pids();
    process.kill(pid!, 'SIGKILL');
    await running.lambda.idle();
    expect(await log()).toContain('signal: SIGKILL');
    // The killed try may have published some of them already: their ids are the same.
    const sizes = new Set(await published('uploads/bowl/1.webp'));
    expect(sizes).toEqual(new Set([1920, 960, 480, 160].map((edge) => `${edge}x${edge}`)));
  });

  it('waits on disk while Kafka is away, and is worked on after the next start', async () => {
    await restart({ KAFKA_BROKERS: '127.0.0.1:1', KAFKA_WAIT_MS: '500' }, [600_000]);
    await uploadPhoto('uploads/cup/1.jpg', 1);
    while (!(await log()).includes('"failures":1')) await new Promise((next) => setTimeout(next, 50));
    await restart();
    await running.lambda.idle();
    expect(await published('uploads/cup/1.jpg')).toEqual(['360x480', '120x160']);
  });

  it('becomes a dead letter when its tries are used up', async () => {
    await restart({ KAFKA_BROKERS: '127.0.0.1:1', KAFKA_WAIT_MS: '500' }, []);
    await uploadPhoto('uploads/cup/lost.jpg', 1);
    await running.lambda.idle();
    const response = await fetch(`${running.address}/_fauxqs/queues/${DEAD_LETTER_QUEUE}`);
    const { messages } = (await response.json()) as { messages: { ready: { body: string }[] } };
    expect(messages.ready.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
      expect.objectContaining({
        version: '1.0',
        requestContext: expect.objectContaining({ condition: 'RetriesExhausted', approximateInvokeCount: 1 }),
        requestPayload: {
          Records: [
            expect.objectContaining({
              s3: expect.objectContaining({
                object: expect.objectContaining({ key: 'uploads/cup/lost.jpg' }),
              }),
            }),
          ],
        },
      }),
    ]);
  });
});
