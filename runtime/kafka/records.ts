// Record batches as the broker sends them, read record by record without an object per header.
// kafkajs 2.2.4 rebuilds a record's header map once per header: with six headers that alone costs more than JSON.parse.
// Source of the format: Kafka protocol guide, "Record Batch" and "Record" (magic 2).
import { promisify } from 'node:util';
import { gunzip, type ZlibOptions, type ZstdOptions, zstdDecompress } from 'node:zlib';
import { AppError, messageOf } from '../errors.ts';

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

/** A batch that stands in the log and cannot be read: its records are unknown, its place is not. */
export interface UnreadableBatch {
  readonly firstOffset: number;
  readonly lastOffset: number;
  /** The whole batch as it stands in the log. */
  readonly bytes: Buffer;
  /** Why: a compression that we do not know, or bytes that are none of it. */
  readonly fault: AppError;
}

/** One record; the buffers are views that must not outlive the batch unless copied. */
export interface LogRecord {
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** As text; of a name that was written twice the last value. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A record that comes from the log. */
export interface FetchedRecord extends LogRecord {
  /** As they were written, be they repeated, empty or no text. Read anew at each call. */
  rawHeaders(): [name: string, value: Buffer | null][];
}

/** Splits a fetched record set into its batches; a cut-off tail, which brokers may send, is left for the next fetch. */
export async function readBatches(recordSet: Buffer): Promise<(RecordBatch | UnreadableBatch)[]> {
  const batches: (RecordBatch | UnreadableBatch)[] = [];
  for (let at = 0; at + BATCH_HEAD_BYTES <= recordSet.length; ) {
    const end = at + LENGTH_PREFIX_BYTES + recordSet.readInt32BE(at + 8);
    if (end > recordSet.length) break;
    const bytes = recordSet.subarray(at, end);
    batches.push(await readBatch(bytes).catch((error: unknown) => unreadable(bytes, error)));
    at = end;
  }
  return batches;
}

/** The place stands before everything that can be wrong with the rest. */
function unreadable(bytes: Buffer, cause: unknown): UnreadableBatch {
  const firstOffset = Number(bytes.readBigInt64BE(0));
  const lastOffset = firstOffset + bytes.readInt32BE(23);
  const fault = new AppError(
    'batch-unreadable',
    `the records from offset ${firstOffset} to ${lastOffset} cannot be read: ${messageOf(cause)}`,
    { firstOffset, lastOffset },
  );
  return { firstOffset, lastOffset, bytes, fault };
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

/** Far above what a topic lets into one batch; below what would exhaust a process when a small batch unpacks to gigabytes. */
const UNPACKED_BYTES_MAX = 32 * 1024 * 1024;
const unpack = {
  gzip: promisify<Buffer, ZlibOptions, Buffer>(gunzip),
  zstd: promisify<Buffer, ZstdOptions, Buffer>(zstdDecompress),
};

const CODECS: Readonly<Record<number, (bytes: Buffer) => Promise<Buffer> | Buffer>> = {
  0: (bytes) => bytes,
  1: (bytes) => unpack.gzip(bytes, { maxOutputLength: UNPACKED_BYTES_MAX }),
  4: (bytes) => unpack.zstd(bytes, { maxOutputLength: UNPACKED_BYTES_MAX }),
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
export function forEachRecord(batch: RecordBatch, visit: (record: FetchedRecord) => void): void {
  const reader = new RecordReader(batch);
  for (let index = 0; index < batch.count; index += 1) visit(reader.next());
}

/** Whether a control batch ends a transaction by abort (type 0) and not by commit (type 1). */
export function isAbortMarker(batch: RecordBatch): boolean {
  const key = batch.isControl ? new RecordReader(batch).next().key : null;
  return key !== null && key.length >= 4 && key.readInt16BE(2) === 0;
}

/** A record whose key is cut out only when somebody asks: few do, and a view costs as much as a header. */
class DecodedRecord implements FetchedRecord {
  readonly offset: number;
  readonly timestampMs: number;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
  private readonly batch: RecordBatch;
  private readonly keyStart: number;
  private readonly keyLength: number;
  private readonly headersStart: number;

  constructor(
    offset: number,
    timestampMs: number,
    value: Buffer | null,
    headers: Readonly<Record<string, string>>,
    batch: RecordBatch,
    keyStart: number,
    keyLength: number,
    headersStart: number,
  ) {
    this.offset = offset;
    this.timestampMs = timestampMs;
    this.value = value;
    this.headers = headers;
    this.batch = batch;
    this.keyStart = keyStart;
    this.keyLength = keyLength;
    this.headersStart = headersStart;
  }

  get key(): Buffer | null {
    const { keyStart, keyLength } = this;
    return keyLength < 0 ? null : this.batch.payload.subarray(keyStart, keyStart + keyLength);
  }

  rawHeaders(): [name: string, value: Buffer | null][] {
    return new RecordReader(this.batch, this.headersStart).rawHeaders();
  }
}

/** A name or a value, and where its bytes are. */
interface DecodedText {
  readonly start: number;
  readonly length: number;
  readonly text: string;
}

/**
 * Consecutive records usually repeat their header names and many values: bytes that stand in the same place as in the record
 * before are not decoded again.
 */
class RecordReader {
  private readonly batch: RecordBatch;
  private readonly bytes: Buffer;
  private at: number;
  private readonly view: DataView;
  private readonly names: DecodedText[] = [];
  private readonly values: DecodedText[] = [];
  private last: Readonly<Record<string, string>> = {};
  /** How many headers a record has when `last` may be copied for it; -1 when it may not be. */
  private reusableCount = 0;

  /** @param at where to begin in the batch's payload */
  constructor(batch: RecordBatch, at = 0) {
    this.batch = batch;
    this.bytes = batch.payload;
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
    this.at = at;
  }

  next(): FetchedRecord {
    const end = this.varInt() + this.at;
    this.at += 1; // record attributes, unused by the protocol
    const timestampDelta = this.varLong();
    const offset = this.batch.firstOffset + this.varInt();
    const keyLength = this.varInt();
    const keyStart = this.at;
    this.at += Math.max(0, keyLength);
    const value = this.nullableBytes();
    const headersStart = this.at;
    const headers = this.headers();
    this.at = end;
    const { isLogAppendTime, maxTimestampMs, firstTimestampMs } = this.batch;
    const timestampMs = isLogAppendTime ? maxTimestampMs : firstTimestampMs + timestampDelta;
    return new DecodedRecord(
      offset,
      timestampMs,
      value,
      headers,
      this.batch,
      keyStart,
      keyLength,
      headersStart,
    );
  }

  /** The headers that begin where this reader stands, as they were written. */
  rawHeaders(): [name: string, value: Buffer | null][] {
    return Array.from({ length: this.varInt() }, () => [
      this.nullableBytes()?.toString('utf8') ?? '',
      this.nullableBytes(),
    ]);
  }

  /** Those of the record before, with the values that differ: to set all six again costs a tenth of JSON.parse. */
  private headers(): Readonly<Record<string, string>> {
    const count = this.varInt();
    const changed: number[] = [];
    let hasSameNames = count === this.reusableCount;
    for (let index = 0; index < count; index += 1) {
      if (!this.repeatsText(this.names, index)) hasSameNames = false;
      if (!this.repeatsText(this.values, index)) changed.push(index);
    }
    if (!hasSameNames) this.last = this.headersAnew(count);
    else if (changed.length > 0) {
      const headers: Record<string, string> = { ...this.last };
      for (const index of changed) headers[this.names[index]!.text] = this.values[index]!.text;
      this.last = headers;
    }
    return this.last;
  }

  private headersAnew(count: number): Record<string, string> {
    const headers: Record<string, string> = {};
    for (let index = 0; index < count; index += 1)
      headers[this.names[index]!.text] = this.values[index]!.text;
    // Of a name that was written twice the last value counts: in a copy, a change of the first would take its place.
    this.reusableCount = Object.keys(headers).length === count ? count : -1;
    return headers;
  }

  /** Reads the next text into its place; true when the bytes are those that stood in the same place before. */
  private repeatsText(places: DecodedText[], place: number): boolean {
    const length = Math.max(0, this.varInt());
    const start = this.at;
    this.at += length;
    const before = places[place];
    if (before?.length === length && this.isSame(before.start, start, length)) return true;
    places[place] = { start, length, text: this.bytes.toString('utf8', start, this.at) };
    return false;
  }

  /** Four bytes at a time; from the end, since ids and times differ there first. */
  private isSame(before: number, start: number, length: number): boolean {
    // A damaged length may point past the end, where a view throws.
    if (start + length > this.bytes.length) return false;
    let at = length - 4;
    for (; at >= 0; at -= 4)
      if (this.view.getInt32(before + at) !== this.view.getInt32(start + at)) return false;
    for (at += 3; at >= 0; at -= 1) if (this.bytes[before + at] !== this.bytes[start + at]) return false;
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
