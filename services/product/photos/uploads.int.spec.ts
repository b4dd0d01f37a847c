// A signed upload against the S3 of the platform.
import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, it } from '@jest/globals';
import { loadConfig } from '#runtime/config.ts';
import { productConfig } from '../config.ts';
import { createPhotoUploads } from './uploads.ts';

const { AWS_ENDPOINT_URL_S3, S3_FORCE_PATH_STYLE, AWS_REGION } = productConfig;
const config = loadConfig({ AWS_ENDPOINT_URL_S3, S3_FORCE_PATH_STYLE, AWS_REGION });

it('takes the file that it was signed for', async () => {
  const Bucket = `product-${randomUUID()}`;
  const s3 = new S3Client({
    region: config.AWS_REGION,
    endpoint: config.AWS_ENDPOINT_URL_S3!,
    forcePathStyle: true,
  });
  await s3.send(new CreateBucketCommand({ Bucket }));
  const uploads = createPhotoUploads({ ...config, PRODUCT_IMAGES_BUCKET: Bucket });
  const Key = 'uploads/moss-cup/u-1.jpg';
  const url = await uploads.sign(Key, 'image/jpeg', 10);

  const headers = { 'content-type': 'image/jpeg' };
  const answer = await fetch(url, { method: 'PUT', headers, body: new Uint8Array(10) });

  expect(answer.status).toBe(200);
  const stored = await s3.send(new GetObjectCommand({ Bucket, Key }));
  // Unread, it would hold its connection open.
  await stored.Body!.transformToByteArray();
  expect([stored.ContentType, stored.ContentLength]).toEqual(['image/jpeg', 10]);
  s3.destroy();
});
