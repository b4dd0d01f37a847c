// The built zip, run on real S3 and Kafka servers: what becomes of good photos.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import sharp from 'sharp';
import { productImagesProcessed, productImagesRejected } from '#contracts/topics.ts';
import { freshKafka } from '../../test/fresh.ts';
import { readTopic } from '../../test/topic-reader.ts';
import { eventId } from './names.ts';
import { builtArtifact, type LambdaProcess } from './test-lambda.ts';
import { animatedGif, phoneJpeg, photo, transparentPng } from './test-photos.ts';
import { type Published, Stage } from './test-stage.ts';
import { type S3Record, s3Record } from './test-uploads.ts';

type Rendition = Published<(typeof productImagesProcessed.event.schema)['_output']>;

const fixture = (name: string) => readFile(join(import.meta.dirname, 'fixtures', name));

const PHOTOS: Record<string, () => Promise<Buffer>> = {
  'uploads/mug/phone.jpg': () => phoneJpeg(2000, 1500),
  'uploads/mug/cut-out.png': () => transparentPng(600, 300),
  'uploads/lamp/web.webp': () => photo(500, 500).webp().toBuffer(),
  'uploads/lamp/modern.avif': () => photo(1000, 400).avif({ effort: 0 }).toBuffer(),
  'uploads/sofa/moving.gif': () => animatedGif(200, 200),
  'uploads/sofa/moving.avif': () => fixture('seq.avif'),
  'uploads/sofa/wide.avif': () => fixture('p3-nclx.avif'),
  'uploads/sofa/tiny.jpeg': () => photo(40, 30).jpeg().toBuffer(),
};

jest.setTimeout(60_000);

const { AWS_ENDPOINT_URL_S3: s3Endpoint = '', KAFKA_BROKERS: kafkaBrokers = '' } = process.env;
const kafka = freshKafka();
let stage: Stage;
let lambda: LambdaProcess;
const originals = new Map<string, { bytes: Buffer; record: S3Record }>();
let events: Rendition[];
const of = (key: string) => events.filter(({ data }) => data.source.key === key);
const sizesOf = (key: string) =>
  of(key).map(({ data: { rendition } }) => `${rendition.format} ${rendition.width}x${rendition.height}`);

beforeAll(async () => {
  stage = new Stage({ s3Endpoint, kafkaBrokers, kafka: kafka.client, readTopic });
  await stage.open();
  lambda = await stage.startFunction();
  for (const [key, make] of Object.entries(PHOTOS)) {
    const bytes = await make();
    originals.set(key, { bytes, record: await stage.upload(key, bytes) });
    expect((await lambda.invoke({ Records: [originals.get(key)?.record] })).error).toBeUndefined();
  }
  events = await stage.published(productImagesProcessed);
}, 120_000);
afterAll(async () => {
  await stage?.close();
  await kafka.drop();
});

describe('good photos', () => {
  it('become one event for each label that is not larger than the original, and none is refused', async () => {
    expect(sizesOf('uploads/mug/phone.jpg')).toEqual([
      'jpeg 1440x1920',
      'jpeg 720x960',
      'jpeg 360x480',
      'jpeg 120x160',
    ]);
    expect(sizesOf('uploads/mug/cut-out.png')).toEqual(['webp 480x240', 'webp 160x80']);
    expect(sizesOf('uploads/lamp/web.webp')).toEqual(['jpeg 480x480', 'jpeg 160x160']);
    expect(sizesOf('uploads/lamp/modern.avif')).toEqual(['jpeg 960x384', 'jpeg 480x192', 'jpeg 160x64']);
    expect(sizesOf('uploads/sofa/moving.gif')).toEqual(['jpeg 160x160']);
    expect(sizesOf('uploads/sofa/moving.avif')).toEqual(['jpeg 160x160']);
    expect(sizesOf('uploads/sofa/wide.avif')).toEqual(['jpeg 160x160']);
    expect(sizesOf('uploads/sofa/tiny.jpeg')).toEqual(['jpeg 40x30']);
    expect(await stage.published(productImagesRejected)).toEqual([]);
  });

  it('are stored as their events say: bytes, pixels, format, for ever cacheable', async () => {
    for (const { data } of events) {
      const { bytes, type, cache } = await stage.download(data.rendition.bucket, data.rendition.key);
      expect(bytes.length).toBe(data.rendition.bytes);
      const { format, width, height } = data.rendition;
      expect(await sharp(bytes).metadata()).toMatchObject({ format, width, height });
      expect({ type, cache }).toEqual({
        type: `image/${format}`,
        cache: 'public, max-age=31536000, immutable',
      });
    }
  });

  it('keep nothing of what the original says about its owner', async () => {
    const before = await sharp(originals.get('uploads/mug/phone.jpg')?.bytes).metadata();
    expect([before.exif, before.icc, before.xmp].every(Boolean)).toBe(true);
    for (const { data } of events) {
      const { bytes } = await stage.download(data.rendition.bucket, data.rendition.key);
      const after = await sharp(bytes).metadata();
      const kinds = ['exif', 'icc', 'iptc', 'xmp', 'orientation'] as const;
      expect(kinds.filter((kind) => after[kind] !== undefined)).toEqual([]);
    }
    expect(lambda.output()).not.toMatch(/Ada Example|GPS|xmpmeta/);
  });

  it('show the colours that a tag without a profile means, and the first frame of an animation', async () => {
    for (const [key, colour] of [
      ['uploads/sofa/wide.avif', [0, 255, 0]],
      ['uploads/sofa/moving.avif', [255, 0, 0]],
    ] as const) {
      const { bucket = '', key: stored = '' } = of(key)[0]?.data.rendition ?? {};
      const { channels } = await sharp((await stage.download(bucket, stored)).bytes).stats();
      for (const [at, { mean }] of channels.entries())
        expect(Math.abs(mean - (colour[at] ?? -99))).toBeLessThan(6);
    }
  });

  it('are keyed by product, with time and id taken from the upload', () => {
    for (const [key, { record }] of originals) {
      const [, product] = key.split('/');
      const { sequencer } = (record.s3 as { object: { sequencer: string } }).object;
      for (const event of of(key)) {
        expect(event).toMatchObject({ key: product, time: record.eventTime, source: '/image-renditions' });
        expect(event.data).toMatchObject({
          productId: product,
          sizeTable: 1,
          source: { bucket: stage.rawBucket, key, version: sequencer },
        });
      }
      const label = of(key)[0]?.data.rendition.key.match(/([a-z]+)\.\w+$/)?.[1] ?? '';
      expect(of(key)[0]?.id).toBe(eventId({ bucket: stage.rawBucket, key, version: sequencer }, label));
    }
  });
});

