// Sends the spans of this process by OTLP where an address is set; without one only the trace continues.
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { z } from 'zod';
import { recordSpans } from './spans.ts';

export const telemetryConfig = {
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url()
    .optional()
    .describe('where spans are sent by OTLP over HTTP, without /v1/traces; when not set, nowhere'),
};

/** Begins to send spans; the function returned sends what is left and ends it. */
export function startTelemetry(service: string, endpoint: string | undefined): () => Promise<void> {
  if (!endpoint) return async () => {};
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces` });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': service }),
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: 1_000 })],
  });
  recordSpans(provider.getTracer('shop'));
  return async () => {
    recordSpans(undefined);
    // A collector that is away must not hold up the end.
    await provider.shutdown().catch(() => {});
  };
}
