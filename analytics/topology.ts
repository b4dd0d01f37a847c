// Records in; events with label and window, or the reason for refusing them, out. Pure: the log alone decides, never the
// clock, so that a replay gives the same totals.
import { type DecodeFault, decodeEvent, type RawRecord } from '#contracts/envelope.ts';
import { IMAGE_PROCESSED } from '#contracts/images.ts';
import { sizeLabelOf, sizeTable } from '#contracts/size-labels.ts';

/** Length of the tumbling windows, in event time. */
export const WINDOW_MS = 60_000;
/** An event may claim to be this much younger than the broker's stamp on its record; more is a wrong clock. */
export const CLOCK_SKEW_MS_MAX = 5 * 60_000;

/**
 * An event may be this much older than the broker's stamp on its record. Windows are kept for longer (RETENTION_DAYS), so
 * that none begins again after it was purged.
 */
export const EVENT_AGE_MS_MAX = 366 * 86_400_000;

/** How long a window waits for late events. */
export interface Patience {
  /** How far event times of one partition may run backwards without being late. */
  readonly outOfOrderBoundMs: number;
  /** How long after its end a window stays open. */
  readonly latenessMs: number;
}

/** One rendition's bytes, ready to be added. */
export interface ImageBytes {
  readonly source: string;
  readonly id: string;
  readonly timeMs: number;
  readonly label: string;
  readonly bytes: number;
}

export type DeadLetterReason = DecodeFault | 'future-time' | 'too-old' | 'batch-unreadable';

/** Why a record cannot be counted. */
export interface Refused {
  readonly ok: false;
  readonly reason: DeadLetterReason;
  /** For people; holds no values of the record. */
  readonly detail: string;
}

/** What a record says, or why it cannot be counted. */
export type Reading<Event> = { readonly ok: true; readonly event: Event } | Refused;

/** A record with the broker's stamp. */
export type StampedRecord = RawRecord & { readonly timestampMs: number };

/** Reads one record of `product-images.processed` and gives it its size_label. */
export function readImageBytes(record: StampedRecord): Reading<ImageBytes> {
  const decoded = decodeEvent(IMAGE_PROCESSED, record);
  if (!decoded.ok) return { ok: false, reason: decoded.fault, detail: decoded.detail };
  const { id, source, timeMs, data } = decoded.event;
  const wrong = clockFault(timeMs, record.timestampMs);
  if (wrong) return wrong;
  const { width, height, bytes } = data.rendition;
  // The schema admits published versions only.
  const label = sizeLabelOf(sizeTable(data.sizeTable)!, width, height);
  return { ok: true, event: { source, id, timeMs, label, bytes } };
}

/** An event time that the broker's stamp on its record contradicts: in the future, or too long ago to be counted. */
export function clockFault(timeMs: number, stampMs: number): Refused | undefined {
  if (timeMs > stampMs + CLOCK_SKEW_MS_MAX) {
    const detail = `ce_time is ${timeMs - stampMs} ms after the broker's stamp`;
    return { ok: false, reason: 'future-time', detail };
  }
  if (timeMs < stampMs - EVENT_AGE_MS_MAX) {
    const detail = `ce_time is ${stampMs - timeMs} ms before the broker's stamp`;
    return { ok: false, reason: 'too-old', detail };
  }
  return undefined;
}

/** Start of the window that an event time falls into. */
export const windowStartOf = (timeMs: number): number => Math.floor(timeMs / WINDOW_MS) * WINDOW_MS;

/**
 * Whether an event of this window is late, given the greatest event time among the earlier offsets of its partition
 * (undefined for none). Late is a label on the count, never a reason not to count.
 */
export function isLate(windowStartMs: number, maxEarlierMs: number | undefined, patience: Patience): boolean {
  if (maxEarlierMs === undefined) return false;
  return windowStartMs + WINDOW_MS + patience.latenessMs <= maxEarlierMs - patience.outOfOrderBoundMs;
}
