// Every call to the console, which reads the platform's stores and processes for us. Answers are decoded.
import { z } from 'zod';
import { AppError, messageOf } from '#runtime/errors.ts';
import type { StorefrontConfig } from '../config.ts';
import { faultCalls } from './console-faults.ts';
import { orderCalls } from './console-orders.ts';
import { readEvents } from './event-frames.ts';
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
    /** Ends with the signal. @throws AppError `service-away` */
    totalsNews: (minutes: number, signal: AbortSignal) =>
      totalsNews(`${api}/live?minutes=${minutes}`, visit, signal),
  };
}
export type Console = ReturnType<typeof createConsole>;

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
