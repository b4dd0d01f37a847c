// A trace as its collector answers it in, the spans of it out. A laptop's own collector (local/traces/) and Tempo each have a form of their own.
import { z } from 'zod';
import type { TraceSpan } from './order-journey.ts';

const ownAnswer = z.object({
  spans: z.array(
    z.object({
      spanId: z.string(),
      parentId: z.string(),
      service: z.string(),
      name: z.string(),
      startMs: z.number(),
      endMs: z.number(),
      isFailed: z.boolean(),
      attributes: z.record(z.string(), z.string()),
    }),
  ),
});

const tempoAttributes = z
  .array(z.object({ key: z.string(), value: z.object({ stringValue: z.string().optional() }) }))
  .default([]);
const nanoseconds = z.string().regex(/^\d{1,20}$/);
const tempoSpan = z.object({
  spanId: z.string(),
  parentSpanId: z.string().default(''),
  name: z.string().default(''),
  startTimeUnixNano: nanoseconds,
  endTimeUnixNano: nanoseconds,
  attributes: tempoAttributes,
  // Protobuf's JSON has names of enumerations; OTLP's has their numbers.
  status: z.object({ code: z.union([z.string(), z.number()]).optional() }).optional(),
});
const tempoService = z.object({
  resource: z.object({ attributes: tempoAttributes }).optional(),
  scopeSpans: z.array(z.object({ spans: z.array(tempoSpan).default([]) })).default([]),
});
/**
 * Of `/api/v2/traces/<id>`: protobuf's JSON of a trace, in which what is empty is missing (Grafana, "Tempo HTTP API";
 * grafana/tempo, pkg/tempopb/tempo.proto, looked up on 2026-11-29). Older versions name the list `batches`.
 */
const tempoAnswer = z.object({
  trace: z.object({
    resourceSpans: z.array(tempoService).default([]),
    batches: z.array(tempoService).default([]),
  }),
});

const FAILED: readonly unknown[] = ['STATUS_CODE_ERROR', 2];

/** @throws ZodError for an answer in neither form */
export function spansOfAnswer(answer: unknown): readonly TraceSpan[] {
  const tempo = tempoAnswer.safeParse(answer).data;
  if (!tempo) return ownAnswer.parse(answer).spans;
  const { resourceSpans, batches } = tempo.trace;
  return [...resourceSpans, ...batches].flatMap(spansOfService);
}

function spansOfService({ resource, scopeSpans }: z.infer<typeof tempoService>): TraceSpan[] {
  const service = textsOf(resource?.attributes ?? [])['service.name'] ?? '';
  return scopeSpans.flatMap(({ spans }) =>
    spans.map((span) => ({
      spanId: span.spanId,
      parentId: span.parentSpanId,
      service,
      name: span.name,
      startMs: millisecondsOf(span.startTimeUnixNano),
      endMs: millisecondsOf(span.endTimeUnixNano),
      isFailed: FAILED.includes(span.status?.code),
      attributes: textsOf(span.attributes),
    })),
  );
}

/** Numbers and lists are left out: nothing of them is shown. */
const textsOf = (attributes: z.infer<typeof tempoAttributes>): Record<string, string> =>
  Object.fromEntries(
    attributes.flatMap(({ key, value: { stringValue } }) =>
      stringValue === undefined ? [] : [[key, stringValue]],
    ),
  );

/** Microseconds are as exact as a page needs it; as one number, nanoseconds since 1970 would lose digits. */
const millisecondsOf = (nanoseconds: string): number => Number(BigInt(nanoseconds) / 1_000n) / 1_000;
