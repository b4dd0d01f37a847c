// Spans of what this process does, sent by OTLP where an address is set; without one only the trace context goes on. Names and
// attributes hold routes, topics and ids of events, never what people wrote or who they are.
import {
  type Attributes,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { z } from 'zod';
import { continueTrace, type TraceContext, traceContextOf, traceparentOf } from './trace.ts';

export const telemetryConfig = {
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url()
    .optional()
    .describe('where spans are sent by OTLP over HTTP, without /v1/traces; when not set, nowhere'),
};

let tracer: Tracer | undefined;

/** Begins to send spans; the function returned sends what is left and ends it. */
export function startTelemetry(service: string, endpoint: string | undefined): () => Promise<void> {
  if (!endpoint) return async () => {};
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces` });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': service }),
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: 1_000 })],
  });
  tracer = provider.getTracer('shop');
  return async () => {
    tracer = undefined;
    // A collector that is away must not hold up the end.
    await provider.shutdown().catch(() => {});
  };
}

export interface SpanOptions {
  /** What it is to others: `server`, `client`, `consumer`, or `internal` where it is nothing. @default internal */
  readonly kind?: 'server' | 'client' | 'consumer' | 'internal';
  /** W3C trace context of the cause; without one a trace begins. */
  readonly parent?: string | string[] | undefined;
  readonly attributes?: Attributes;
}

/** A piece of work that is going on. */
export interface Span {
  /** For what it causes. */
  readonly traceparent: string;
  /** Ends it; with an error it has failed. */
  end(attributes?: Attributes, error?: unknown): void;
}

const KINDS = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
};

export function startSpan(
  name: string,
  { kind = 'internal', parent, attributes = {} }: SpanOptions = {},
): Span {
  if (!tracer) return unrecorded(parent);
  const came: TraceContext | undefined = traceContextOf(parent);
  const context = came ? trace.setSpanContext(ROOT_CONTEXT, { ...came, isRemote: true }) : ROOT_CONTEXT;
  const span = tracer.startSpan(name, { kind: KINDS[kind], attributes }, context);
  return {
    traceparent: traceparentOf(span.spanContext()),
    end: (ending = {}, error) => {
      span.setAttributes(ending);
      // The error's own words may quote what people wrote.
      if (error !== undefined) {
        span.setAttribute(
          'error.type',
          (error as { code?: string; name?: string }).code ?? (error as Error).name,
        );
        span.setStatus({ code: SpanStatusCode.ERROR });
      }
      span.end();
    },
  };
}

/** Made when asked for: most reads cause nothing that would carry it. */
function unrecorded(parent: SpanOptions['parent']): Span {
  let traceparent: string | undefined;
  return {
    get traceparent() {
      traceparent ??= continueTrace(parent);
      return traceparent;
    },
    end: () => {},
  };
}

/** Runs work as a span, with the context for what it causes. */
export async function inSpan<Result>(
  name: string,
  options: SpanOptions,
  work: (traceparent: string) => Promise<Result>,
): Promise<Result> {
  const span = startSpan(name, options);
  try {
    const result = await work(span.traceparent);
    span.end();
    return result;
  } catch (error) {
    span.end({}, error ?? new Error('unknown'));
    throw error;
  }
}
