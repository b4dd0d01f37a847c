import { describe, expect, it } from '@jest/globals';
import { UPLOAD_BYTES_MAX, UPLOAD_KEY } from '#contracts/images.ts';
import { planUpload, productIdOf, type UploadRequest } from './upload-request.ts';

const photo: UploadRequest = { fileName: 'Tea Tin.JPG', contentType: 'image/jpeg', bytes: 1_000 };
const plan = (change: Partial<UploadRequest>) => planUpload({ ...photo, ...change }, 'u-1');

describe('planUpload', () => {
  it('gives a photo a key under its product that the Lambda admits', () => {
    const planned = plan({});
    expect(planned).toEqual({
      productId: 'tea-tin',
      uploadId: 'u-1',
      key: 'uploads/tea-tin/u-1.jpg',
      contentType: 'image/jpeg',
      bytes: 1_000,
    });
    expect((planned as { key: string }).key).toMatch(UPLOAD_KEY);
  });

  it.each([
    ['a drawing', { fileName: 'a.svg', contentType: 'image/svg+xml' }, 'type-not-allowed'],
    ['a file without an extension', { fileName: 'photo' }, 'type-not-allowed'],
    ['a type that is not the extension’s', { contentType: 'image/png' }, 'type-mismatch'],
    ['a file without a type', { contentType: '' }, 'type-mismatch'],
    ['an empty file', { bytes: 0 }, 'empty-file'],
    ['a file above the limit', { bytes: UPLOAD_BYTES_MAX + 1 }, 'too-many-bytes'],
  ])('refuses %s with a sentence', (_what, change, code) => {
    expect(plan(change)).toMatchObject({ code, detail: expect.stringMatching(/\.$/) });
  });

  it('takes a file of exactly the limit', () => {
    expect(plan({ bytes: UPLOAD_BYTES_MAX })).toHaveProperty('key');
  });
});

describe('productIdOf', () => {
  it.each([
    ['Grüne Vase (2).png', 'grune-vase-2'],
    ['写真.jpg', 'photo'],
    ['../../etc/passwd.jpg', 'etc-passwd'],
    [`${'x'.repeat(200)}.jpg`, 'x'.repeat(64)],
  ])('makes %s the product %s', (name, id) => {
    expect(productIdOf(name)).toBe(id);
  });
});
