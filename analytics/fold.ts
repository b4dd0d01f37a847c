// One batch folded onto a partition's position: what is to be committed together. No input or output; the position given
// is left as it was, so that a failed commit can simply be forgotten (the remembered ids are then loaded anew).
import type { LogRecord } from '#runtime/kafka-records.ts';
import { hashId, type IdHash, PackedIds, type SeenIds } from './seen-ids.ts';
import { type DeadLetterReason, isLate, type Patience, readImageBytes, windowStartOf } from './topology.ts';
import { type WindowDelta, WindowTotals } from './windows.ts';

/** Where a partition stands: everything that the next record's fate depends on. */
export interface Position {
  readonly nextOffset: number;
  /** Greatest event time among the offsets below. */
  readonly maxTimeMs: number | undefined;
  readonly seen: SeenIds;
}

/** A record that cannot be counted, kept whole. */
export interface DeadLetter {
  readonly offset: number;
  readonly reason: DeadLetterReason;
  readonly detail: string;
  readonly key: Buffer | null;
  readonly raw: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** The outcome of a batch, to be committed whole or not at all. */
export interface FoldedBatch {
  readonly fromOffset: number;
  readonly nextOffset: number;
  readonly maxTimeMs: number | undefined;
  readonly deltas: readonly WindowDelta[];
  readonly deadLetters: readonly DeadLetter[];
  readonly ids: PackedIds;
  /** events + deadLetters + repeats + absent = nextOffset - fromOffset. */
  readonly events: number;
  readonly repeats: number;
  /** Offsets without a record: markers, aborted transactions, compaction. */
  readonly absent: number;
}

/** The part of a fetched batch that folding needs. */
export interface RecordSource {
  readonly nextOffset: number;
  forEachRecord(visit: (record: LogRecord) => void): void;
}

/** Folds the records at and above the position; what lies below was counted before and is dropped. */
export function foldBatch(position: Position, batch: RecordSource, patience: Patience): FoldedBatch {
  const fold = new Fold(position, patience);
  batch.forEachRecord((record) => fold.add(record));
  return fold.result(batch.nextOffset);
}

class Fold {
  private readonly position: Position;
  private readonly patience: Patience;
  private readonly totals = new WindowTotals();
  private readonly ids = new PackedIds();
  private readonly deadLetters: DeadLetter[] = [];
  private readonly hash: IdHash = { high: 0, low: 0 };
  private maxTimeMs: number | undefined;
  private events = 0;
  private repeats = 0;

  constructor(position: Position, patience: Patience) {
    this.position = position;
    this.patience = patience;
    this.maxTimeMs = position.maxTimeMs;
  }

  add(record: LogRecord): void {
    if (record.offset < this.position.nextOffset) return;
    const reading = readImageBytes(record);
    if (!reading.ok) {
      this.deadLetters.push(deadLetterOf(record, reading));
      return;
    }
    const { source, id, timeMs, label, bytes } = reading.event;
    const windowStartMs = windowStartOf(timeMs);
    const late = isLate(windowStartMs, this.maxTimeMs, this.patience);
    if (this.maxTimeMs === undefined || timeMs > this.maxTimeMs) this.maxTimeMs = timeMs;
    hashId(source, id, this.hash);
    if (!this.position.seen.add(this.hash.high, this.hash.low)) {
      this.repeats += 1;
      return;
    }
    this.ids.push(this.hash.high, this.hash.low);
    this.totals.add(windowStartMs, label, bytes, late);
    this.events += 1;
  }

  result(nextOffset: number): FoldedBatch {
    const fromOffset = this.position.nextOffset;
    const read = this.events + this.repeats + this.deadLetters.length;
    return {
      fromOffset,
      nextOffset,
      maxTimeMs: this.maxTimeMs,
      deltas: this.totals.deltas(),
      deadLetters: this.deadLetters,
      ids: this.ids,
      events: this.events,
      repeats: this.repeats,
      absent: nextOffset - fromOffset - read,
    };
  }
}

/** Copies the bytes: they outlive the fetch they came with. */
function deadLetterOf(
  record: LogRecord,
  { reason, detail }: { reason: DeadLetterReason; detail: string },
): DeadLetter {
  return {
    offset: record.offset,
    reason,
    detail: withoutNul(detail),
    key: record.key && Buffer.from(record.key),
    raw: record.value && Buffer.from(record.value),
    headers: Object.fromEntries(
      Object.entries(record.headers).map(([name, value]) => [withoutNul(name), withoutNul(value)]),
    ),
  };
}

/** Postgres text holds no U+0000; a hostile header must not make the commit fail for ever. The raw value keeps its bytes. */
const withoutNul = (text: string): string => text.replaceAll('\u0000', '\ufffd');
