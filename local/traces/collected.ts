// Spans in, by OTLP's JSON; traces out, the newest first. In memory and bounded: a look at what just happened, no archive.

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

interface OtlpAttribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}
interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string | number;
  readonly endTimeUnixNano: string | number;
  readonly attributes?: readonly OtlpAttribute[];
  readonly status?: { readonly code?: number };
}
interface OtlpExport {
  readonly resourceSpans?: readonly {
    readonly resource?: { readonly attributes?: readonly OtlpAttribute[] };
    readonly scopeSpans?: readonly { readonly spans?: readonly OtlpSpan[] }[];
  }[];
}

const TRACES_MAX = 300;
const SPANS_MAX = 300;
/** OTLP's number for a failed status. */
const FAILED = 2;

export class CollectedTraces {
  private readonly traces = new Map<string, CollectedSpan[]>();

  /** Takes the body of `POST /v1/traces`. */
  add(body: OtlpExport): void {
    for (const { resource, scopeSpans = [] } of body.resourceSpans ?? []) {
      const service = textsOf(resource?.attributes)['service.name'] ?? 'unknown';
      for (const { spans = [] } of scopeSpans) for (const span of spans) this.keep(service, span);
    }
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
  startMs: Number(span.startTimeUnixNano) / 1e6,
  endMs: Number(span.endTimeUnixNano) / 1e6,
  isFailed: span.status?.code === FAILED,
  attributes: textsOf(span.attributes),
});

const textsOf = (attributes: readonly OtlpAttribute[] = []): Record<string, string> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, String(Object.values(value)[0])]));
