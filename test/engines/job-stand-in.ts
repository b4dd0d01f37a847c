// In the place of the Flink job, for specs without a JVM: counts a run's part of the log as absolute sums, and writes them as the job's
// sinks do. Its state can be saved and restored, as a savepoint is. What the real job counts is proven elsewhere; here it is only to write.

import { productImagesProcessed } from '#contracts/topics.ts';
import { type KafkaClient, topicOffsets } from '#runtime/kafka/client.ts';
import type { LogRecord } from '#runtime/kafka/records.ts';
import { createLogger } from '#runtime/log.ts';
import type { Pool } from '#runtime/postgres/database.ts';
import { readRanges } from '../../analytics/flink/runs/log-ranges.ts';
import type { Run, RunPart } from '../../analytics/flink/runs/run.ts';
import { isLate, type Patience, readImageBytes, windowStartOf } from '../../analytics/topology.ts';
import {
  type ProgressWrite,
  type TotalsWrite,
  writeDeadLetter,
  writeProgress,
  writeTotals,
} from './staging-writes.ts';

interface Letter {
  readonly offset: number;
  readonly reason: string;
  readonly key: Buffer | null;
  readonly raw: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

interface PartCount {
  next: number;
  maxTimeMs: number | undefined;
  readonly ids: Set<string>;
  readonly totals: Map<string, TotalsWrite>;
  readonly letters: Letter[];
  progress: ProgressWrite;
}

/** Everything that a savepoint holds. */
export type Savepoint = ReadonlyMap<number, PartCount>;

export interface StandInOptions {
  readonly pool: Pool;
  readonly client: KafkaClient;
  readonly run: Run;
  readonly patience: Patience;
  /** Knows no id from before the run. @default false */
  readonly isForgetful?: boolean;
}

const NONE: TotalsWrite = { events: 0, bytes: 0, lateEvents: 0, lateBytes: 0, lastOffset: -1 };
const { name: topic } = productImagesProcessed;

export class JobStandIn {
  private readonly options: StandInOptions;
  private parts: Map<number, PartCount>;

  constructor(options: StandInOptions) {
    this.options = options;
    this.parts = new Map(options.run.parts.map((part) => [part.part, startOf(part, options.isForgetful)]));
  }

  /** Counts on, as far as the log goes now. */
  async readOn(): Promise<void> {
    const { client } = this.options;
    const ends = await topicOffsets(client, topic);
    await readRanges({
      client,
      topic,
      log: createLogger('stand-in', 'fatal'),
      ranges: ends.map(({ partition, high }) => ({
        part: partition,
        fromOffset: this.parts.get(partition)!.next,
        toOffset: Number(high),
      })),
      onBatch: (part, batch) => {
        const count = this.parts.get(part)!;
        batch.forEachRecord(
          (record) => this.add(part, count, record),
          ({ fault }) => {
            throw fault;
          },
        );
        count.next = Math.max(count.next, batch.nextOffset);
      },
    });
  }

  /** Writes all that is counted. */
  async flush(): Promise<void> {
    const { pool, run } = this.options;
    for (const [part, { letters, progress }] of this.parts) {
      if (progress.nextOffset > 0) await writeProgress(pool, run.runId, part, progress);
      for (const letter of letters) await writeDeadLetter(pool, run.runId, part, letter);
    }
    await this.flushTotals();
  }

  /** Writes the totals alone: each sink flushes when it likes. */
  async flushTotals(): Promise<void> {
    const { pool, run } = this.options;
    for (const [part, { totals }] of this.parts) {
      for (const [key, sums] of [...totals].toReversed()) {
        const [windowStartMs, label] = key.split(' ');
        await writeTotals(pool, [run.runId, part, Number(windowStartMs), label!], sums);
      }
    }
  }

  savepoint(): Savepoint {
    return structuredClone(this.parts);
  }

  restore(savepoint: Savepoint): void {
    this.parts = new Map(structuredClone(savepoint));
  }

  private add(part: number, count: PartCount, record: LogRecord): void {
    if (record.offset < count.next) return;
    const { countFrom } = this.options.run.parts.find((one) => one.part === part)!;
    const isCounted = record.offset >= countFrom;
    const reading = readImageBytes(record);
    const step = (change: Partial<ProgressWrite>): void => {
      if (!isCounted) return;
      count.progress = {
        ...count.progress,
        ...change,
        nextOffset: record.offset + 1,
        maxTimeMs: count.maxTimeMs,
      };
    };
    if (!reading.ok) {
      if (isCounted) count.letters.push(letterOf(record, reading.reason));
      return step({ deadLetters: count.progress.deadLetters + 1 });
    }
    const { source, id, timeMs, label, bytes } = reading.event;
    const maxEarlierMs = count.maxTimeMs;
    count.maxTimeMs = Math.max(maxEarlierMs ?? timeMs, timeMs);
    const name = JSON.stringify([source, id]);
    if (count.ids.has(name)) return step({ repeats: count.progress.repeats + 1 });
    count.ids.add(name);
    if (!isCounted) return;
    const windowStartMs = windowStartOf(timeMs);
    const late = isLate(windowStartMs, maxEarlierMs, this.options.patience);
    const key = `${windowStartMs} ${label}`;
    const sums = count.totals.get(key) ?? NONE;
    count.totals.set(key, {
      events: sums.events + 1,
      bytes: sums.bytes + bytes,
      lateEvents: sums.lateEvents + Number(late),
      lateBytes: sums.lateBytes + (late ? bytes : 0),
      lastOffset: record.offset,
    });
    step({ events: count.progress.events + 1 });
  }
}

const startOf = ({ readFrom, countFrom, maxTimeMs }: RunPart, isForgetful = false): PartCount => ({
  next: isForgetful ? countFrom : readFrom,
  maxTimeMs: maxTimeMs ?? undefined,
  ids: new Set(),
  totals: new Map(),
  letters: [],
  progress: { nextOffset: 0, maxTimeMs: undefined, events: 0, deadLetters: 0, repeats: 0 },
});

const withoutNul = (text: string): string => text.replaceAll('\u0000', '\ufffd');

/** Copies the bytes: they outlive the fetch they came with. */
const letterOf = ({ offset, key, value, headers }: LogRecord, reason: string): Letter => ({
  offset,
  reason,
  key: key && Buffer.from(key),
  raw: value && Buffer.from(value),
  headers: Object.fromEntries(
    Object.entries(headers).map(([name, text]) => [withoutNul(name), withoutNul(text)]),
  ),
});
