// The expected totals of a log: records of each partition in offset order in, sums out. The rules of the count in
// their plainest form. Memory: the totals, the id horizon and the dead letters; never the records.
import { createHash } from 'node:crypto';
import { IdHorizon } from './id-horizon.ts';
import { type PlainRecord, readPlainly } from './plain-event.ts';
import { NO_TOTALS, type Totals } from './report.ts';

const WINDOW_MS = 60_000;

export interface OracleRules {
  readonly outOfOrderBoundMs: number;
  readonly latenessMs: number;
  /** How many accepted ids a partition remembers. */
  readonly seenIdsMax: number;
}

/** What one partition adds to one window and label. */
export interface PartitionTotals extends Totals {
  readonly windowStartMs: number;
  readonly label: string;
  /** The broker's stamp on the last record that was added: from then on the window may be waited for. */
  readonly lastArrivalMs: number;
}

/** A record that must have become a dead letter. */
export interface ExpectedLetter {
  readonly reason: string;
  /** SHA-256 of the value, hexadecimal; empty for a value of null. */
  readonly digest: string;
}

/** SHA-256 of a record's value, hexadecimal; empty for null, as Postgres and the log are compared by it. */
export const digestOf = (value: Uint8Array | null): string =>
  value === null ? '' : createHash('sha256').update(value).digest('hex');

/** What every plain count of one partition reports. */
export interface PlainCount {
  readonly events: number;
  readonly repeats: number;
  /** The greatest event time of everything that was no dead letter. */
  readonly maxTimeMs: number | undefined;
  readonly letters: ReadonlyMap<number, ExpectedLetter>;
  add(record: PlainRecord): void;
}

/** The plain count of one partition. */
export class PartitionCount implements PlainCount {
  events = 0;
  repeats = 0;
  maxTimeMs: number | undefined;
  readonly totals = new Map<string, PartitionTotals>();
  readonly letters = new Map<number, ExpectedLetter>();
  private readonly rules: OracleRules;
  private readonly ids: IdHorizon;

  constructor(rules: OracleRules) {
    this.rules = rules;
    this.ids = new IdHorizon(rules.seenIdsMax);
  }

  add(record: PlainRecord): void {
    const reading = readPlainly(record);
    if (!reading.ok) {
      this.letters.set(record.offset, { reason: reading.reason, digest: digestOf(record.value) });
      return;
    }
    const maxBeforeMs = this.maxTimeMs;
    this.maxTimeMs = maxBeforeMs === undefined ? reading.timeMs : Math.max(maxBeforeMs, reading.timeMs);
    if (this.ids.isRepeat(reading.source, reading.id)) {
      this.repeats += 1;
      return;
    }
    this.events += 1;
    const windowStartMs = Math.floor(reading.timeMs / WINDOW_MS) * WINDOW_MS;
    const { outOfOrderBoundMs, latenessMs } = this.rules;
    const isLate =
      maxBeforeMs !== undefined && windowStartMs + WINDOW_MS + latenessMs <= maxBeforeMs - outOfOrderBoundMs;
    this.sum(windowStartMs, reading.label, reading.bytes, isLate, record.timestampMs);
  }

  private sum(windowStartMs: number, label: string, bytes: bigint, isLate: boolean, arrivalMs: number): void {
    const key = `${windowStartMs} ${label}`;
    const before = this.totals.get(key) ?? { ...NO_TOTALS, lastArrivalMs: 0 };
    this.totals.set(key, {
      windowStartMs,
      label,
      events: before.events + 1n,
      bytes: before.bytes + bytes,
      lateEvents: before.lateEvents + (isLate ? 1n : 0n),
      lateBytes: before.lateBytes + (isLate ? bytes : 0n),
      lastArrivalMs: Math.max(before.lastArrivalMs, arrivalMs),
    });
  }
}
