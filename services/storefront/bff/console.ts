// Every call to the console, which reads the platform's stores and processes for us. Answers are decoded.
import { z } from 'zod';
import { AppError, messageOf } from '#runtime/errors.ts';
import type { StorefrontConfig } from '../config.ts';
import { faultCalls } from './console-faults.ts';
import { orderCalls } from './console-orders.ts';
import { readEvents } from './event-frames.ts';
import {
  deadLettersAnswer,
  processesAnswer,
  type ReconciliationName,
  reconciliationsAnswer,
  replayAnswer,
  runAnswer,
} from './platform-answers.ts';
import { ask, SERVICE_AWAY, type Visit } from './services.ts';

/** A whole number that may pass 2^53, as decimal digits. */
const digits = z.string().regex(/^\d{1,60}$/);
const count = z.int().nonnegative();

const totalsAnswer = z.object({
  minutes: z.int().positive(),
  /** The database's clock: the end of the range. */
  asOf: z.iso.datetime(),
  /** Every label that there can be, from the smallest size to the largest. */
  labels: z.array(z.string()),
  windows: z.array(
    z.object({
      windowStart: z.iso.datetime(),
      sizeLabel: z.string(),
      events: count,
      bytes: digits,
      lateEvents: count,
      lateBytes: digits,
      /** Of what was published last; 0 while the window is open. */
      revision: count,
      publishedAt: z.iso.datetime().optional(),
      /** What is published is what is counted. */
      isPublished: z.boolean(),
    }),
  ),
  sums: z.object({
    events: count,
    bytes: digits,
    lateEvents: count,
    photos: count,
    deadLetters: count,
    lag: count,
  }),
});
export type Totals = z.infer<typeof totalsAnswer>;
/** What is counted of one minute and size label. */
export type LabelTotal = Totals['windows'][number];

/** What the stream of totals brings: `still` says that nothing has changed, `away` that the database does not answer. */
export type TotalsNews = 'still' | 'away' | Totals;

const storesAnswer = z.object({
  stores: z.array(z.object({ name: z.string().regex(/^[a-z-]{1,40}$/), title: z.string() })),
});
/** What can be looked into. */
export type StoreName = z.infer<typeof storesAnswer>['stores'][number];

const storeAnswer = z.object({
  /** A sentence about what is shown. */
  about: z.string(),
  /** Kinds of content that can be chosen, and which this is; a store with one kind has none. */
  views: z.array(z.string()),
  view: z.string().optional(),
  columns: z.array(z.object({ name: z.string(), isNumber: z.boolean().optional() })),
  rows: z.array(z.array(z.union([z.string(), z.number(), z.null()]))),
  /** `after` of the next page; missing on the last. */
  next: z.string().optional(),
});
/** One page of what a store holds now. */
export type StoreTable = z.infer<typeof storeAnswer>;

export interface StoreQuery {
  readonly view?: string | undefined;
  readonly after?: string | undefined;
}

const idText = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
const signedUploadAnswer = z.object({
  productId: idText,
  uploadId: idText,
  method: z.literal('PUT'),
  url: z.url(),
  headers: z.record(z.string(), z.string()),
});
/** Where and how a browser may send one file. */
export type SignedUpload = z.infer<typeof signedUploadAnswer>;

const renditionAnswer = z.object({
  label: z.string(),
  width: z.int(),
  height: z.int(),
  bytes: z.int(),
  url: z.url(),
});
export type Rendition = z.infer<typeof renditionAnswer>;

const uploadStateAnswer = z.discriminatedUnion('state', [
  z.object({ state: z.enum(['waiting', 'rendered']), renditions: z.array(renditionAnswer) }),
  z.object({
    state: z.literal('rejected'),
    rejection: z.object({ reason: z.string(), detail: z.string() }),
    renditions: z.array(renditionAnswer),
  }),
]);
/** What has become of an upload. */
export type UploadState = z.infer<typeof uploadStateAnswer>;

/** What the page says of a file. */
export interface UploadRequest {
  readonly fileName: string;
  readonly contentType: string;
  readonly bytes: number;
}

