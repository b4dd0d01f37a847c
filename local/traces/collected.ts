// Spans in, by OTLP's JSON; traces out, the newest first. In memory and bounded: a look at what just happened, no archive.
import { z } from 'zod';

/** One span as a person looks at it. */
export interface CollectedSpan {
  readonly spanId: string;
  readonly parentId: string;
  readonly service: string;
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly isFailed: boolean;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface CollectedTrace {
  readonly traceId: string;
  /** By their start. */
  readonly spans: readonly CollectedSpan[];
}

/** An attribute that is none is left out; a span that cannot be shown is not. */
const attributeList = z.array(z.unknown()).catch([]);
const attribute = z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) });
/** Nanoseconds as a number, or in digits, as JSON has 64-bit integers (OTLP/HTTP §JSON). */
const nanoseconds = z
  .union([z.number(), z.string().regex(/^\d{1,20}$/)])
  .transform(Number)
  .pipe(
    z
      .number()
      .nonnegative()
      .max(2 ** 64),
  );
/** Hexadecimal, in either case (OTLP/HTTP). */
const id = z
  .string()
  .min(1)
  .max(64)
  .transform((text) => text.toLowerCase());
const otlpSpan = z.object({
  traceId: id,
  spanId: id,
  parentSpanId: id.optional().catch(undefined),
  name: z.string(),
  startTimeUnixNano: nanoseconds,
  endTimeUnixNano: nanoseconds,
  attributes: attributeList,
  status: z.object({ code: z.unknown() }).optional().catch(undefined),
});
type OtlpSpan = z.infer<typeof otlpSpan>;
const listOf = <Entry extends z.ZodType>(entry: Entry) => z.array(entry.nullable().catch(null)).catch([]);
const otlpExport = z.object({
  resourceSpans: listOf(
    z.object({
      resource: z.object({ attributes: attributeList }).optional().catch(undefined),
      scopeSpans: listOf(z.object({ spans: z.array(z.unknown()).catch([]) })),
    }),
  ),
});

const TRACES_MAX = 300;
const SPANS_MAX = 300;
/** OTLP's number for a failed status. */
const FAILED = 2;

export class CollectedTraces {
  private readonly traces = new Map<string, CollectedSpan[]>();

  /**
   * Takes the body of `POST /v1/traces`: what is a span is kept, whatever stands beside it.
   * @returns how many are none
   * @throws TypeError for what is no export at all
   */
  add(body: unknown): { readonly rejectedCount: number } {
    const parsed = otlpExport.safeParse(body);
    if (!parsed.success)
      throw new TypeError('The body is no export of traces: an object with resourceSpans is needed.');
    let rejectedCount = 0;
    for (const resourceSpans of parsed.data.resourceSpans) {
      const service = textsOf(resourceSpans?.resource?.attributes ?? [])['service.name'] ?? 'unknown';
      for (const given of resourceSpans?.scopeSpans.flatMap((scope) => scope?.spans ?? []) ?? []) {
        const span = otlpSpan.safeParse(given);
        if (span.success) this.keep(service, span.data);
        else rejectedCount += 1;
      }
    }
    return { rejectedCount };
  }

  /** The newest first. */
  list(): CollectedTrace[] {
    return [...this.traces].map(([traceId, spans]) => ({ traceId, spans })).toReversed();
  }

  find(traceId: string): CollectedTrace | undefined {
    const spans = this.traces.get(traceId);
    return spans && { traceId, spans: spans.toSorted((one, other) => one.startMs - other.startMs) };
  }

  private keep(service: string, span: OtlpSpan): void {
    const spans = this.traces.get(span.traceId) ?? [];
    if (spans.length < SPANS_MAX) spans.push(spanOf(service, span));
    this.traces.set(span.traceId, spans);
    // A map keeps the order in which its keys came: the first is the oldest.
    if (this.traces.size > TRACES_MAX) this.traces.delete(this.traces.keys().next().value!);
  }
}

const spanOf = (service: string, span: OtlpSpan): CollectedSpan => ({
  spanId: span.spanId,
  parentId: span.parentSpanId ?? '',
  service,
  name: span.name,
  startMs: span.startTimeUnixNano / 1e6,
  endMs: span.endTimeUnixNano / 1e6,
  isFailed: span.status?.code === FAILED,
  attributes: textsOf(span.attributes),
});

const textsOf = (attributes: readonly unknown[]): Record<string, string> =>
  Object.fromEntries(
    attributes.flatMap((given) => {
      const { success, data } = attribute.safeParse(given);
      return success ? [[data.key, textOf(Object.values(data.value)[0])]] : [];
    }),
  );

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return JSON.stringify(value) ?? '';
}
