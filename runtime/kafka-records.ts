// Record batches as the broker sends them, read record by record without an object per header.
// kafkajs 2.2.4 rebuilds a record's header map once per header: with six headers that alone costs more than JSON.parse.
// Source of the format: Kafka protocol guide, "Record Batch" (magic 2).
import { promisify } from 'node:util';
import { gunzip, zstdDecompress } from 'node:zlib';
import { AppError } from './errors.ts';

const BATCH_HEAD_BYTES = 61;
const LENGTH_PREFIX_BYTES = 12;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;
const LOG_APPEND_TIME = 0x08;

/** One batch of the log, still encoded. */
export interface RecordBatch {
  readonly firstOffset: number;
  /** Also counts offsets that compaction has removed from the end of the batch. */
  readonly lastOffset: number;
  readonly firstTimestampMs: number;
  readonly maxTimestampMs: number;
  readonly isLogAppendTime: boolean;
  readonly isTransactional: boolean;
  readonly isControl: boolean;
  readonly producerId: bigint;
  readonly count: number;
  /** The records, uncompressed. */
  readonly payload: Buffer;
}

/** One record; the buffers are views that must not outlive the batch unless copied. */
export interface LogRecord {
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** Splits a fetched record set into its batches; a cut-off tail, which brokers may send, is left for the next fetch. */
export async function readBatches(recordSet: Buffer): Promise<RecordBatch[]> {
  const batches: RecordBatch[] = [];
  for (let at = 0; at + BATCH_HEAD_BYTES <= recordSet.length; ) {
    const end = at + LENGTH_PREFIX_BYTES + recordSet.readInt32BE(at + 8);
    if (end > recordSet.length) break;
    batches.push(await readBatch(recordSet.subarray(at, end)));
    at = end;
  }
  return batches;
}

async function readBatch(bytes: Buffer): Promise<RecordBatch> {
  const magic = bytes.readInt8(16);
  if (magic !== 2)
    throw new AppError('record-format-unsupported', `record batch with magic ${magic}; expected 2`, {
      magic,
    });
  const attributes = bytes.readInt16BE(21);
  const firstOffset = Number(bytes.readBigInt64BE(0));
  return {
    firstOffset,
    lastOffset: firstOffset + bytes.readInt32BE(23),
    firstTimestampMs: Number(bytes.readBigInt64BE(27)),
    maxTimestampMs: Number(bytes.readBigInt64BE(35)),
    isLogAppendTime: (attributes & LOG_APPEND_TIME) !== 0,
    isTransactional: (attributes & TRANSACTIONAL) !== 0,
    isControl: (attributes & CONTROL) !== 0,
    producerId: bytes.readBigInt64BE(43),
    count: bytes.readInt32BE(57),
    payload: await uncompress(attributes & 7, bytes.subarray(BATCH_HEAD_BYTES)),
  };
}

const CODECS: Readonly<Record<number, (bytes: Buffer) => Promise<Buffer> | Buffer>> = {
  0: (bytes) => bytes,
  1: promisify(gunzip),
  4: promisify(zstdDecompress),
};

async function uncompress(codec: number, bytes: Buffer): Promise<Buffer> {
  const decode = CODECS[codec];
  if (!decode) {
    throw new AppError(
      'compression-unsupported',
      `record batch with compression ${codec}; use none, gzip (1) or zstd (4)`,
      { codec },
    );
  }
  return decode(bytes);
}

/** Calls `visit` for each record of a batch, in offset order. */
export function forEachRecord(batch: RecordBatch, visit: (record: LogRecord) => void): void {
  const reader = new RecordReader(batch);
  for (let index = 0; index < batch.count; index += 1) visit(reader.next());
}

/** Whether a control batch ends a transaction by abort (type 0) and not by commit (type 1). */
export function isAbortMarker(batch: RecordBatch): boolean {
  const key = batch.isControl ? new RecordReader(batch).next().key : null;
  return key !== null && key.length >= 4 && key.readInt16BE(2) === 0;
}

/**
 * Consecutive records usually repeat most of their header names and many values: the strings of the record before are
 * used again when the bytes are the same.
 */
class RecordReader {
  private readonly batch: RecordBatch;
  private readonly bytes: Buffer;
  private at = 0;
  private readonly names: string[] = [];
  private readonly values: string[] = [];

  constructor(batch: RecordBatch) {
    this.batch = batch;
    this.bytes = batch.payload;
  }

  next(): LogRecord {
    const end = this.varInt() + this.at;
    this.at += 1; // record attributes, unused by the protocol
    const timestampDelta = this.varLong();
    const offset = this.batch.firstOffset + this.varInt();
    const key = this.nullableBytes();
    const value = this.nullableBytes();
    const headers = this.headers();
    this.at = end;
    const { isLogAppendTime, maxTimestampMs, firstTimestampMs } = this.batch;
    return {
      offset,
      timestampMs: isLogAppendTime ? maxTimestampMs : firstTimestampMs + timestampDelta,
      key,
      value,
      headers,
    };
  }

  private headers(): Record<string, string> {
    const headers: Record<string, string> = {};
    const count = this.varInt();
    for (let index = 0; index < count; index += 1) {
      const name = this.text(this.names, index);
      headers[name] = this.text(this.values, index);
    }
    return headers;
  }

  private text(previous: string[], index: number): string {
    const length = this.varInt();
    if (length < 0) return '';
    const start = this.at;
    this.at += length;
    const before = previous[index];
    if (before !== undefined && this.repeats(before, start, length)) return before;
    const text = this.bytes.toString('utf8', start, this.at);
    previous[index] = text;
    return text;
  }

  /** Only for ASCII: a longer encoding never has the length of its string. */
  private repeats(before: string, start: number, length: number): boolean {
    if (before.length !== length) return false;
    // From the end: ids and times differ there first.
    for (let index = length - 1; index >= 0; index -= 1) {
      if (before.charCodeAt(index) !== this.bytes[start + index]) return false;
    }
    return true;
  }

  private nullableBytes(): Buffer | null {
    const length = this.varInt();
    if (length < 0) return null;
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  /** Zigzag varint of at most 32 bits. */
  private varInt(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.bytes[this.at++] ?? 0;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
    }
  }

  /** Zigzag varint whose value stays below 2^53. */
  private varLong(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.bytes[this.at++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
  }
}