type Settings = Pick<StorefrontConfig, 'CONSOLE_URL' | 'ASK_MS_MAX'>;

/** Every call that platform pages make, for the visitor with this address. */
export function createConsole({ CONSOLE_URL, ASK_MS_MAX }: Settings, from: string) {
  if (!CONSOLE_URL) throw new AppError('no-console', 'CONSOLE_URL is not set');
  const visit: Visit = { from, msMax: ASK_MS_MAX };
  const api = `${CONSOLE_URL}/api`;
  return {
    ...orderCalls(api, visit),
    ...faultCalls(api, visit),
    totals: (minutes: number) => ask(`${api}/totals?minutes=${minutes}`, totalsAnswer, visit),
    stores: async (): Promise<readonly StoreName[]> =>
      (await ask(`${api}/stores`, storesAnswer, visit)).stores,
    /** @throws Refused for a view or an `after` that the store does not know */
    store: (name: string, query: StoreQuery) =>
      ask(`${api}/stores/${encodeURIComponent(name)}${queryText(query)}`, storeAnswer, visit),
    /** @throws Refused for what is no photo, in words */
    signUpload: (body: UploadRequest) =>
      ask(`${api}/uploads`, signedUploadAnswer, visit, { method: 'POST', body }),
    upload: (productId: string, uploadId: string) =>
      ask(
        `${api}/uploads/${encodeURIComponent(productId)}/${encodeURIComponent(uploadId)}`,
        uploadStateAnswer,
        visit,
      ),
    processes: () => ask(`${api}/processes`, processesAnswer, visit),
    deadLetters: () => ask(`${api}/dead-letters`, deadLettersAnswer, visit),
    /** Begins it. @throws Refused 409 while another is running, 401 and 403 for a caller who is no admin */
    replay: (accessToken: string, topic: string) =>
      ask(`${api}/dead-letters/replay`, replayAnswer, visit, {
        method: 'POST',
        body: { topic },
        accessToken,
      }),
    reconciliations: () => ask(`${api}/reconciliations`, reconciliationsAnswer, visit),
    /** Begins it. @throws Refused as `replay` does */
    reconcile: (accessToken: string, name: ReconciliationName) =>
      ask(`${api}/reconciliations/${name}/runs`, runAnswer, visit, { method: 'POST', body: {}, accessToken }),
    /** Ends with the signal. @throws AppError `service-away` */
    totalsNews: (minutes: number, signal: AbortSignal) =>
      totalsNews(`${api}/live?minutes=${minutes}`, visit, signal),
  };
}
export type Console = ReturnType<typeof createConsole>;

function queryText(query: StoreQuery): string {
  const pairs = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`;
}

async function* totalsNews(url: string, visit: Visit, signal: AbortSignal): AsyncGenerator<TotalsNews> {
  for await (const { name, data } of await openStream(url, visit, signal)) {
    if (name === 'totals') yield decode(totalsAnswer, data);
    else yield name === 'unavailable' ? 'away' : 'still';
  }
}

/** The events of a stream of the console. @throws AppError `service-away` */
export async function openStream(url: string, { from, msMax }: Visit, signal: AbortSignal) {
  const away = (why: string) => new AppError(SERVICE_AWAY, `${new URL(url).origin} ${why}`);
  // The time-out is for the beginning alone: a stream stays open.
  const beginning = new AbortController();
  const timer = setTimeout(() => beginning.abort(), msMax);
  try {
    const response = await fetch(url, {
      headers: { accept: 'text/event-stream', 'x-forwarded-for': from },
      signal: AbortSignal.any([signal, beginning.signal]),
      redirect: 'error',
    });
    if (response.ok && response.body) return readEvents(response.body);
    await response.body?.cancel();
    throw away(`answers ${response.status}`);
  } catch (error) {
    throw error instanceof AppError ? error : away(`does not answer: ${messageOf(error)}`);
  } finally {
    clearTimeout(timer);
  }
}

/** @throws AppError `service-away` for something else than agreed */
export function decode<Answer>(schema: z.ZodType<Answer>, text: string): Answer {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw new AppError(SERVICE_AWAY, 'the console sends something else than agreed');
  }
}
