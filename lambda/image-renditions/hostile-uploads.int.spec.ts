// The built zip, run on real S3 and Kafka servers: what becomes of bad files, and what happens when a server is away.

import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { QUARANTINE_PREFIX, type RejectionReason } from '#contracts/images.ts';
import { productImagesProcessed, productImagesRejected } from '#contracts/topics.ts';
import { freshKafka } from '../../test/fresh.ts';
import { readTopic } from '../../test/topic-reader.ts';
import { avifFile, avifOf, itemOf } from './test-avif.ts';
import type { LambdaProcess } from './test-lambda.ts';
import { bombPng, jpegPhoto, photo, scriptSvg } from './test-photos.ts';
import { Stage } from './test-stage.ts';
import type { S3Record } from './test-uploads.ts';

const MIB = 1024 * 1024;
const jpeg = () => jpegPhoto(400, 300);
const longKey = `uploads/${'長'.repeat(330)}.jpg`;

const HOSTILE: [what: string, key: string, make: () => Buffer | Promise<Buffer>, reason: RejectionReason][] =
  [
    ['a truncated JPEG', 'uploads/p/cut.jpg', async () => (await jpeg()).subarray(0, 9_000), 'undecodable'],
    ['a decompression bomb', 'uploads/p/bomb.png', () => bombPng(30_000, 30_000), 'too-many-pixels'],
    ['an SVG with script', 'uploads/p/drawing.svg', () => scriptSvg, 'key-not-allowed'],
    ['an SVG that calls itself .png', 'uploads/p/drawing.png', () => scriptSvg, 'type-not-allowed'],
    [
      'a PNG that calls itself .jpg',
      'uploads/p/other.jpg',
      () => photo(90, 90).png().toBuffer(),
      'type-mismatch',
    ],
    ['zero bytes', 'uploads/p/empty.jpg', () => Buffer.alloc(0), 'empty-file'],
    ['200 MB', 'uploads/p/huge.jpg', () => Buffer.alloc(200 * MIB, 1), 'too-many-bytes'],
    ['a good photo whose key climbs', 'uploads/../x', jpeg, 'key-not-allowed'],
    ['a key of spaces, pluses and percents', 'uploads/ä ö+ü/ %2F.jpg', jpeg, 'key-not-allowed'],
    ['a key too long for metadata', longKey, jpeg, 'key-not-allowed'],
    ['a folder marker', 'uploads/folder/', () => Buffer.alloc(0), 'key-not-allowed'],
    ['an HDR picture', 'uploads/p/hdr.avif', () => avifOf([70, 170, 90], [9, 16, 9]), 'type-not-allowed'],
    [
      'a HEIC picture that calls itself .avif',
      'uploads/p/heic.avif',
      async () =>
        avifFile({
          items: [itemOf(await avifOf([1, 2, 3], [1, 13, 6]))],
          primary: 1,
          brands: ['heic', 'mif1'],
        }),
      'type-not-allowed',
    ],
    ['text', 'uploads/p/note.gif', () => Buffer.from('no picture at all'), 'type-not-allowed'],
  ];

jest.setTimeout(60_000);

const { AWS_ENDPOINT_URL_S3: s3Endpoint = '', KAFKA_BROKERS: kafkaBrokers = '' } = process.env;
const kafka = freshKafka();
let stage: Stage;
let lambda: LambdaProcess;
beforeAll(async () => {
  stage = new Stage({ s3Endpoint, kafkaBrokers, kafka: kafka.client, readTopic });
  await stage.open();
  lambda = await stage.startFunction();
}, 120_000);
afterAll(async () => {
  await stage?.close();
  await kafka.drop();
});

