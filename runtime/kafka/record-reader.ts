// The records of one uncompressed batch, one after the other, read in place.
// Source of the format: Kafka protocol guide, "Record" (magic 2).
import type { FetchedRecord, RecordBatch } from './records.ts';

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

/**
 * Consecutive records usually repeat most of their header names and many values: the strings of the record before are
 * used again when the bytes are the same.
 */
export class RecordReader {
  private readonly batch: RecordBatch;
  private readonly bytes: Buffer;
  private at: number;
  private readonly names: string[] = [];
  private readonly values: string[] = [];

  /** @param at where to begin in the batch's payload */
  constructor(batch: RecordBatch, at = 0) {
    this.batch = batch;
    this.bytes = batch.payload;
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

  /** Only for ASCII: elsewhere one byte is not one unit of the string. */
  private repeats(before: string, start: number, length: number): boolean {
    if (before.length !== length) return false;
    // From the end: ids and times differ there first.
    for (let index = length - 1; index >= 0; index -= 1) {
      const unit = before.charCodeAt(index);
      if (unit > 0x7f || unit !== this.bytes[start + index]) return false;
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
