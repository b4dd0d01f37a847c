import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { UPLOAD_BYTES_MAX, UPLOAD_KEY } from '#contracts/images.ts';
import {
  type Command,
  compareUploads,
  decide,
  decideUpload,
  evolve,
  type Upload,
  type UploadRequest,
} from './domain.ts';

const request: UploadRequest = { fileName: 'cup.JPG', contentType: 'image/jpeg', bytes: 1_000 };
const decideOn = (changed: Partial<UploadRequest> = {}) =>
  decideUpload('moss-cup', { ...request, ...changed }, 'u-1');

describe('an upload', () => {
  it('gets a key that the image function admits', () => {
    expect(decideOn()).toEqual({ key: 'uploads/moss-cup/u-1.jpg' });
    expect('uploads/moss-cup/u-1.jpg').toMatch(UPLOAD_KEY);
  });

  it('never gets a key out of its file name but for the ending', () => {
    expect(decideOn({ fileName: '../../etc/passwd.jpg' })).toEqual({ key: 'uploads/moss-cup/u-1.jpg' });
  });

  it.each(['notes.txt', 'cup', 'cup.jpg.exe', 'cup.constructor', ''])('is refused as %j', (fileName) => {
    expect(decideOn({ fileName })).toEqual({ refusal: 'type-not-allowed' });
  });

  it('is refused when its type is not the one of its ending', () => {
    expect(decideOn({ contentType: 'image/png' })).toEqual({ refusal: 'type-mismatch' });
  });

  it('may have as many bytes as the image function takes, and not one more', () => {
    expect(decideOn({ bytes: UPLOAD_BYTES_MAX })).toHaveProperty('key');
    expect(decideOn({ bytes: UPLOAD_BYTES_MAX + 1 })).toEqual({ refusal: 'too-many-bytes' });
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

  it('the same one is shown in the end, in whatever order they arrive', () => {
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

describe('a rendition', () => {
  const made = (uploadId: string, uploadedAtMs: number): Command => {
    const key = `uploads/cup/${uploadId}.jpg`;
    const stored = { bucket: 'processed', key: `renditions/cup/${uploadId}/v1/small.jpg` };
    return {
      made: {
        productId: 'cup',
        source: { bucket: 'raw', key, version: 'v1' },
        rendition: { ...stored, format: 'jpeg', width: 480, height: 320, bytes: 1_000 },
        sizeTable: 1,
      },
      uploadedAtMs,
      nowMs: 10_000,
    };
  };
  const shown: Upload = { uploadedAtMs: 2_000, key: 'uploads/cup/u2.jpg', version: 'v1' };
  const kindsOf = (command: Command, before: Upload | undefined) => {
    const decision = decide(command, before);
    return decision.kind === 'happened' ? decision.events.map(({ kind }) => kind) : decision.why;
  };

  it('of the first or of a newer upload makes that the one that is shown', () => {
    for (const before of [undefined, shown]) {
      const decision = decide(made('u3', 3_000), before);
      if (decision.kind !== 'happened') throw new Error(decision.why);
      expect(decision.events.map(({ kind }) => kind)).toEqual([
        'upload-shown',
        'upload-rendered',
        'rendition-added',
      ]);
      expect(decision.events.reduce(evolve, before)).toMatchObject({ key: 'uploads/cup/u3.jpg' });
    }
  });

  it('of the upload that is shown is added to it', () => {
    expect(kindsOf(made('u2', 2_000), shown)).toEqual(['upload-rendered', 'rendition-added']);
  });

  it('of an older upload is not shown; the upload is known to be rendered', () => {
    expect(kindsOf(made('u1', 1_000), shown)).toEqual(['upload-rendered']);
  });

  it('that has a future time, or whose key is another upload’s, is impossible', () => {
    expect(decide(made('u3', 3_600_000), shown)).toEqual({ kind: 'impossible', why: 'photo-of-the-future' });
    const forged = made('u3', 3_000);
    const { rendition } = made('u4', 3_000).made;
    expect(decide({ ...forged, made: { ...forged.made, rendition } }, shown)).toEqual({
      kind: 'impossible',
      why: 'photo-of-another-upload',
    });
  });
});
