import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DEAD_LETTER_QUEUE, type RunningS3, startS3 } from './s3.ts';

const BUCKET = 'product-images';
let dataDir: string;
let server: RunningS3;
let s3: S3Client;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 's3-'));
  await start();
});
afterAll(async () => {
  s3?.destroy();
  await server?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

async function start(): Promise<void> {
  server = await startS3({
    replacement: '',
    dataDir,
    logFile: join(dataDir, 's3.log'),
    port: 0,
    buckets: [BUCKET],
  });
  s3 = new S3Client({
    region: 'eu-central-1',
    endpoint: server.address,
    forcePathStyle: true,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    maxAttempts: 1,
  });
}

const put = (Key: string, Body: string | Buffer, more: object = {}) =>
  s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body, ...more }));
const read = async (Key: string): Promise<Buffer> => {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
  return Buffer.from(await Body!.transformToByteArray());
};
const signPut = (Key: string, expiresIn: number): Promise<string> =>
  getSignedUrl(s3, new PutObjectCommand({ Bucket: BUCKET, Key }), { expiresIn });

describe('conditional writes', () => {
  it('lets exactly one of two racing writers create an object', async () => {
    const outcomes = await Promise.allSettled(
      ['a', 'b', 'c', 'd'].map((body) => put('race', body, { IfNoneMatch: '*' })),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const lost = outcomes.find((outcome) => outcome.status === 'rejected');
    expect(lost?.reason).toMatchObject({
      name: 'PreconditionFailed',
      $metadata: { httpStatusCode: 412 },
    });
  });

  it('overwrites only the version that the writer has seen', async () => {
    const { ETag } = await put('seen', '1');
    await put('seen', '2', { IfMatch: ETag });
    await expect(put('seen', '3', { IfMatch: ETag })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    await expect(put('unseen', '1', { IfMatch: ETag })).rejects.toMatchObject({ name: 'NoSuchKey' });
    expect(String(await read('seen'))).toBe('2');
  });

  it('completes a multipart upload only onto a free key', async () => {
    await put('taken', 'first');
    const to = { Bucket: BUCKET, Key: 'taken' };
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(to));
    const { ETag } = await s3.send(new UploadPartCommand({ ...to, UploadId, PartNumber: 1, Body: 'second' }));
    const MultipartUpload = { Parts: [{ ETag, PartNumber: 1 }] };
    await expect(
      s3.send(new CompleteMultipartUploadCommand({ ...to, UploadId, MultipartUpload, IfNoneMatch: '*' })),
    ).rejects.toMatchObject({ name: 'PreconditionFailed' });
    expect(String(await read('taken'))).toBe('first');
  });

  it('copies only the version that the copier has seen', async () => {
    const { ETag } = await put('source ü', '1');
    const copy = { Bucket: BUCKET, Key: 'copy', CopySource: `${BUCKET}/${encodeURIComponent('source ü')}` };
    await s3.send(new CopyObjectCommand({ ...copy, CopySourceIfMatch: ETag }));
    await put('source ü', '2');
    await expect(s3.send(new CopyObjectCommand({ ...copy, CopySourceIfMatch: ETag }))).rejects.toMatchObject({
      name: 'PreconditionFailed',
    });
    expect(String(await read('copy'))).toBe('1');
  });
});

describe('presigned URLs', () => {
  it('take an upload before they expire', async () => {
    const response = await fetch(await signPut('signed', 60), { method: 'PUT', body: 'hello' });
    expect(response.status).toBe(200);
    expect(String(await read('signed'))).toBe('hello');
  });

  it('are refused afterwards', async () => {
    const url = await getSignedUrl(s3, new PutObjectCommand({ Bucket: BUCKET, Key: 'late' }), {
      expiresIn: 60,
      signingDate: new Date(Date.now() - 61_000),
    });
    const response = await fetch(url, { method: 'PUT', body: 'hello' });
    expect(response.status).toBe(403);
    expect(await response.text()).toContain('<Message>Request has expired</Message>');
    await expect(read('late')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });
});

describe('browsers', () => {
  const preflight = async (origin: string) =>
    fetch(await signPut('x', 60), {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'content-type',
      },
    });

  it.each(['http://127.0.0.1:4000', 'http://localhost:51234', 'http://shop.localhost'])(
    'may upload from %s',
    async (origin) => {
      const { status, headers } = await preflight(origin);
      expect(status).toBe(200);
      expect(headers.get('access-control-allow-methods')).toContain('PUT');
      expect(headers.get('access-control-allow-headers')).toBe('content-type');
      const uploaded = await fetch(await signPut('x', 60), { method: 'PUT', body: 'x', headers: { origin } });
      expect(uploaded.headers.get('access-control-allow-origin')).toBe(origin);
      expect(uploaded.headers.get('access-control-expose-headers')).toContain('ETag');
    },
  );

  it('may do nothing from a page that is not of this machine', async () => {
    const origin = 'https://example.org';
    expect((await preflight(origin)).status).toBe(403);
    const url = await signPut('foreign', 60);
    expect((await fetch(url, { method: 'PUT', body: 'x', headers: { origin } })).status).toBe(403);
  });
});

describe('objects', () => {
  it('may be empty, or larger than one part of a multipart upload', async () => {
    await put('empty', Buffer.alloc(0));
    expect(await read('empty')).toHaveLength(0);
    const response = await fetch(await signPut('empty-signed', 60), { method: 'PUT' });
    expect(response.status).toBe(200);
    const large = Buffer.alloc(24 * 1_048_576, 'photo');
    await put('large', large);
    expect((await read('large')).equals(large)).toBe(true);
  });

  it('are listed by the bytes of their keys, page by page, none lost', async () => {
    const keys = ['B', 'a', 'É', 'a/b', 'Z/1', 'z'].map((key) => `list/${key}`);
    for (const key of keys) await put(key, 'x');
    const listed: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await s3.send(
        new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'list/', MaxKeys: 2, ContinuationToken }),
      );
      listed.push(...(page.Contents ?? []).map(({ Key = '' }) => Key));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken);
    expect(listed).toEqual(['B', 'Z/1', 'a', 'a/b', 'z', 'É'].map((key) => `list/${key}`));
  });

  it('outlive the server, dead letters too', async () => {
    await put('kept', 'still here', { Metadata: { from: 'before' } });
    await server.sendDeadLetter({ version: '1.0' });
    s3.destroy();
    await server.stop();
    await start();
    expect(String(await read('kept'))).toBe('still here');
    expect(await receive(0)).toEqual([{ version: '1.0' }]);
    // Comes back when its reader has not deleted it in time.
    expect(await receive(30)).toEqual([{ version: '1.0' }]);
  });
});

/** Reads the dead-letter queue over SQS's protocol; what is read is hidden from others for so many seconds. */
async function receive(visibilityTimeoutS: number): Promise<unknown[]> {
  const response = await fetch(server.address, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.ReceiveMessage' },
    body: JSON.stringify({
      QueueUrl: `${server.address}/000000000000/${DEAD_LETTER_QUEUE}`,
      VisibilityTimeout: visibilityTimeoutS,
      MaxNumberOfMessages: 10,
    }),
  });
  const { Messages = [] } = (await response.json()) as { Messages?: { Body: string }[] };
  return Messages.map(({ Body }) => JSON.parse(Body));
}
