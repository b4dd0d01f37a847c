import { describe, expect, it } from '@jest/globals';
import { imageProcessed, QUARANTINE_PREFIX, UPLOAD_KEY, UPLOAD_PREFIX } from './images.ts';

const processed = {
  productId: 'p-1',
  source: { bucket: 'raw', key: 'uploads/p-1/u-1.jpg', version: 'v1' },
  rendition: {
    bucket: 'out',
    key: 'p-1/u-1/small.webp',
    format: 'webp',
    width: 480,
    height: 320,
    bytes: 9_000,
  },
  sizeTable: 1,
};

describe('upload keys', () => {
  it.each([
    'uploads/p-1/u_2.jpg',
    'uploads/A/b.jpeg',
    'uploads/a/b.png',
    'uploads/a/b.webp',
    'uploads/a/b.avif',
  ])('accept %s', (key) => {
    expect(UPLOAD_KEY.test(key)).toBe(true);
  });

  it.each([
    'uploads/../secret.jpg',
    'uploads/p/u.svg',
    'uploads/p/u.jpg.exe',
    'uploads/p/u.JPG',
    'uploads/p/deep/u.jpg',
    'uploads/pé/u.jpg',
    'uploads//u.jpg',
    'quarantine/p/u.jpg',
    `uploads/${'p'.repeat(65)}/u.jpg`,
    'uploads/p/u.jpg\n',
  ])('refuse %j', (key) => {
    expect(UPLOAD_KEY.test(key)).toBe(false);
  });

  it('are under the prefix that triggers the Lambda, and quarantined copies are not', () => {
    expect('uploads/p/u.jpg'.startsWith(UPLOAD_PREFIX)).toBe(true);
    expect(QUARANTINE_PREFIX.startsWith(UPLOAD_PREFIX)).toBe(false);
  });
});

describe('data of a processed image', () => {
  it('accepts a rendition of a published size table', () => {
    expect(imageProcessed.safeParse(processed).success).toBe(true);
  });

  it.each([
    ['an unknown size table', { ...processed, sizeTable: 99 }],
    ['an object property that only looks like a table', { ...processed, sizeTable: 'toString' }],
    ['negative bytes', { ...processed, rendition: { ...processed.rendition, bytes: -1 } }],
    ['bytes beyond 2^53', { ...processed, rendition: { ...processed.rendition, bytes: 2 ** 53 } }],
    ['half a byte', { ...processed, rendition: { ...processed.rendition, bytes: 0.5 } }],
    ['bytes as text', { ...processed, rendition: { ...processed.rendition, bytes: '9000' } }],
    ['no width', { ...processed, rendition: { ...processed.rendition, width: 0 } }],
    ['a format that we do not make', { ...processed, rendition: { ...processed.rendition, format: 'svg' } }],
    ['no product', { ...processed, productId: '' }],
  ])('refuses %s', (_rule, data) => {
    expect(imageProcessed.safeParse(data).success).toBe(false);
  });
});
