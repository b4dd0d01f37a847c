import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '#runtime/config.ts';
import { consoleConfig } from './config.ts';
import { createPhotoStore } from './photo-store.ts';

const config = loadConfig(consoleConfig, {
  KAFKA_BROKERS: '127.0.0.1:9092',
  DATABASE_URL: 'postgres://user:password@127.0.0.1/shop',
  GOOGLE_CLOUD_PROJECT: 'demo',
  PRODUCT_IMAGES_BUCKET: 'photos',
  PROCESSED_IMAGES_BUCKET: 'renditions',
  RESULTS_BUCKET: 'results',
});
// The SDK reads them when it signs; a signature needs no server.
Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' });
const store = createPhotoStore(config);
const sign = async (bytes: number) => new URL(await store.signUpload('uploads/p/u.jpg', 'image/jpeg', bytes));

describe('signed upload', () => {
  it('is bound to the content type and the length', async () => {
    const [short, long] = await Promise.all([sign(10), sign(11)]);
    expect(short.searchParams.get('X-Amz-SignedHeaders')).toBe('content-length;content-type;host');
    expect(short.searchParams.get('X-Amz-Signature')).not.toBe(long.searchParams.get('X-Amz-Signature'));
  });

  it('carries no checksum, since it would be that of an empty body', async () => {
    expect((await sign(10)).search.toLowerCase()).not.toContain('checksum');
  });

  it('expires in five minutes', async () => {
    expect((await sign(10)).searchParams.get('X-Amz-Expires')).toBe('300');
  });
});