describe('hostile and broken files', () => {
  it.each(HOSTILE)(
    'refuses %s with a reason and a quarantine copy',
    async (_what, key, make, reason) => {
      const file = await make();
      const record = await stage.upload(key, file);
      expect((await lambda.invoke({ Records: [record] })).error).toBeUndefined();

      const events = await stage.published(productImagesRejected);
      const [event, ...more] = events.filter(({ data }) => data.source.key === key);
      expect(more).toEqual([]);
      expect(event).toMatchObject({ key, time: record.eventTime, data: { reason } });

      const { bucket, key: copy } = event?.data.quarantine ?? { bucket: '', key: '' };
      expect(copy.startsWith(QUARANTINE_PREFIX)).toBe(true);
      const { Metadata, ContentLength, ContentType } = await stage.head(bucket, copy);
      expect({ bucket, ContentLength, ContentType }).toEqual({
        bucket: stage.rawBucket,
        ContentLength: file.length,
        ContentType: 'application/octet-stream',
      });
      expect(originalKey(Metadata)).toBe(key);
    },
    60_000,
  );

  it('makes no rendition of any of them and prints nothing they hold', async () => {
    expect(await stage.published(productImagesProcessed)).toEqual([]);
    expect(lambda.output()).not.toMatch(/script|alert|etc.passwd|no picture/);
  });

  it('says the same again when S3 delivers a bad file again', async () => {
    const record = await stage.upload('uploads/p/again.png', scriptSvg);
    await lambda.invoke({ Records: [record] });
    await lambda.invoke({ Records: [record] });
    const events = await stage.published(productImagesRejected);
    const [one, two] = events.filter(({ data }) => data.source.key === 'uploads/p/again.png');
    expect(two?.raw).toBe(one?.raw);
  });

  it('never keeps a huge file in memory, also when the notification has no size', async () => {
    const fresh = await stage.startFunction();
    const { memoryMiB } = await fresh.invoke({ Records: [] });
    const record = await stage.upload('uploads/p/untold.jpg', Buffer.alloc(200 * MIB, 1));
    delete (record.s3 as { object: { size?: number } }).object.size;
    const outcome = await fresh.invoke({ Records: [record] });
    expect(outcome.error).toBeUndefined();
    expect(outcome.memoryMiB - memoryMiB).toBeLessThan(100);
    const events = await stage.published(productImagesRejected);
    const event = events.find(({ data }) => data.source.key === 'uploads/p/untold.jpg');
    expect(event?.data.reason).toBe('too-many-bytes');
  });
});

describe('servers that are away', () => {
  const goodUpload = async (name: string): Promise<S3Record> =>
    stage.upload(`uploads/away/${name}.jpg`, await photo(60, 60).jpeg().toBuffer());
  const eventsOf = async (name: string) =>
    (await stage.published(productImagesProcessed)).filter(
      ({ data }) => data.source.key === `uploads/away/${name}.jpg`,
    );

  it('throws while S3 is down, so that AWS calls again', async () => {
    const cut = await stage.startFunction({ AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${await closedPort()}` });
    const { error } = await cut.invoke({ Records: [await goodUpload('s3-down')] });
    expect(error).toMatch(/^1 of 1 records failed/);
    expect(await eventsOf('s3-down')).toEqual([]);
  });

  it('throws while Kafka is down, also for a bad file, and publishes once Kafka is back', async () => {
    const door = await openDoor(kafkaBrokers.split(',')[0] ?? '');
    const cut = await stage.startFunction({ KAFKA_BROKERS: door.address, KAFKA_WAIT_MS: '3000' });
    const good = { Records: [await goodUpload('kafka-down')] };
    expect((await cut.invoke(good)).error).toMatch(/product-images.processed/);
    const bad = { Records: [await stage.upload('uploads/away/bad.png', scriptSvg)] };
    expect((await cut.invoke(bad)).error).toMatch(/product-images.rejected/);
    expect(await eventsOf('kafka-down')).toEqual([]);

    door.isOpen = true;
    expect((await cut.invoke(good)).error).toBeUndefined();
    expect(await eventsOf('kafka-down')).toHaveLength(1);
    await door.close();
  });
});

/** The key that a quarantine copy remembers. */
function originalKey(metadata: Record<string, string> = {}): string {
  const encoded = metadata['original-key'];
  return encoded === undefined
    ? Buffer.from(metadata['original-key-base64url'] ?? '', 'base64url').toString()
    : decodeURIComponent(encoded);
}

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A way to a broker that can be shut: connections are cut at once until it is opened. */
async function openDoor(broker: string) {
  const [host = '', port = ''] = broker.split(':');
  const door = { isOpen: false, address: '', close: async () => {} };
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    if (!door.isOpen) return void socket.destroy();
    const through = connect(Number(port), host);
    through.on('error', () => socket.destroy());
    socket.pipe(through).pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  door.address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  door.close = async () => void server.close();
  return door;
}
