import { describe, expect, it } from '@jest/globals';
import { UPLOAD_BYTES_MAX, UPLOAD_KEY } from '#contracts/images.ts';
import { decideUpload, type UploadRequest } from './upload-request.ts';

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
