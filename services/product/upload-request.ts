// What may be uploaded, decided before a byte is sent. Pure. The Lambda looks at the content itself afterwards and may still
// refuse it.
import { UPLOAD_BYTES_MAX, UPLOAD_CONTENT_TYPES, UPLOAD_PREFIX } from '#contracts/images.ts';

/** What is said of a file. */
export interface UploadRequest {
  readonly fileName: string;
  readonly contentType: string;
  readonly bytes: number;
}

export type UploadRefusal = 'type-not-allowed' | 'type-mismatch' | 'too-many-bytes';

export type UploadDecision = { readonly key: string } | { readonly refusal: UploadRefusal };

/** The key for a file of the product, or why it is not taken. `uploadId` is the caller's: ids are no business of a rule. */
export function decideUpload(productId: string, request: UploadRequest, uploadId: string): UploadDecision {
  const extension = /\.([a-z0-9]+)$/i.exec(request.fileName)?.[1]?.toLowerCase() ?? '';
  const expected = Object.hasOwn(UPLOAD_CONTENT_TYPES, extension)
    ? UPLOAD_CONTENT_TYPES[extension]
    : undefined;
  if (!expected) return { refusal: 'type-not-allowed' };
  if (request.contentType !== expected) return { refusal: 'type-mismatch' };
  if (request.bytes > UPLOAD_BYTES_MAX) return { refusal: 'too-many-bytes' };
  return { key: `${UPLOAD_PREFIX}${productId}/${uploadId}.${extension}` };
}
