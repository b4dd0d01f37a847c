// Record batches as the broker sends them, read record by record without an object per header.
// kafkajs 2.2.4 rebuilds a record's header map once per header: with six headers that alone costs more than JSON.parse.
// Source of the format: Kafka protocol guide, "Record Batch" (magic 2).
import { promisify } from 'node:util';
import { gunzip, zstdDecompress } from 'node:zlib';
import { AppError } from './errors.ts';
import { RecordReader } from './kafka-record-reader.ts';

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
