import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { imageRejected, ORIGINAL_PIXELS_MAX, UPLOAD_BYTES_MAX } from '#contracts/images.ts';
import { currentSizeTable, sizeLabelOf } from '#contracts/size-labels.ts';
import { admitUpload, rejectByContent, renditionSizes } from './plan.ts';

const object = { key: 'uploads/p1/u1.jpg' };
const labelsOf = (width: number, height: number) =>
  renditionSizes({ width, height }).map(({ label }) => label);

describe('which renditions', () => {
  it('makes each label whose edge is not larger than the longest edge of the original', () => {
    expect(labelsOf(4000, 3000)).toEqual(['xlarge', 'large', 'medium', 'small', 'thumbnail']);
    expect(labelsOf(1000, 1920)).toEqual(['large', 'medium', 'small', 'thumbnail']);
    expect(labelsOf(1919, 10)).toEqual(['medium', 'small', 'thumbnail']);
  });

  it('gives a photo smaller than every label the smallest one, at its own size', () => {
    expect(renditionSizes({ width: 90, height: 60 })).toEqual([
      { label: 'thumbnail', width: 90, height: 60 },
    ]);
  });

  it('has the label that the size table gives its pixels, never enlarges and keeps the shape', () => {
    const edge = fc.integer({ min: 1, max: 20_000 });
    fc.assert(
      fc.property(edge, edge, (width, height) => {
        const sizes = renditionSizes({ width, height });
        expect(sizes.length).toBeGreaterThan(0);
        for (const size of sizes) {
          expect(sizeLabelOf(currentSizeTable, size.width, size.height)).toBe(size.label);
          expect(size.width).toBeLessThanOrEqual(width);
          expect(size.height).toBeLessThanOrEqual(height);
          expect(Math.min(size.width, size.height)).toBeGreaterThanOrEqual(1);
          const scale = Math.max(size.width, size.height) / Math.max(width, height);
          expect(Math.abs(size.width - width * scale)).toBeLessThanOrEqual(1);
          expect(Math.abs(size.height - height * scale)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});

describe('which uploads', () => {
  it('admits only the keys that presigned uploads are handed out for', () => {
    expect(admitUpload(object)).toEqual({ productId: 'p1', uploadId: 'u1', format: 'jpeg' });
    for (const key of [
      'uploads/../x',
      'uploads/p1/../u1.jpg',
      'uploads/ä ö+ü/ %2F.jpg',
      'uploads/p1/u1.svg',
      'uploads/p1/u1.JPG',
      'uploads/p1/u1.jpg\n',
      'uploads/p1/u1.jpg/x.jpg',
      'uploads/',
      `uploads/p1/${'u'.repeat(65)}.jpg`,
      'renditions/p1/u1.jpg',
    ]) {
      expect(admitUpload({ key })).toMatchObject({ reason: 'key-not-allowed' });
    }
  });

  it('refuses an empty file and one beyond the limit before a byte is fetched', () => {
    expect(admitUpload({ ...object, bytes: 0 })).toMatchObject({ reason: 'empty-file' });
    expect(admitUpload({ ...object, bytes: UPLOAD_BYTES_MAX + 1 })).toMatchObject({
      reason: 'too-many-bytes',
    });
    expect(admitUpload({ ...object, bytes: UPLOAD_BYTES_MAX })).toMatchObject({ format: 'jpeg' });
  });

  it('requires name, magic numbers and decoder to agree', () => {
    const header = { format: 'png' as const, width: 10, height: 10 };
    expect(rejectByContent('png', { mime: 'image/png', header })).toBeUndefined();
    expect(rejectByContent('png', { header })).toMatchObject({ reason: 'type-not-allowed' });
    expect(rejectByContent('png', { mime: 'application/xml' })).toMatchObject({ reason: 'type-not-allowed' });
    expect(rejectByContent('jpeg', { mime: 'image/png', header })).toMatchObject({ reason: 'type-mismatch' });
    expect(rejectByContent('png', { mime: 'image/png' })).toMatchObject({ reason: 'undecodable' });
    expect(
      rejectByContent('avif', { mime: 'image/heif', header: { ...header, format: 'other' } }),
    ).toMatchObject({ reason: 'type-not-allowed' });
  });

  it('allows exactly the pixel limit', () => {
    const of = (width: number) =>
      rejectByContent('gif', { mime: 'image/gif', header: { format: 'gif', width, height: 1 } });
    expect(of(ORIGINAL_PIXELS_MAX)).toBeUndefined();
    expect(of(ORIGINAL_PIXELS_MAX + 1)).toMatchObject({ reason: 'too-many-pixels' });
  });

  it('keeps the text of every refusal within the contract', () => {
    const refusal = admitUpload({ key: 'x'.repeat(1_024) });
    expect(
      imageRejected.safeParse({
        source: { bucket: 'raw', key: 'x', version: '1' },
        quarantine: { bucket: 'raw', key: 'quarantine/x' },
        ...refusal,
      }).success,
    ).toBe(true);
  });
});
