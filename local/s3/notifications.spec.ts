import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeKey } from '../../lambda/image-renditions/s3-event.ts';
import { encodeEventKey, type S3Event } from './notifications.ts';
import { type RunningS3, startS3 } from './s3.ts';

const BUCKET = 'product-images';
const ODD_KEY = 'uploads/ä ö+ü/%2F.jpg';
const ODD_KEY_ENCODED = 'uploads/%C3%A4+%C3%B6%2B%C3%BC/%252F.jpg';
let dataDir: string;
let server: RunningS3;
let s3: S3Client;
let events: S3Event[] = [];
let isKept = true;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 's3-events-'));
  server = await startS3({
    replacement: '',
    dataDir,
    logFile: join(dataDir, 's3.log'),
    port: 0,
    buckets: [BUCKET, 'processed-images'],
    notifications: [{ bucket: BUCKET, prefix: 'uploads/', events: ['s3:ObjectCreated:*'] }],
    notify: async (event) => {
      if (!isKept) throw new Error('disk full');
      events.push(event);
    },
  });
  s3 = new S3Client({
    region: 'eu-central-1',
    endpoint: server.address,
    forcePathStyle: true,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    maxAttempts: 1,
  });
});
beforeEach(() => {
  events = [];
  isKept = true;
});
afterAll(async () => {
  s3?.destroy();
  await server?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

const put = (Key: string, Body = 'hello', more: object = {}) =>
  s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body, ...more }));
const objects = () => events.flatMap(({ Records }) => Records.map(({ s3: { object } }) => object));
const names = () => events.flatMap(({ Records }) => Records.map(({ eventName }) => eventName));

describe('an upload', () => {
  it('sends the event that AWS sends', async () => {
    const { ETag } = await put(ODD_KEY);
    expect(events).toEqual([
      {
        Records: [
          {
            eventVersion: '2.1',
            eventSource: 'aws:s3',
            awsRegion: 'eu-central-1',
            eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
            eventName: 'ObjectCreated:Put',
            userIdentity: { principalId: expect.any(String) },
            requestParameters: { sourceIPAddress: '127.0.0.1' },
            responseElements: { 'x-amz-request-id': expect.any(String), 'x-amz-id-2': expect.any(String) },
            s3: {
              s3SchemaVersion: '1.0',
              configurationId: 'notification-0',
              bucket: {
                name: BUCKET,
                ownerIdentity: { principalId: expect.any(String) },
                arn: 'arn:aws:s3:::product-images',
              },
              object: {
                key: ODD_KEY_ENCODED,
                size: 5,
                eTag: ETag?.replaceAll('"', ''),
                sequencer: expect.stringMatching(/^[0-9A-F]{18}$/),
              },
            },
          },
        ],
      },
    ]);
  });

  it('by a presigned URL is one too', async () => {
    const to = { Bucket: BUCKET, Key: 'uploads/a/1.jpg', ContentType: 'image/jpeg' };
    const url = await getSignedUrl(s3, new PutObjectCommand(to), { expiresIn: 60 });
    const headers = { 'content-type': 'image/jpeg' };
    expect((await fetch(url, { method: 'PUT', body: 'hello', headers })).status).toBe(200);
    expect(objects()).toEqual([expect.objectContaining({ key: 'uploads/a/1.jpg', size: 5 })]);
  });

  it('in parts sends one event, with the size and tag of the whole', async () => {
    const to = { Bucket: BUCKET, Key: ODD_KEY };
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(to));
    const bodies = [Buffer.alloc(5 * 1_048_576, 'a'), Buffer.from('end')];
    const Parts = [];
    for (const [at, Body] of bodies.entries()) {
      const PartNumber = at + 1;
      const { ETag } = await s3.send(new UploadPartCommand({ ...to, UploadId, PartNumber, Body }));
      Parts.push({ ETag, PartNumber });
    }
    expect(events).toEqual([]);
    const MultipartUpload = { Parts };
    const { ETag } = await s3.send(new CompleteMultipartUploadCommand({ ...to, UploadId, MultipartUpload }));
    expect(names()).toEqual(['ObjectCreated:CompleteMultipartUpload']);
    const eTag = ETag?.replaceAll('"', '');
    expect(eTag).toMatch(/^[0-9a-f]{32}-2$/);
    expect(objects()).toMatchObject([{ key: ODD_KEY_ENCODED, size: 5 * 1_048_576 + 3, eTag }]);
  });

  it('by copying is one too', async () => {
    await put('elsewhere/a.jpg', 'copied');
    const to = { Bucket: BUCKET, Key: 'uploads/copy.jpg', CopySource: `${BUCKET}/elsewhere/a.jpg` };
    await s3.send(new CopyObjectCommand(to));
    expect(names()).toEqual(['ObjectCreated:Copy']);
    expect(objects()).toMatchObject([{ key: 'uploads/copy.jpg', size: 6 }]);
  });

  it('that comes later has the greater sequencer', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, at) => put('uploads/same.jpg', `${at}`)));
    const sequencers = objects().map(({ sequencer }) => sequencer);
    expect(sequencers).toHaveLength(20);
    expect(sequencers).toEqual([...new Set(sequencers)].sort());
  });

  it('fails when its event cannot be kept, so that the client tries again', async () => {
    isKept = false;
    await expect(put('uploads/lost.jpg')).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
  });
});

