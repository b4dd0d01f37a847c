// One record of the log read by the letter of the rules, with no code of the worker: CloudEvents Kafka binding 1.0.2 §3.2
// (binary mode), RFC 3339, the event's schema and the size table's data.
import { isUtf8 } from 'node:buffer';
import { IMAGE_PROCESSED, imageProcessed } from '#contracts/images.ts';
import { SIZE_TABLES } from '#contracts/size-labels.ts';
import { ownOf } from '#runtime/own.ts';

/** A record as the stock client hands it out; a repeated header is a list. */
export interface PlainRecord {
  readonly offset: number;
  /** The broker's stamp, in milliseconds. */
  readonly timestampMs: number;
  readonly value: Buffer | null;
  readonly headers: Readonly<
    Record<string, Buffer | string | null | undefined | readonly (Buffer | string | null)[]>
  >;
}

/** What a record says, or why it says nothing. */
export type PlainReading<Data> =
  | {
      readonly ok: true;
      readonly source: string;
      readonly id: string;
      readonly timeMs: number;
      readonly data: Data;
    }
  | { readonly ok: false; readonly reason: string };

/** An image's event, with what it counts for. */
export type Reading =
  | {
      readonly ok: true;
      readonly source: string;
      readonly id: string;
      readonly timeMs: number;
      readonly label: string;
      readonly bytes: bigint;
    }
  | { readonly ok: false; readonly reason: string };

const CLOCK_SKEW_MS_MAX = 300_000;
/** 366 days: older events would fall into windows that were purged. */
const AGE_MS_MAX = 31_622_400_000;

/** Reads a record of `product-images.processed`. */
export function readPlainly(record: PlainRecord): Reading {
  const reading = readPlainEvent(record, IMAGE_PROCESSED.type, (json) => imageProcessed.safeParse(json).data);
  if (!reading.ok) return reading;
  const { source, id, timeMs, data } = reading;
  const { width, height, bytes } = data.rendition;
  const label = labelOf(data.sizeTable, Math.max(width, height));
  return { ok: true, source, id, timeMs, label, bytes: BigInt(bytes) };
}

/**
 * Reads a record as an event of this type; `parse` answers undefined for data that the type forbids. The first fault counts,
 * in this order: no value, type, envelope, UTF-8, JSON, data, future, age.
 */
export function readPlainEvent<Data>(
  record: PlainRecord,
  ownType: string,
  parse: (json: unknown) => Data | undefined,
): PlainReading<Data> {
  if (record.value === null) return { ok: false, reason: 'null-value' };
  const type = header(record, 'ce_type');
  if (type !== ownType) {
    const isOtherVersion = type !== '' && family(type) === family(ownType);
    return { ok: false, reason: isOtherVersion ? 'unknown-version' : 'unknown-type' };
  }
  const id = header(record, 'ce_id');
  const source = header(record, 'ce_source');
  const timeMs = rfc3339Ms(header(record, 'ce_time'));
  if (header(record, 'ce_specversion') !== '1.0' || id === '' || source === '' || timeMs === undefined)
    return { ok: false, reason: 'bad-envelope' };
  if (!isUtf8(record.value)) return { ok: false, reason: 'bad-utf8' };
  const json = parseJson(record.value.toString('utf8'));
  if (json === undefined) return { ok: false, reason: 'bad-json' };
  const data = parse(json.value);
  if (data === undefined) return { ok: false, reason: 'bad-data' };
  if (timeMs - record.timestampMs > CLOCK_SKEW_MS_MAX) return { ok: false, reason: 'future-time' };
  if (record.timestampMs - timeMs > AGE_MS_MAX) return { ok: false, reason: 'too-old' };
  return { ok: true, source, id, timeMs, data };
}

/** Empty where the header is missing; the last one where it is repeated. */
function header({ headers }: PlainRecord, name: string): string {
  const found = ownOf(headers, name);
  const value = Array.isArray(found) ? found.at(-1) : found;
  return value === null || value === undefined ? '' : value.toString('utf8');
}

const family = (type: string): string => {
  const at = type.lastIndexOf('.v');
  return at >= 0 && /^\d+$/.test(type.slice(at + 2)) ? type.slice(0, at) : type;
};

/** RFC 8259 §8.1 lets a parser ignore a byte order mark; we do. */
function parseJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text.startsWith('\u{FEFF}') ? text.slice(1) : text) as unknown };
  } catch {
    return undefined;
  }
}

function labelOf(version: number, edgePixels: number): string {
  const table = SIZE_TABLES[version]!;
  const fitting = table.rules.filter(({ edgePixelsMax }) => edgePixels <= edgePixelsMax);
  const smallest = fitting.toSorted((a, b) => a.edgePixelsMax - b.edgePixelsMax)[0];
  return smallest?.label ?? table.beyond;
}

const FORM =
  /^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)t(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)(\.(?<fraction>\d+))?(z|(?<sign>[+-])(?<zoneHour>\d\d):(?<zoneMinute>\d\d))$/i;

/**
 * Milliseconds since the epoch; parts of a millisecond are cut off. Undefined for what RFC 3339 §5.7 forbids. A leap second may
 * end any June or December of UTC; milliseconds since the epoch cannot say it, so it is the last one of its minute.
 */
export function rfc3339Ms(text: string): number | undefined {
  const parts = FORM.exec(text)?.groups;
  if (!parts) return undefined;
  const number = (name: string): number => Number(parts[name] ?? 0);
  const [year, month, day] = [number('year'), number('month'), number('day')];
  const [hour, minute, second] = [number('hour'), number('minute'), number('second')];
  const date = new Date(0);
  // Unlike Date.UTC it takes the years 0 to 99 for what they are; a day that the month lacks shows in the answer.
  date.setUTCFullYear(year, month - 1, day);
  const isRealDate = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  if (!isRealDate || hour > 23 || minute > 59 || second > 60) return undefined;
  if (number('zoneHour') > 23 || number('zoneMinute') > 59) return undefined;
  const zoneMs = (number('zoneHour') * 60 + number('zoneMinute')) * 60_000 * (parts.sign === '-' ? -1 : 1);
  const isLeap = second === 60;
  const thousandths = isLeap ? 999 : Number((parts.fraction ?? '').slice(0, 3).padEnd(3, '0'));
  const seconds = (hour * 60 + minute) * 60 + (isLeap ? 59 : second);
  const ms = date.getTime() + seconds * 1_000 + thousandths - zoneMs;
  return isLeap && !/-(06-30|12-31)T23:59:59\.999Z$/.test(new Date(ms).toISOString()) ? undefined : ms;
}
