// A published total as a store holds it, read by hand: names and types of contracts/analytics.ts, written a second time.
import type { Totals } from './report.ts';

/** A readable total, and the name under which the store holds it. */
export interface Published extends Totals {
  readonly name: string;
  readonly windowStartMs: number;
  readonly label: string;
  readonly revision: number;
}

/** What a store holds under a name: a total, or why it is none. */
export type PublishedText =
  | { readonly name: string; readonly total: Published; readonly fault?: undefined }
  | { readonly name: string; readonly total?: undefined; readonly fault: string };

const WINDOW_MS = 60_000;
const INSTANT = /^(-\d{6}|\d{4})-\d\d-\d\dT\d\d:\d\d:00\.000Z$/;

/** Reads the fields of a document or of a line. Whole numbers may come as numbers, bigints or, for bytes, digits. */
export function readPublished(name: string, fields: unknown): PublishedText {
  if (typeof fields !== 'object' || fields === null) return { name, fault: 'not an object' };
  const { windowStart, windowEnd, sizeLabel, revision, events, bytes, lateEvents, lateBytes } =
    fields as Record<string, unknown>;
  const windowStartMs = instant(windowStart);
  if (windowStartMs === undefined) return { name, fault: 'windowStart is no full minute' };
  if (instant(windowEnd) !== windowStartMs + WINDOW_MS)
    return { name, fault: 'windowEnd is not a minute after windowStart' };
  if (typeof sizeLabel !== 'string' || sizeLabel === '') return { name, fault: 'no sizeLabel' };
  const numbers = [revision, events, bytes, lateEvents, lateBytes].map(whole);
  const [of, total, size, late, lateSize] = numbers;
  if (
    of === undefined ||
    total === undefined ||
    size === undefined ||
    late === undefined ||
    lateSize === undefined
  )
    return { name, fault: 'revision, events, bytes, lateEvents or lateBytes is no whole number' };
  const totals = { events: total, bytes: size, lateEvents: late, lateBytes: lateSize };
  return { name, total: { name, windowStartMs, label: sizeLabel, revision: Number(of), ...totals } };
}

/** Reads one line of JSON that ends the text. */
export function readLine(name: string, text: string): PublishedText {
  const lines = text.split('\n');
  if (lines.length !== 2 || lines[1] !== '') return { name, fault: 'not one line of NDJSON' };
  return readJson(name, lines[0]!);
}

export function readJson(name: string, text: string): PublishedText {
  try {
    return readPublished(name, JSON.parse(text));
  } catch {
    return { name, fault: 'not JSON' };
  }
}

function instant(value: unknown): number | undefined {
  if (typeof value !== 'string' || !INSTANT.test(value)) return undefined;
  const ms = Date.parse(value);
  return Number.isNaN(ms) || new Date(ms).toISOString() !== value ? undefined : ms;
}

function whole(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value >= 0n ? value : undefined;
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? BigInt(value) : undefined;
  return typeof value === 'string' && /^\d+$/.test(value) ? BigInt(value) : undefined;
}