describe('delivery', () => {
  it('repeats ids, keys, times and bytes when S3 delivers an upload again', async () => {
    const key = 'uploads/mug/phone.jpg';
    const bytesNow = () =>
      Promise.all(
        of(key).map(async ({ data: { rendition } }) => {
          const { bytes } = await stage.download(rendition.bucket, rendition.key);
          return createHash('sha256').update(bytes).digest('hex');
        }),
      );
    const before = await bytesNow();
    await lambda.invoke({ Records: [originals.get(key)?.record] });
    const again = (await stage.published(productImagesProcessed)).filter(
      ({ data }) => data.source.key === key,
    );
    const raw = of(key).map((event) => event.raw);
    expect(again.map((event) => event.raw)).toEqual([...raw, ...raw]);
    expect(await bytesNow()).toEqual(before);
  });

  it('takes a second upload under the same key for another one', async () => {
    const key = 'uploads/sofa/tiny.jpeg';
    const record = await stage.upload(key, await photo(40, 30).jpeg().toBuffer());
    await lambda.invoke({ Records: [record] });
    const all = (await stage.published(productImagesProcessed)).filter(({ data }) => data.source.key === key);
    expect(new Set(all.map(({ id }) => id)).size).toBe(2);
    expect(new Set(all.map(({ data }) => data.rendition.key)).size).toBe(2);
  });

  it('drops the notification of an object that was deleted or overwritten since', async () => {
    const before = (await stage.published(productImagesProcessed)).length;
    const missing = s3Record(stage.rawBucket, 'uploads/mug/never.jpg', { size: 10, eTag: 'ab' });
    const overwritten = originals.get('uploads/sofa/tiny.jpeg')?.record;
    const missingOdd = s3Record(stage.rawBucket, 'uploads/no such.txt', { size: 10 });
    const { error } = await lambda.invoke({ Records: [missing, overwritten, missingOdd] });
    expect(error).toBeUndefined();
    expect(await stage.published(productImagesProcessed)).toHaveLength(before);
    expect(await stage.published(productImagesRejected)).toHaveLength(0);
  });

  it('works through every record of an event before it throws', async () => {
    const good = await stage.upload('uploads/last/good.png', await photo(50, 50).png().toBuffer());
    const noBucket = s3Record('no-such-bucket', 'uploads/mug/x.jpg', { size: 10 });
    const { error } = await lambda.invoke({ Records: [{ eventName: 'ObjectCreated:Put' }, noBucket, good] });
    expect(error).toMatch(/^2 of 3 records failed: the record names no bucket; /);
    const keys = (await stage.published(productImagesProcessed)).map(({ data }) => data.source.key);
    expect(keys).toContain('uploads/last/good.png');
  });
});

describe('the artifact', () => {
  it('is built twice to the same bytes', async () => {
    expect(await builtArtifact('--anew')).toEqual(stage.artifact);
    expect(stage.artifact?.unzippedBytes).toBeLessThan(250 * 1024 * 1024);
  });

  it('refuses a cold start without its settings, naming each', async () => {
    const start = stage.startFunction({ PROCESSED_IMAGES_BUCKET: '', KAFKA_BROKERS: '' });
    await expect(start).rejects.toThrow(/KAFKA_BROKERS[^]*PROCESSED_IMAGES_BUCKET/);
  });
});
