// What the console answers. The storefront decodes it by schemas of its own (services/storefront/bff/console.ts); platform-api.int.spec.ts
// holds them together.

/** What is counted of one window and label. Sums are decimal strings: they may pass 2^53. */
export interface LabelTotal {
  readonly windowStart: string;
  readonly sizeLabel: string;
  readonly events: number;
  readonly bytes: string;
  readonly lateEvents: number;
  readonly lateBytes: string;
  /** Of what was published last: 1 when the window has closed, more when late events have changed it, 0 before. */
  readonly revision: number;
  /** When that was published. */
  readonly publishedAt?: string;
  /** Whether what is published is what is counted: if not, a revision is to come. */
  readonly isPublished: boolean;
}

/** What the page shows of the last `minutes` windows. */
export interface Totals {
  readonly minutes: number;
  /** The database's clock: the end of the range. */
  readonly asOf: string;
  /** Every label there can be, from the smallest size to the largest. */
  readonly labels: readonly string[];
  readonly windows: readonly LabelTotal[];
  /** Of the range, except dead letters and lag, which are of now. */
  readonly sums: {
    readonly events: number;
    readonly bytes: string;
    readonly lateEvents: number;
    /** Accepted photos: each has exactly one rendition of the smallest label. */
    readonly photos: number;
    readonly deadLetters: number;
    /** Records that the worker has yet to count. */
    readonly lag: number;
  };
}

/** One rendition as the page shows it. */
export interface Rendition {
  readonly label: string;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
  readonly url: string;
}

/** Where and how one file may be uploaded. */
export interface SignedUpload {
  readonly productId: string;
  readonly uploadId: string;
  readonly method: 'PUT';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What has become of an upload. */
export type UploadState =
  | { readonly state: 'waiting' | 'rendered'; readonly renditions: readonly Rendition[] }
  | {
      readonly state: 'rejected';
      readonly rejection: { readonly reason: string; readonly detail: string };
      readonly renditions: readonly [];
    };
