// CloudEvents 1.0 in Kafka's binary content mode: attributes travel as `ce_` headers, the value is the data alone.
// Source: CloudEvents Kafka Protocol Binding 1.0.2 §3.2.
import type { z } from 'zod';
import { parseTime } from './event-time.ts';

/** One event that processes share: its CloudEvents type and the schema of its data. */
export interface EventContract<Data> {
  /** CloudEvents `type`; the trailing `.vN` is the major version. */
  readonly type: string;
  readonly schema: z.ZodType<Data>;
  /**
   * A quick test that admits nothing which the schema refuses; what it refuses, the schema decides. For streams in which
   * the schema's own parse would be the greatest cost.
   */
  readonly isPlainlyValid?: (data: unknown) => data is Data;
}

/** A decoded event. */
export interface Event<Data> {
  /** Unique per `source`; producers derive it from the cause, so a repeated cause repeats the id. */
  readonly id: string;
  readonly source: string;
  readonly type: string;
  /** When the occurrence happened, in any form of RFC 3339: compare and store `timeMs`. Ours are in UTC. */
  readonly time: string;
  /** `time` in milliseconds since the epoch. */
  readonly timeMs: number;
  /** W3C trace context of the cause. */
  readonly traceparent?: string;
  readonly data: Data;
}

/** What a Kafka producer sends. */
export interface EncodedRecord {
  readonly key: string;
  readonly value: string;
  readonly headers: Record<string, string>;
}

const SPEC_VERSION = '1.0';

/** Writes an event as a Kafka record. The data is validated: no event is published that its contract forbids. */
export function encodeEvent<Data>(
  contract: EventContract<Data>,
  key: string,
  event: Omit<Event<Data>, 'type' | 'timeMs'>,
): EncodedRecord {
  return {
    key,
    value: JSON.stringify(contract.schema.parse(event.data)),
    headers: {
      ce_specversion: SPEC_VERSION,
      ce_id: event.id,
      ce_source: event.source,
      ce_type: contract.type,
      ce_time: event.time,
      'content-type': 'application/json',
      ...(event.traceparent ? { traceparent: event.traceparent } : {}),
    },
  };
}

/** Headers and value as they come from Kafka. */
export interface RawRecord {
  readonly value: Uint8Array | null;
  /** A header may be null: Kafka allows it, and it must not crash a reader. */
  readonly headers: Readonly<Record<string, Uint8Array | string | null | undefined>>;
}

/** Why a record cannot be an event of a contract; the codes are what dead letters carry. */
export type DecodeFault =
  | 'null-value'
  | 'bad-utf8'
  | 'bad-json'
  | 'bad-envelope'
  | 'unknown-type'
  | 'unknown-version'
  | 'bad-data';

export type Decoded<Data> =
  | { readonly ok: true; readonly event: Event<Data> }
  | { readonly ok: false; readonly fault: DecodeFault; readonly detail: string };

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads a Kafka record as an event of the contract. Unknown headers and unknown data fields are accepted, so that a
 * producer may be ahead of its consumers by a minor version.
 */
export function decodeEvent<Data>(contract: EventContract<Data>, record: RawRecord): Decoded<Data> {
  if (record.value === null) return fault('null-value', 'the record has no value');
  const envelope = readEnvelope(contract.type, record.headers);
  if (!envelope.ok) return envelope;
  let text: string;
  try {
    text = utf8.decode(record.value);
  } catch {
    return fault('bad-utf8', 'the value is not UTF-8');
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The parser's own message quotes the value, which may hold personal data.
    return fault('bad-json', 'the value is not JSON');
  }
  if (contract.isPlainlyValid?.(json)) return { ok: true, event: { ...envelope.attributes, data: json } };
  const parsed = contract.schema.safeParse(json);
  if (!parsed.success) return fault('bad-data', describeIssues(parsed.error.issues));
  return { ok: true, event: { ...envelope.attributes, data: parsed.data } };
}

type Envelope = { readonly ok: true; readonly attributes: Omit<Event<never>, 'data'> };

function readEnvelope(type: string, headers: RawRecord['headers']): Envelope | ReturnType<typeof fault> {
  const ceType = text(headers.ce_type);
  if (ceType !== type) {
    return ceType && unversioned(ceType) === unversioned(type)
      ? fault('unknown-version', `ce_type is ${ceType}, known is ${type}`)
      : fault('unknown-type', `ce_type is ${ceType ?? 'missing'}, expected ${type}`);
  }
  const id = text(headers.ce_id);
  const source = text(headers.ce_source);
  const time = text(headers.ce_time);
  if (text(headers.ce_specversion) !== SPEC_VERSION)
    return fault('bad-envelope', 'ce_specversion is not 1.0');
  if (!id) return fault('bad-envelope', 'ce_id is missing');
  if (!source) return fault('bad-envelope', 'ce_source is missing');
  const timeMs = time ? parseTime(time) : Number.NaN;
  if (!time || Number.isNaN(timeMs)) return fault('bad-envelope', 'ce_time is not an RFC 3339 time');
  const traceparent = text(headers.traceparent);
  if (!traceparent) return { ok: true, attributes: { id, source, type, time, timeMs } };
  return { ok: true, attributes: { id, source, type, time, timeMs, traceparent } };
}

const unversioned = (type: string): string => type.replace(/\.v\d+$/, '');

const text = (header: Uint8Array | string | null | undefined): string | undefined =>
  typeof header === 'string' || !header
    ? (header ?? undefined)
    : Buffer.from(header.buffer, header.byteOffset, header.byteLength).toString();

function fault(code: DecodeFault, detail: string) {
  return { ok: false, fault: code, detail } as const;
}

/** `source.bytes: expected number` for each issue; values never appear, they may be personal data. */
export function describeIssues(issues: readonly z.core.$ZodIssue[]): string {
  return issues.map((issue) => `${issue.path.join('.') || '(root)'}: ${issue.code}`).join('; ');
}
