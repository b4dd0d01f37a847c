// What the comparison says, for people and for tests.
import type { ActivityReport } from './activity/revenue.ts';

/** One number or thing that is not what the log says. */
export interface Difference {
  /** The store and what of it: `cloud-sql totals`, `firestore`, `gcs`, … */
  readonly where: string;
  /** Which row: window and label, partition and offset, object name, … */
  readonly key: string;
  readonly expected: string;
  readonly actual: string;
}

/** Something that the rules allow to be still on its way. */
export interface Pending {
  readonly where: string;
  readonly key: string;
  readonly why: string;
  /** When it had to be over at the latest, in milliseconds since the epoch; absent where only the time to settle limits it. */
  readonly dueMs?: number;
}

/** What a look at the stores found. */
export interface Findings {
  readonly differences: Difference[];
  readonly pending: Pending[];
}

/** Numbers of one window and label, in one store. */
export interface Totals {
  readonly events: bigint;
  readonly bytes: bigint;
  readonly lateEvents: bigint;
  readonly lateBytes: bigint;
}

/** One window and label across the stores; absent where a store holds nothing. */
export interface Row {
  readonly windowStartMs: number;
  readonly label: string;
  readonly log: Totals | undefined;
  readonly cloudSql: Totals | undefined;
  readonly firestore: Totals | undefined;
  readonly gcs: Totals | undefined;
  readonly resultsTopic: Totals | undefined;
}

/** What became of one partition's offsets. */
export interface PartitionRow {
  readonly part: number;
  readonly nextOffset: number;
  readonly logEnd: number;
  readonly events: number;
  readonly repeats: number;
  readonly deadLetters: number;
}

/** The outcome. */
export interface Report {
  /** Empty means: every store holds exactly what the log says. */
  readonly differences: readonly Difference[];
  /** What was still being delivered at the end; what should have arrived by then is a difference instead. */
  readonly pending: readonly Pending[];
  readonly rows: readonly Row[];
  readonly partitions: readonly PartitionRow[];
  readonly activity: ActivityReport;
}

export const sameTotals = (a: Totals, b: Totals): boolean =>
  a.events === b.events &&
  a.bytes === b.bytes &&
  a.lateEvents === b.lateEvents &&
  a.lateBytes === b.lateBytes;

export const sumTotals = (a: Totals, b: Totals): Totals => ({
  events: a.events + b.events,
  bytes: a.bytes + b.bytes,
  lateEvents: a.lateEvents + b.lateEvents,
  lateBytes: a.lateBytes + b.lateBytes,
});

export const NO_TOTALS: Totals = { events: 0n, bytes: 0n, lateEvents: 0n, lateBytes: 0n };

/** `3 events, 1200 bytes, late 1 / 400`. */
export const describeTotals = (totals: Totals | undefined): string =>
  totals
    ? `${totals.events} events, ${totals.bytes} bytes, late ${totals.lateEvents} / ${totals.lateBytes}`
    : 'nothing';

/** `2026-11-24T08:14:00.000Z thumbnail`: how a window and label is called everywhere here. */
export const windowName = (windowStartMs: number, label: string): string =>
  `${new Date(windowStartMs).toISOString()} ${label}`;
