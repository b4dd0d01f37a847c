// Image events: one per rendition that was made, one per upload that was refused. Owner: lambda/image-renditions.
import { z } from 'zod';
import type { EventContract } from './envelope.ts';
import { SIZE_TABLES } from './size-labels.ts';

const pixels = z.int().positive();
const bytes = z.int().nonnegative();
const storedObject = z.object({ bucket: z.string().min(1), key: z.string().min(1) });

/** Real formats we accept, by content and not by name. */
export const imageFormat = z.enum(['jpeg', 'png', 'webp', 'avif', 'gif']);

const sourceObject = storedObject.extend({
  /** S3 version id, or the sequencer where the bucket keeps no versions. */
  version: z.string().min(1),
});

/** Data of `product-images.processed`: one rendition, made and stored. */
export const imageProcessed = z.object({
  productId: z.string().min(1),
  source: sourceObject,
  rendition: storedObject.extend({
    format: imageFormat,
    width: pixels,
    height: pixels,
    /** Size of the stored object. */
    bytes,
  }),
  /** The size table under which the rendition's label is to be read. */
  sizeTable: z.int().refine((version) => version in SIZE_TABLES, { error: 'unknown size table' }),
});
export type ImageProcessed = z.infer<typeof imageProcessed>;

/**
 * Why an upload was refused. `type-not-allowed` also covers a form of an allowed type that would not be shown rightly, as an
 * HDR picture: a reason of its own would be a new value, which older readers refuse. `detail` says which form.
 */
export const rejectionReason = z.enum([
  'key-not-allowed',
  'empty-file',
  'too-many-bytes',
  'type-not-allowed',
  'type-mismatch',
  'too-many-pixels',
  'undecodable',
]);
export type RejectionReason = z.infer<typeof rejectionReason>;

/** Data of `product-images.rejected`. */
export const imageRejected = z.object({
  source: sourceObject,
  /** Where the copy of the refused file is, outside the trigger prefix. */
  quarantine: storedObject,
  reason: rejectionReason,
  /** For people; holds no bytes of the file. */
  detail: z.string().max(300),
});
export type ImageRejected = z.infer<typeof imageRejected>;

/** The schema again, by hand: zod's parse copies the object, which at a million events a second costs more than JSON.parse. */
function isPlainlyProcessed(data: unknown): data is ImageProcessed {
  if (!isObject(data)) return false;
  const { productId, source, rendition, sizeTable } = data;
  return (
    isName(productId) &&
    isObject(source) &&
    isName(source.bucket) &&
    isName(source.key) &&
    isName(source.version) &&
    isObject(rendition) &&
    isName(rendition.bucket) &&
    isName(rendition.key) &&
    FORMATS.has(rendition.format) &&
    isWhole(rendition.width, 1) &&
    isWhole(rendition.height, 1) &&
    isWhole(rendition.bytes, 0) &&
    isWhole(sizeTable, 0) &&
    SIZE_TABLES[sizeTable] !== undefined
  );
}

const isName = (value: unknown): boolean => typeof value === 'string' && value !== '';
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isWhole = (value: unknown, min: number): value is number =>
  Number.isSafeInteger(value) && Number(value) >= min;
const FORMATS: ReadonlySet<unknown> = new Set(imageFormat.options);

export const IMAGE_PROCESSED: EventContract<ImageProcessed> = {
  type: 'shop.product-images.processed.v1',
  schema: imageProcessed,
  isPlainlyValid: isPlainlyProcessed,
};
export const IMAGE_REJECTED: EventContract<ImageRejected> = {
  type: 'shop.product-images.rejected.v1',
  schema: imageRejected,
};

/** Longest original: a 50-megapixel camera JPEG is about 25 MiB. Presigned uploads are bound to it, the Lambda holds it. */
export const UPLOAD_BYTES_MAX = 50 * 1_048_576;

/** Largest picture that the Lambda decodes; its README states the memory that this takes. */
export const ORIGINAL_PIXELS_MAX = 100_000_000;

/** Uploads under this prefix trigger the Lambda; nothing we write may begin with it. */
export const UPLOAD_PREFIX = 'uploads/';
export const QUARANTINE_PREFIX = 'quarantine/';

/** `uploads/<productId>/<uploadId>.<extension>`: the only keys that presigned uploads are handed out for. */
export const UPLOAD_KEY =
  /^uploads\/([A-Za-z0-9_-]{1,64})\/([A-Za-z0-9_-]{1,64})\.(jpg|jpeg|png|webp|avif|gif)$/;

/** Content type of each extension that uploads are handed out for. */
export const UPLOAD_CONTENT_TYPES: Readonly<Record<string, string>> = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  avif: 'image/avif',
  gif: 'image/gif',
};

/** Under this prefix of the processed bucket lie all renditions. */
export const RENDITION_PREFIX = 'renditions/';

/** Under this prefix of it lie those of one upload, as `<version>/<label>.<extension>`. */
export const renditionPrefix = (upload: { readonly productId: string; readonly uploadId: string }): string =>
  `${RENDITION_PREFIX}${upload.productId}/${upload.uploadId}/`;
