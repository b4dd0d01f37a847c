// What may be uploaded, decided before a byte is sent, and which photo a product shows. Pure. The Lambda looks at the content itself
// and may still refuse it.
import type { Event } from '#contracts/envelope.ts';
import {
  type ImageProcessed,
  type ImageRejected,
  type RejectionReason,
  renditionPrefix,
  UPLOAD_BYTES_MAX,
  UPLOAD_CONTENT_TYPES,
  UPLOAD_KEY,
  UPLOAD_PREFIX,
} from '#contracts/images.ts';
import type { PageOf } from '../domain.ts';

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

/** How long a signed upload may begin. */
export const UPLOAD_EXPIRY_S = 300;

export interface PhotoUploads {
  /** A URL that takes exactly this many bytes of this type, for five minutes. */
  sign(key: string, contentType: string, bytes: number): Promise<string>;
}

/** An original photo, and when it was uploaded. */
export interface Upload {
  readonly uploadedAtMs: number;
  readonly key: string;
  /** Of the object under the key. */
  readonly version: string;
}

/** Tells an upload from the one that is shown. Two of one millisecond are told apart by their names: the same way every time. */
export function compareUploads(candidate: Upload, shown: Upload): 'newer' | 'same' | 'older' {
  const differences = [
    candidate.uploadedAtMs - shown.uploadedAtMs,
    compareText(candidate.key, shown.key),
    compareText(candidate.version, shown.version),
  ];
  const first = differences.find((difference) => difference !== 0) ?? 0;
  return first === 0 ? 'same' : first > 0 ? 'newer' : 'older';
}

/** How far the clocks of two machines may be apart. */
const CLOCK_SKEW_MS_MAX = 5 * 60_000;
/** Of a stored rendition, behind its upload's prefix: `<version>/<label>.<extension>`. */
const RENDITION_NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]*\/[a-z0-9-]+\.[a-z]+$/;

/**
 * Why an event cannot tell of a photo of its product; undefined when it can. This service hands out the keys of uploads, each for one
 * product; and an upload of a time to come would never be replaced by a later one.
 */
export function photoFault(
  { productId, source, rendition }: ImageProcessed,
  uploadedAtMs: number,
  nowMs: number,
): 'photo-of-the-future' | 'photo-of-another-upload' | undefined {
  if (isOfTheFuture(uploadedAtMs, nowMs)) return 'photo-of-the-future';
  const [, ofProduct, uploadId] = UPLOAD_KEY.exec(source.key) ?? [];
  if (ofProduct !== productId || !uploadId) return 'photo-of-another-upload';
  const prefix = renditionPrefix({ productId, uploadId });
  const isUnderIt =
    rendition.key.startsWith(prefix) && RENDITION_NAME.test(rendition.key.slice(prefix.length));
  return isUnderIt ? undefined : 'photo-of-another-upload';
}

/** Why an event cannot tell of a rejection: one of a time to come would never give way to what is true of the upload. */
export const rejectionFault = (uploadedAtMs: number, nowMs: number): 'photo-of-the-future' | undefined =>
  isOfTheFuture(uploadedAtMs, nowMs) ? 'photo-of-the-future' : undefined;

const isOfTheFuture = (uploadedAtMs: number, nowMs: number): boolean =>
  uploadedAtMs > nowMs + CLOCK_SKEW_MS_MAX;

const compareText = (one: string, other: string): number => (one === other ? 0 : one < other ? -1 : 1);

/** The renditions that a product shows: those of its latest upload, in whatever order the events come. */
export interface Gallery {
  /** @throws RefusedEvent with the fault of the photo */
  attach(event: Event<ImageProcessed>): Promise<void>;
}

/** A signed upload, as whoever sends it has described the file. */
export interface SignedUpload extends UploadRequest {
  readonly uploadId: string;
  readonly productId: string;
  readonly key: string;
}

/** `replaced`: a later photo of the product is shown. */
export type UploadState = 'waiting' | 'shown' | 'replaced' | 'rejected';

/** An upload and what has become of it. */
export interface UploadRecord extends UploadRequest {
  readonly uploadId: string;
  /** Grows with every upload. */
  readonly position: number;
  readonly askedAt: Date;
  readonly state: UploadState;
  /** Why it was rejected, and the same for people. */
  readonly rejection?: { readonly reason: RejectionReason; readonly detail: string };
}

/** What a store knows of an upload: the latest event about it, and whether its renditions are those of the product. */
export interface UploadTrace {
  readonly outcome: 'rendered' | 'rejected' | undefined;
  readonly isShown: boolean;
}

/** A rejection of the same key that came after its renditions is the latest word on it. */
export function uploadStateOf({ outcome, isShown }: UploadTrace): UploadState {
  if (outcome === 'rejected') return 'rejected';
  if (isShown) return 'shown';
  return outcome === 'rendered' ? 'replaced' : 'waiting';
}

/** Remembers signed uploads, for those who wait to see what becomes of them. */
export interface UploadLog {
  record(upload: SignedUpload): Promise<void>;
  /** Of a product, the latest first. */
  list(productId: string, page: PageOf<{ readonly position: number }>): Promise<UploadRecord[]>;
  /**
   * May come again and in any order; uploads that this service has not signed are not its own.
   * @throws RefusedEvent for one of a time to come
   */
  rejected(event: Event<ImageRejected>): Promise<void>;
}
