import { describe, expect, it } from '@jest/globals';
import { createPhotoUploads } from './uploads.ts';

// The SDK reads them when it signs; a signature needs no server.
Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' });
const uploads = createPhotoUploads({
  PRODUCT_IMAGES_BUCKET: 'photos',
  AWS_REGION: 'eu-central-1',
  S3_FORCE_PATH_STYLE: false,
});
const sign = async (bytes: number, contentType = 'image/jpeg') =>
  new URL(await uploads.sign('uploads/p/u.jpg', contentType, bytes));

describe('a signed upload', () => {
  it('is bound to the content type and the length', async () => {
    const signed = await Promise.all([sign(10), sign(11), sign(10, 'image/png')]);
    expect(signed[0].searchParams.get('X-Amz-SignedHeaders')).toBe('content-length;content-type;host');
    expect(new Set(signed.map(({ searchParams }) => searchParams.get('X-Amz-Signature'))).size).toBe(3);
  });

  it('carries no checksum, since it would be that of an empty body', async () => {
    expect((await sign(10)).search.toLowerCase()).not.toContain('checksum');
  });

  it('is for one key of the bucket, for five minutes', async () => {
    const { host, pathname, searchParams } = await sign(10);
    expect(`${host}${pathname}`).toBe('photos.s3.eu-central-1.amazonaws.com/uploads/p/u.jpg');
    expect(searchParams.get('X-Amz-Expires')).toBe('300');
  });
});
