// What may be uploaded, decided before a byte is sent, and which photo a product shows. Pure. The Lambda looks at the content itself
// and may still refuse it.
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
import type { CommandHandler } from '#runtime/decisions.ts';
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

/** Whether an upload is newer than the one that is shown. Of two in one millisecond the names decide: the same way every time. */
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
 * Why an event cannot be about a photo of its product; undefined when it can. This service hands out the keys of uploads, each for one
 * product; and an upload dated in the future would never be replaced by a later one.
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

/** Why an event of a rejection is impossible: one with a future time would never be replaced by the true result of the upload. */
export const rejectionFault = (uploadedAtMs: number, nowMs: number): 'photo-of-the-future' | undefined =>
  isOfTheFuture(uploadedAtMs, nowMs) ? 'photo-of-the-future' : undefined;

const isOfTheFuture = (uploadedAtMs: number, nowMs: number): boolean =>
  uploadedAtMs > nowMs + CLOCK_SKEW_MS_MAX;

const compareText = (one: string, other: string): number => (one === other ? 0 : one < other ? -1 : 1);

/** A rendition that was made, when its photo was uploaded, and our clock. */
export interface Command {
  readonly made: ImageProcessed;
  readonly uploadedAtMs: number;
  readonly nowMs: number;
}

export type PhotoEvent =
  | { readonly kind: 'upload-shown'; readonly upload: Upload }
  | { readonly kind: 'upload-rendered'; readonly upload: Upload }
  | { readonly kind: 'rendition-added'; readonly made: ImageProcessed };

export type Decision =
  | { readonly kind: 'happened'; readonly events: readonly PhotoEvent[] }
  | { readonly kind: 'ignored'; readonly why: 'repeated' }
  | { readonly kind: 'impossible'; readonly why: NonNullable<ReturnType<typeof photoFault>> };

/** What follows from a rendition: the latest upload is shown, in whatever order the events come. @param shown undefined without a photo */
export function decide({ made, uploadedAtMs, nowMs }: Command, shown: Upload | undefined): Decision {
  const fault = photoFault(made, uploadedAtMs, nowMs);
  if (fault) return { kind: 'impossible', why: fault };
  const upload: Upload = { uploadedAtMs, key: made.source.key, version: made.source.version };
  const age = shown ? compareUploads(upload, shown) : 'newer';
  const rendered: PhotoEvent = { kind: 'upload-rendered', upload };
  if (age === 'older') return { kind: 'happened', events: [rendered] };
  const added: PhotoEvent = { kind: 'rendition-added', made };
  return {
    kind: 'happened',
    events: age === 'newer' ? [{ kind: 'upload-shown', upload }, rendered, added] : [rendered, added],
  };
}

/** The upload that is shown after an event. */
export const evolve = (shown: Upload | undefined, event: PhotoEvent): Upload | undefined =>
  event.kind === 'upload-shown' ? event.upload : shown;

/** The renditions that products show, by the products' ids. */
export type Gallery = Pick<CommandHandler<Upload | undefined, Command, Decision>, 'handle'>;
/** A signed upload, with the file as its sender described it. */
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
  /** May come again and in any order; uploads that this service has not signed are not its own. */
  rejected(event: { readonly data: ImageRejected; readonly timeMs: number }): Promise<void>;
}
