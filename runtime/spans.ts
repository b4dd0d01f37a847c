// Spans: pieces of work in the active trace. Where spans are not collected only their ids exist, so that the trace continues. Names and
// attributes hold routes, topics, tables and ids of events, never what people wrote or who they are.
import { randomUUID } from 'node:crypto';
import {
  type Attributes,
  type Context,
  context,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { traceparentOf } from './trace.ts';

let tracer: Tracer | undefined;

/** Spans that start from now on are recorded by this tracer; undefined: none are. */
export function recordSpans(by: Tracer | undefined): void {
  tracer = by;
}

export interface SpanOptions {
  /** How it relates to other processes; `internal` where it does not. @default internal */
  readonly kind?: 'server' | 'client' | 'producer' | 'consumer' | 'internal';
  /** The context of its cause; one without a span begins a trace. @default the active context */
  readonly parent?: Context;
  readonly attributes?: Attributes;
}

/** A piece of work that is going on. */
export interface Span {
  /** The context for what it causes. */
  readonly context: Context;
  /** The same as text. */
  readonly traceparent: string;
  /** Ends it; with an error it has failed. */
  end(attributes?: Attributes, error?: unknown): void;
}

const KINDS = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
};

export function startSpan(
  name: string,
  { kind = 'internal', parent = context.active(), attributes = {} }: SpanOptions = {},
): Span {
  if (!tracer) return unrecorded(parent);
  const span = tracer.startSpan(name, { kind: KINDS[kind], attributes }, parent);
  return {
    context: trace.setSpan(parent, span),
    traceparent: traceparentOf(span.spanContext()),
    end: (ending = {}, error) => endSpan(span, ending, error),
  };
}

function endSpan(span: OtelSpan, attributes: Attributes, error: unknown): void {
  span.setAttributes(attributes);
  // The error's own words may quote what people wrote.
  if (error !== undefined) {
    const { code, name } = error as { code?: string; name?: string };
    span.setAttribute('error.type', code ?? name ?? 'unknown');
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
}

/** The ids of a span, made when they are first read: most work causes nothing that would carry them. */
class LateSpanContext implements SpanContext {
  private readonly make: () => SpanContext;
  private made: SpanContext | undefined;

  constructor(make: () => SpanContext) {
    this.make = make;
  }

  get isMade(): boolean {
    return this.made !== undefined;
  }

  get traceId(): string {
    return this.ids().traceId;
  }

  get spanId(): string {
    return this.ids().spanId;
  }

  get traceFlags(): number {
    return this.ids().traceFlags;
  }

  private ids(): SpanContext {
    this.made ??= this.make();
    return this.made;
  }
}

function unrecorded(parent: Context): Span {
  const ids = new LateSpanContext(() => idsUnder(trace.getSpanContext(parent)));
  return {
    context: trace.setSpanContext(parent, ids),
    get traceparent() {
      return traceparentOf(ids);
    },
    end: () => {},
  };
}

/** The trace context of a span below the parent. Without a parent it is the first span of a new trace, which may be recorded. */
const idsUnder = (parent: SpanContext | undefined): SpanContext => ({
  traceId: parent?.traceId ?? randomHex(),
  spanId: randomHex().slice(16),
  traceFlags: parent?.traceFlags ?? 1,
});

/** 32 digits. From a UUID: Node keeps random bytes ready for those, while `randomBytes` asks the system each time. */
const randomHex = (): string => randomUUID().replaceAll('-', '');

/** Does work as a span; what the work causes is below it. */
export async function inSpan<Result>(
  name: string,
  options: SpanOptions,
  work: () => Promise<Result>,
): Promise<Result> {
  const span = startSpan(name, options);
  try {
    const result = await context.with(span.context, work);
    span.end();
    return result;
  } catch (error) {
    span.end({}, error ?? new Error('unknown'));
    throw error;
  }
}

/**
 * Does work that begins a new trace and often finds nothing to do: its span is recorded only once the work has caused
 * something, such as an event. So a job that looks every few seconds does not fill the collector.
 */
export async function inLateSpan<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  const startTime = new Date();
  let span: OtelSpan | undefined;
  const ids = new LateSpanContext(() => {
    span = tracer?.startSpan(name, { startTime }, ROOT_CONTEXT);
    return span?.spanContext() ?? idsUnder(undefined);
  });
  try {
    const result = await context.with(trace.setSpanContext(ROOT_CONTEXT, ids), work);
    if (span) endSpan(span, {}, undefined);
    return result;
  } catch (error) {
    if (span) endSpan(span, {}, error ?? new Error('unknown'));
    throw error;
  }
}

/** Whether spans of this process are recorded. */
export const isTracing = (): boolean => tracer !== undefined;

/** Whether work that starts now belongs to a trace that is recorded. */
export function isTraceRecorded(): boolean {
  if (!tracer) return false;
  const active = trace.getSpanContext(context.active());
  if (!active || (active instanceof LateSpanContext && !active.isMade)) return false;
  return (active.traceFlags & 1) === 1;
}
