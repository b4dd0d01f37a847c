// What the console answers. The storefront decodes it by its own schemas (services/storefront/bff/console.ts); platform-api.int.spec.ts
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

/** One record about an order in a topic. */
export interface OrderEvent {
  readonly topic: string;
  /** The process that publishes to the topic. */
  readonly service: string;
  readonly at: string;
  /** `partition/offset` in the topic. */
  readonly place: string;
  readonly eventId: string;
  readonly traceId?: string | undefined;
  /** Why, where an event says so. */
  readonly reason?: string | undefined;
}

/** One of the newest orders. */
export interface OrderSeen {
  readonly orderId: string;
  readonly placedAt: string;
  readonly last: OrderEvent;
  readonly events: number;
}

export interface OrdersSeen {
  readonly orders: readonly OrderSeen[];
  /** False while the topics are still being read from before. */
  readonly isComplete: boolean;
}

/** A piece of work for an order, below what caused it. */
export interface JourneySpan {
  readonly name: string;
  readonly service: string;
  /** The topic that it sends to or takes from. */
  readonly topic?: string | undefined;
  readonly depth: number;
  /** From the beginning of the journey. */
  readonly startMs: number;
  readonly lastedMs: number;
  readonly isFailed: boolean;
  readonly isStatement: boolean;
  /** Statements directly below it that are not shown. */
  readonly statements: number;
}

export interface OrderJourney {
  readonly orderId: string;
  readonly startedAt: string;
  readonly lastedMs: number;
  /** In the order in which they happened. */
  readonly events: readonly OrderEvent[];
  readonly spans: readonly JourneySpan[];
  readonly traceIds: readonly string[];
  /** `off`: spans are not collected here. `forgotten`: the collector has none of the traces, not yet or no longer. */
  readonly traces: 'shown' | 'off' | 'away' | 'forgotten';
}
