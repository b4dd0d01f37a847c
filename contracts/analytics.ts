// What analytics publishes: totals per (window, size_label), the same numbers in every store. Owner: analytics.
import { z } from 'zod';
import type { EventContract } from './envelope.ts';

/** A whole number that may pass 2^53, as decimal digits. */
const decimal = z.string().regex(/^\d{1,38}$/);

/**
 * One revision of one window's totals: the data of `analytics.results`, one NDJSON line in GCS, one Firestore document
 * (which holds the highest revision only).
 */
export const windowTotal = z.object({
  /** Start of the one-minute window in event time, RFC 3339 UTC: `2026-11-24T08:14:00.000Z`. */
  windowStart: z.iso.datetime(),
  windowEnd: z.iso.datetime(),
  sizeLabel: z.string().min(1),
  /** 1 for the first publication; each later change of the window adds 1. The highest revision is the truth. */
  revision: z.int().positive(),
  events: z.int().nonnegative(),
  bytes: decimal,
  /** How much of the above came after its window had closed. */
  lateEvents: z.int().nonnegative(),
  lateBytes: decimal,
});
export type WindowTotal = z.infer<typeof windowTotal>;

export const WINDOW_TOTAL: EventContract<WindowTotal> = {
  type: 'shop.analytics.results.v1',
  schema: windowTotal,
};

/** Firestore collection; its documents are `WindowTotal` plus `kind: 'image-bytes'`. */
export const ANALYTICS_EVENTS_COLLECTION = 'analytics_events';

/** Document id and event key of a window: begins with the label, so that ids are not monotonic (no hot range). */
export const windowKey = (total: Pick<WindowTotal, 'windowStart' | 'sizeLabel'>): string =>
  `${total.sizeLabel}_${total.windowStart}`;

/** Event id of one revision, the same on every delivery. */
export const revisionId = (total: Pick<WindowTotal, 'windowStart' | 'sizeLabel' | 'revision'>): string =>
  `${windowKey(total)}_r${total.revision}`;

/** GCS object of one revision: `image-bytes/dt=2026-11-24/hour=08/<window>_<label>_r0001.ndjson`. */
export function resultObjectName(total: Pick<WindowTotal, 'windowStart' | 'sizeLabel' | 'revision'>): string {
  const [date = '', time = ''] = total.windowStart.split('T');
  const stamp = total.windowStart.replaceAll(':', '-');
  const revision = String(total.revision).padStart(4, '0');
  return `image-bytes/dt=${date}/hour=${time.slice(0, 2)}/${stamp}_${total.sizeLabel}_r${revision}.ndjson`;
}
