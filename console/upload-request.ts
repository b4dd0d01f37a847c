// What may be uploaded, decided before a byte is sent: pure, so that each refusal has a test. The Lambda looks at the
// content itself afterwards and may still refuse.
import { UPLOAD_BYTES_MAX, UPLOAD_CONTENT_TYPES, UPLOAD_PREFIX } from '#contracts/images.ts';
import type { Problem } from './problem.ts';

/** What the page says of a dropped file. */
export interface UploadRequest {
  readonly fileName: string;
  readonly contentType: string;
  readonly bytes: number;
}

/** Where an accepted upload goes. */
export interface UploadPlan {
  readonly productId: string;
  readonly uploadId: string;
  readonly key: string;
  readonly contentType: string;
  readonly bytes: number;
}

/** Decides on a file by its name, declared type and length. `uploadId` is the caller's: ids are no business of a rule. */
export function planUpload(request: UploadRequest, uploadId: string): UploadPlan | Problem {
  const { fileName, contentType, bytes } = request;
  const extension = /\.([a-z0-9]+)$/i.exec(fileName)?.[1]?.toLowerCase() ?? '';
  const expected = UPLOAD_CONTENT_TYPES[extension];
  if (!expected) {
    const kind = extension ? `.${extension} files` : 'files without an extension';
    return refuse(
      415,
      'type-not-allowed',
      'Not a photo',
      `We take JPEG, PNG, WebP, AVIF and GIF, not ${kind}.`,
    );
  }
  if (contentType !== expected) {
    return refuse(
      415,
      'type-mismatch',
      'Name and type disagree',
      `A .${extension} file must be ${expected}, but this one says ${contentType || 'nothing'}.`,
    );
  }
  if (bytes === 0) return refuse(422, 'empty-file', 'Empty file', 'The file has no content.');
  if (bytes > UPLOAD_BYTES_MAX) {
    const [is, max] = [bytes, UPLOAD_BYTES_MAX].map((size) => (size / 1_048_576).toFixed(0));
    return refuse(413, 'too-many-bytes', 'Too large', `The file has ${is} MiB, the limit is ${max} MiB.`);
  }
  const productId = productIdOf(fileName);
  const key = `${UPLOAD_PREFIX}${productId}/${uploadId}.${extension}`;
  return { productId, uploadId, key, contentType, bytes };
}

const refuse = (status: number, code: string, title: string, detail: string): Problem => ({
  status,
  code,
  title,
  detail,
});

/** A file's name as a product id: two photos of one name are two photos of one product. */
export function productIdOf(fileName: string): string {
  const slug = fileName
    .replace(/\.[^.]*$/, '')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64);
  return slug || 'photo';
}
