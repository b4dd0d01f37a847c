import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { UPLOAD_PREFIX } from '#contracts/images.ts';
import { eventId, quarantineKey, renditionKey } from './names.ts';
import type { UploadedObject } from './s3-event.ts';

const object: UploadedObject = {
  bucket: 'raw',
  key: 'uploads/p1/u1.jpg',
  version: 'v1',
  eventTime: '2026-11-24T08:14:00.000Z',
};
const anyObject = fc
  .record({ bucket: fc.string(), key: fc.string({ unit: 'binary', minLength: 1 }), version: fc.string() })
  .map((part): UploadedObject => ({ ...object, ...part }));

describe('keys and ids', () => {
  it('names a rendition by product, upload, version and label', () => {
    const upload = { productId: 'p1', uploadId: 'u1', format: 'jpeg' as const };
    expect(renditionKey(upload, '3sL4k', 'small', 'jpeg')).toBe('renditions/p1/u1/3sL4k/small.jpg');
    expect(renditionKey(upload, '3sL4k', 'small', 'webp')).toBe('renditions/p1/u1/3sL4k/small.webp');
  });

  it('keeps every version in one path segment', () => {
    const upload = { productId: 'p1', uploadId: 'u1', format: 'jpeg' as const };
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (version) => {
        expect(renditionKey(upload, version, 'small', 'jpeg')).toMatch(
          /^renditions\/p1\/u1\/[\w-][\w.-]{0,63}\/small\.jpg$/,
        );
      }),
    );
  });

  it('gives the same id for the same cause and another for any other', () => {
    fc.assert(
      fc.property(anyObject, anyObject, fc.string(), (one, other, label) => {
        expect(eventId({ ...one }, label)).toBe(eventId(one, label));
        expect(eventId(one, label)).toMatch(/^[\w-]{22}$/);
        expect(eventId(one, `${label}x`)).not.toBe(eventId(one, label));
        const isSame = one.bucket === other.bucket && one.key === other.key && one.version === other.version;
        expect(eventId(one, label) === eventId(other, label)).toBe(isSame);
      }),
    );
  });

  it('does not let a part run into the next one', () => {
    expect(eventId({ ...object, bucket: 'a', key: 'b/c' }, 'x')).not.toBe(
      eventId({ ...object, bucket: 'a/b', key: 'c' }, 'x'),
    );
  });

  it('gives every refused key a safe quarantine key outside the trigger prefix', () => {
    fc.assert(
      fc.property(anyObject, (refused) => {
        const key = quarantineKey(refused);
        expect(key).toMatch(/^quarantine\/[\w-]{22}\/[\w.-]{1,60}$/);
        expect(key.startsWith(UPLOAD_PREFIX)).toBe(false);
      }),
    );
  });
});