describe('no event', () => {
  it('comes of other prefixes, other buckets, deletions and uploads that are under way', async () => {
    await put('renditions/a.jpg');
    await put('Uploads/a.jpg');
    await s3.send(new PutObjectCommand({ Bucket: 'processed-images', Key: 'uploads/a.jpg', Body: 'x' }));
    await s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'uploads/same.jpg' }));
    const to = { Bucket: BUCKET, Key: 'uploads/aborted.jpg' };
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(to));
    await s3.send(new UploadPartCommand({ ...to, UploadId, PartNumber: 1, Body: 'x' }));
    await s3.send(new AbortMultipartUploadCommand({ ...to, UploadId }));
    expect(events).toEqual([]);
  });

  it('comes of an upload that was refused', async () => {
    await put('uploads/taken.jpg');
    events = [];
    await expect(put('uploads/taken.jpg', 'x', { IfNoneMatch: '*' })).rejects.toMatchObject({
      name: 'PreconditionFailed',
    });
    const expired = await getSignedUrl(
      s3,
      new PutObjectCommand({ Bucket: BUCKET, Key: 'uploads/late.jpg' }),
      {
        expiresIn: 1,
        signingDate: new Date(Date.now() - 10_000),
      },
    );
    expect((await fetch(expired, { method: 'PUT', body: 'x' })).status).toBe(403);
    const missing = { Bucket: BUCKET, Key: 'uploads/copy.jpg', CopySource: `${BUCKET}/nowhere` };
    await expect(s3.send(new CopyObjectCommand(missing))).rejects.toMatchObject({ name: 'NoSuchKey' });
    const nowhere = new PutObjectCommand({ Bucket: 'nowhere', Key: 'uploads/a.jpg', Body: 'x' });
    await expect(s3.send(nowhere)).rejects.toMatchObject({ name: 'NoSuchBucket' });
    expect(events).toEqual([]);
  });
});

describe('the key of an event', () => {
  it.each([
    [ODD_KEY, ODD_KEY_ENCODED],
    ['uploads/photo (1).jpg', 'uploads/photo+%281%29.jpg'],
    ['uploads/a&b=c~d*.jpg', 'uploads/a%26b%3Dc%7Ed*.jpg'],
    ['uploads/写真/🫖.jpg', 'uploads/%E5%86%99%E7%9C%9F/%F0%9F%AB%96.jpg'],
  ])('%s is form-encoded', (key, encoded) => {
    expect(encodeEventKey(key)).toBe(encoded);
  });

  it('is read back by the Lambda, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (key) => {
        expect(decodeKey(encodeEventKey(key))).toBe(key);
      }),
    );
  });
});
