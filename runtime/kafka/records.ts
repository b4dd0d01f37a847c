// Record batches as the broker sends them, read record by record without an object per header.
// kafkajs 2.2.4 rebuilds a record's header map once per header: with six headers that alone costs more than JSON.parse.
// Source of the format: Kafka protocol guide, "Record Batch" (magic 2).
import { promisify } from 'node:util';
import { gunzip, type ZlibOptions, type ZstdOptions, zstdDecompress } from 'node:zlib';
import { AppError, messageOf } from '../errors.ts';
import { RecordReader } from './record-reader.ts';

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
