// One batch folded onto a partition's position: what is to be committed together. No input or output; the position given
// is left as it was, so that a failed commit needs no undoing (the remembered ids are then loaded again).
import type { LogRecord, UnreadableBatch } from '#runtime/kafka/records.ts';
import { hashId, type IdHash, PackedIds, type SeenIds } from './seen-ids.ts';
import type { DeadLetterReason, Reading } from './topology.ts';

/** What every event has, of either counting. */
export interface LogEvent {
  readonly source: string;
  readonly id: string;
  readonly timeMs: number;
}

/** What the records of a topic become; without input, output or a clock of its own. */
export interface Topology<Event extends LogEvent, Rows> {
  read(record: LogRecord): Reading<Event>;
  /** Empty sums for one batch. */
  begin(): Sums<Event, Rows>;
}

/** Collects the events of one batch; each comes once. */
export interface Sums<Event, Rows> {
  /** `maxEarlierMs` is the greatest event time among the earlier offsets of the partition, undefined for none. */
  add(event: Event, maxEarlierMs: number | undefined): void;
  /** What is to be written, in the order of its keys: every transaction then takes its locks in the same order. */
  rows(): Rows;
}

/** The position in a partition: everything that decides what becomes of the next record. */
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
export interface FoldedBatch<Rows = unknown> {
  readonly fromOffset: number;
  readonly nextOffset: number;
  readonly maxTimeMs: number | undefined;
  readonly rows: Rows;
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
  forEachRecord(visit: (record: LogRecord) => void, visitUnreadable: (batch: UnreadableBatch) => void): void;
}

/** Folds the records at and above the position; what is below was counted before and is dropped. */
export function foldBatch<Event extends LogEvent, Rows>(
  position: Position,
  batch: RecordSource,
  topology: Topology<Event, Rows>,
): FoldedBatch<Rows> {
  const fold = new Fold(position, topology);
  batch.forEachRecord(
    (record) => fold.add(record),
    (unreadable) => fold.addUnreadable(unreadable),
  );
  return fold.result(batch.nextOffset);
}

class Fold<Event extends LogEvent, Rows> {
  private readonly position: Position;
  private readonly topology: Topology<Event, Rows>;
  private readonly sums: Sums<Event, Rows>;
  private readonly ids = new PackedIds();
  private readonly deadLetters: DeadLetter[] = [];
  private readonly hash: IdHash = { high: 0, low: 0 };
  private maxTimeMs: number | undefined;
  private events = 0;
  private repeats = 0;

  constructor(position: Position, topology: Topology<Event, Rows>) {
    this.position = position;
    this.topology = topology;
    this.sums = topology.begin();
    this.maxTimeMs = position.maxTimeMs;
  }

  add(record: LogRecord): void {
    if (record.offset < this.position.nextOffset) return;
    const reading = this.topology.read(record);
    if (!reading.ok) {
      this.deadLetters.push(deadLetterOf(record, reading));
      return;
    }
    const { event } = reading;
    const maxEarlierMs = this.maxTimeMs;
    if (maxEarlierMs === undefined || event.timeMs > maxEarlierMs) this.maxTimeMs = event.timeMs;
    hashId(event.source, event.id, this.hash);
    if (!this.position.seen.add(this.hash.high, this.hash.low)) {
      this.repeats += 1;
      return;
    }
    this.ids.push(this.hash.high, this.hash.low);
    this.sums.add(event, maxEarlierMs);
    this.events += 1;
  }

  /** One dead letter for all of its records, whose number is unknown. It gets the first new offset. */
  addUnreadable({ firstOffset, lastOffset, bytes, fault }: UnreadableBatch): void {
    if (lastOffset < this.position.nextOffset) return;
    this.deadLetters.push({
      offset: Math.max(firstOffset, this.position.nextOffset),
      reason: 'batch-unreadable',
      detail: fault.message,
      key: null,
      raw: Buffer.from(bytes),
      headers: {},
    });
  }

  result(nextOffset: number): FoldedBatch<Rows> {
    const fromOffset = this.position.nextOffset;
    const read = this.events + this.repeats + this.deadLetters.length;
    return {
      fromOffset,
      nextOffset,
      maxTimeMs: this.maxTimeMs,
      rows: this.sums.rows(),
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
