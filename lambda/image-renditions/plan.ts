// Decides on an upload: refused and for which reason, or made into which renditions. Pure: the same upload always
// gets the same decision.
import {
  type ImageProcessed,
  ORIGINAL_PIXELS_MAX,
  type RejectionReason,
  UPLOAD_BYTES_MAX,
  UPLOAD_KEY,
} from '#contracts/images.ts';
import { currentSizeTable, type SizeTable } from '#contracts/size-labels.ts';

export type ImageFormat = ImageProcessed['rendition']['format'];
export type OutputFormat = Extract<ImageFormat, 'jpeg' | 'webp'>;

/** The parts of an admitted upload key. */
export interface Upload {
  readonly productId: string;
  readonly uploadId: string;
  /** The format that the key's extension promises. */
  readonly format: ImageFormat;
}

export interface Rejection {
  readonly reason: RejectionReason;
  /** For people; our own words and numbers only, never bytes of the file. */
  readonly detail: string;
}

export interface PixelSize {
  readonly width: number;
  readonly height: number;
}

export interface RenditionSize extends PixelSize {
  readonly label: string;
}

/** What two independent readers say about a file's first bytes. */
export interface Content {
  /** MIME type by magic numbers. */
  readonly mime?: string | undefined;
  /** The decoder's reading of the header: undefined when it cannot read it. */
  readonly header?: (PixelSize & { readonly format: ImageFormat | 'other' }) | undefined;
  /** Why a file of an allowed type is not taken all the same: a form of it that would not be shown rightly. */
  readonly refusal?: string | undefined;
}

const FORMAT_OF_EXTENSION: ReadonlyMap<string, ImageFormat> = new Map<string, ImageFormat>(
  Object.entries({
    jpg: 'jpeg',
    jpeg: 'jpeg',
    png: 'png',
    webp: 'webp',
    avif: 'avif',
    gif: 'gif',
  }),
);

/** HEIF is a container that also holds AVIF; the decoder's header then says which of both it is. */
const FORMAT_OF_MIME: ReadonlyMap<string, ImageFormat> = new Map<string, ImageFormat>(
  Object.entries({
    'image/jpeg': 'jpeg',
    'image/png': 'png',
    'image/apng': 'png',
    'image/webp': 'webp',
    'image/avif': 'avif',
    'image/heif': 'avif',
    'image/gif': 'gif',
  }),
);

/** Judges an upload by its notification alone, before a byte is fetched. */
export function admitUpload(object: { readonly key: string; readonly bytes?: number }): Upload | Rejection {
  const [, productId, uploadId, extension] = UPLOAD_KEY.exec(object.key) ?? [];
  const format = extension && FORMAT_OF_EXTENSION.get(extension);
  if (!productId || !uploadId || !format) {
    return { reason: 'key-not-allowed', detail: 'expected uploads/<productId>/<uploadId>.<extension>' };
  }
  return rejectByBytes(object.bytes) ?? { productId, uploadId, format };
}

/** Judges a size; an unknown one passes and is judged again by what the store answers. */
export function rejectByBytes(bytes: number | undefined): Rejection | undefined {
  if (bytes === 0) return { reason: 'empty-file', detail: 'the file has no bytes' };
  return bytes !== undefined && bytes > UPLOAD_BYTES_MAX ? tooManyBytes(bytes) : undefined;
}

export const tooManyBytes = (bytes: number): Rejection => ({
  reason: 'too-many-bytes',
  detail: `${bytes} bytes, at most ${UPLOAD_BYTES_MAX} are allowed`,
});

/** Judges a file's content: extension, magic numbers and decoder must agree, and the picture must be decodable here. */
export function rejectByContent(promised: ImageFormat, content: Content): Rejection | undefined {
  const found = content.mime && FORMAT_OF_MIME.get(content.mime);
  if (!found) {
    const otherwise = content.mime ? `, but ${content.mime}` : '';
    return {
      reason: 'type-not-allowed',
      detail: `the content is no JPEG, PNG, WebP, AVIF or GIF${otherwise}`,
    };
  }
  if (found !== promised) {
    return { reason: 'type-mismatch', detail: `the name says ${promised}, the content is ${found}` };
  }
  const { header, refusal } = content;
  if (refusal) return { reason: 'type-not-allowed', detail: refusal };
  if (!header) return { reason: 'undecodable', detail: 'the decoder cannot read the header' };
  if (header.format !== found) {
    return { reason: 'type-not-allowed', detail: `the content begins as ${found} but is not` };
  }
  if (header.width * header.height > ORIGINAL_PIXELS_MAX) {
    const size = `${header.width} x ${header.height}`;
    return {
      reason: 'too-many-pixels',
      detail: `${size}, at most ${ORIGINAL_PIXELS_MAX} pixels are allowed`,
    };
  }
  return undefined;
}

/**
 * The renditions of a picture, largest first: each label whose edge is not larger than the picture's longest edge. A
 * picture smaller than every label gets the smallest one at its own size; nothing is ever enlarged.
 */
export function renditionSizes(original: PixelSize, table: SizeTable = currentSizeTable): RenditionSize[] {
  const edge = Math.max(original.width, original.height);
  const fitting = table.rules.filter((rule) => rule.edgePixelsMax <= edge);
  const [smallest] = table.rules;
  if (fitting.length === 0 && smallest) return [{ label: smallest.label, ...original }];
  const scaled = (side: number, edgePixels: number) => Math.max(1, Math.round((side * edgePixels) / edge));
  return fitting.toReversed().map(({ label, edgePixelsMax }) => ({
    label,
    width: scaled(original.width, edgePixelsMax),
    height: scaled(original.height, edgePixelsMax),
  }));
}

/** Opaque pictures become JPEG, the others WebP: the smallest formats that every browser shows (AVIF costs 8 times the time). */
export const outputFormat = (isSeeThrough: boolean): OutputFormat => (isSeeThrough ? 'webp' : 'jpeg');
