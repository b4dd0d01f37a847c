// Against the console's own upload routes on a real S3; only what hangs on Kafka is left out.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fastify, { type FastifyInstance } from 'fastify';
import { loadConfig } from '#runtime/config.ts';
import { consoleConfig } from '../console/config.ts';
import { createPhotoStore } from '../console/photo-store.ts';
import { useUploads } from '../console/uploads.ts';
import { freePort } from '../local/launcher/ports.ts';
import { type RunningS3, startS3 } from '../local/s3/s3.ts';
import { feed } from './feed.ts';
import { samplePhotos } from './sample-photos.ts';

jest.setTimeout(30_000);

const BUCKET = 'product-images';
let folder: string;
let server: RunningS3;
let s3: S3Client;
let consoleApp: FastifyInstance;
let consoleUrl: string;
let lines: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'feed-'));
  const logFile = join(folder, 's3.log');
  server = await startS3({
    replacement: '',
    dataDir: join(folder, 's3'),
    logFile,
    port: 0,
    buckets: [BUCKET],
  });
  // The SDK looks for credentials in the environment, as in the console's process.
  Object.assign(process.env, server.env);
  s3 = new S3Client({ endpoint: server.address, forcePathStyle: true, region: 'eu-central-1' });
  consoleApp = createConsole();
  consoleUrl = await consoleApp.listen({ host: '127.0.0.1', port: 0 });
});
beforeEach(() => {
  lines = [];
});
afterAll(async () => {
  await consoleApp?.close();
  s3?.destroy();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

function createConsole(): FastifyInstance {
  const app = fastify();
  const config = loadConfig(consoleConfig, {
    ...server.env,
    KAFKA_BROKERS: '127.0.0.1:1',
    DATABASE_URL: 'postgres://127.0.0.1:1/none',
    GOOGLE_CLOUD_PROJECT: 'none',
    PRODUCT_IMAGES_BUCKET: BUCKET,
    PROCESSED_IMAGES_BUCKET: 'processed-images',
    RESULTS_BUCKET: 'none',
  });
  const rejections = { records: () => [], isReading: () => true, stop: async () => {} };
  useUploads(app, { photos: createPhotoStore(config), rejections });
  return app;
}

const run = (marker: string, change: { count?: number; consoleUrl?: string } = {}) =>
  feed({
    consoleUrl,
    count: 2,
    durationMs: 0,
    seed: 1,
    markerFile: join(folder, marker),
    say: (line) => lines.push(line),
    ...change,
  });
async function stored(): Promise<{ key: string; bytes: number }[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET }));
  return Contents.map(({ Key = '', Size = 0 }) => ({ key: Key, bytes: Size }));
}

describe('the feed', () => {
  it('uploads each photo once, with a line for each, and nothing when it runs again', async () => {
    expect(await run('once')).toBe(2);
    const photos = samplePhotos(2, 1);
    const uploaded = await stored();
    for (const photo of photos) {
      const [product, extension] = photo.fileName.split('.');
      const size = (await photo.draw()).length;
      const key = expect.stringMatching(`^uploads/${product}/[0-9a-f-]{36}\\.${extension}$`);
      expect(uploaded).toContainEqual({ key, bytes: size });
    }
    expect(uploaded).toHaveLength(2);
    expect(lines.map((line) => line.slice(0, 3))).toEqual(['1/2', '2/2']);
    expect(lines[1]).toContain('it will be refused');
    expect(await run('once')).toBe(0);
    expect(await stored()).toHaveLength(2);
  });

  it('continues after the photos that were uploaded already', async () => {
    expect(await run('in-two', { count: 2 })).toBe(2);
    lines = [];
    expect(await run('in-two', { count: 3 })).toBe(1);
    expect(lines).toEqual([expect.stringMatching(/^3\/3 /)]);
  });

  it('waits for a console that is not there yet', async () => {
    const port = await freePort();
    const running = run('late', { count: 1, consoleUrl: `http://127.0.0.1:${port}` });
    while (!lines.some((line) => line.includes('trying again')))
      await new Promise((next) => setTimeout(next, 20));
    const late = createConsole();
    await late.listen({ host: '127.0.0.1', port });
    expect(await running).toBe(1);
    await late.close();
  });
});
