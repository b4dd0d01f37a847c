import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { UPLOAD_BYTES_MAX, UPLOAD_KEY } from '#contracts/images.ts';
import { compareUploads, decideUpload, type Upload, type UploadRequest } from './domain.ts';

const request: UploadRequest = { fileName: 'cup.JPG', contentType: 'image/jpeg', bytes: 1_000 };
const decide = (changed: Partial<UploadRequest> = {}) =>
  decideUpload('moss-cup', { ...request, ...changed }, 'u-1');

describe('an upload', () => {
  it('gets a key that the image function admits', () => {
    expect(decide()).toEqual({ key: 'uploads/moss-cup/u-1.jpg' });
    expect('uploads/moss-cup/u-1.jpg').toMatch(UPLOAD_KEY);
  });

  it('never gets a key out of its file name but for the ending', () => {
    expect(decide({ fileName: '../../etc/passwd.jpg' })).toEqual({ key: 'uploads/moss-cup/u-1.jpg' });
  });

  it.each(['notes.txt', 'cup', 'cup.jpg.exe', 'cup.constructor', ''])('is refused as %j', (fileName) => {
    expect(decide({ fileName })).toEqual({ refusal: 'type-not-allowed' });
  });

  it('is refused when its type is not the one of its ending', () => {
    expect(decide({ contentType: 'image/png' })).toEqual({ refusal: 'type-mismatch' });
  });

  it('may have as many bytes as the image function takes, and not one more', () => {
    expect(decide({ bytes: UPLOAD_BYTES_MAX })).toHaveProperty('key');
    expect(decide({ bytes: UPLOAD_BYTES_MAX + 1 })).toEqual({ refusal: 'too-many-bytes' });
  });
});

describe('of two uploads', () => {
  const upload = fc.record({
    uploadedAtMs: fc.integer({ min: 0, max: 3 }),
    key: fc.constantFrom('a', 'b'),
    version: fc.constantFrom('1', '2'),
  });
  const shownAfter = (uploads: readonly Upload[]): Upload =>
    uploads.reduce((shown, one) => (compareUploads(one, shown) === 'newer' ? one : shown));

  it('the later one is newer', () => {
    const [early, late] = [5, 6].map((uploadedAtMs) => ({ uploadedAtMs, key: 'k', version: '1' }));
    expect(compareUploads(late!, early!)).toBe('newer');
    expect(compareUploads(early!, late!)).toBe('older');
    expect(compareUploads(late!, late!)).toBe('same');
  });

  it('the same one is shown in the end, in whatever order they were told', () => {
    const orders = fc.array(upload, { minLength: 1, maxLength: 8 }).chain((uploads) => {
      const everyOne = { minLength: uploads.length, maxLength: uploads.length };
      return fc.tuple(fc.constant(uploads), fc.shuffledSubarray(uploads, everyOne));
    });
    fc.assert(
      fc.property(orders, ([uploads, shuffled]) => {
        expect(shownAfter(shuffled)).toEqual(shownAfter(uploads));
      }),
    );
  });
});
