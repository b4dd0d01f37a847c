// Events of an order and the spans of its traces in, one journey out: each piece of work below what caused it, all on one clock. Pure.
import type { JourneySpan, OrderEvent, OrderJourney } from './answers.ts';

/** A span as the collector answers it. */
export interface TraceSpan {
  readonly spanId: string;
  readonly parentId: string;
  readonly service: string;
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly isFailed: boolean;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface JourneyParts {
  readonly orderId: string;
  /** At least one. */
  readonly events: readonly OrderEvent[];
  readonly spans: readonly TraceSpan[];
  readonly traces: OrderJourney['traces'];
  /** Whether each statement is a separate row; otherwise they are counted. */
  readonly hasStatements: boolean;
}

export function journeyOf({ orderId, events, spans, traces, hasStatements }: JourneyParts): OrderJourney {
  const eventTimes = events.map(({ at }) => Date.parse(at));
  const startMs = Math.min(...eventTimes, ...spans.map((span) => span.startMs));
  const endMs = Math.max(...eventTimes, ...spans.map((span) => span.endMs));
  const rows = nested(spans).filter(({ span }) => hasStatements || !isStatement(span));
  return {
    orderId,
    startedAt: new Date(startMs).toISOString(),
    lastedMs: round(endMs - startMs),
    events,
    spans: rows.map(({ span, depth, statements }) => ({
      name: span.name,
      service: span.service,
      topic: Object.hasOwn(span.attributes, TOPIC) ? span.attributes[TOPIC] : undefined,
      depth,
      startMs: round(span.startMs - startMs),
      lastedMs: round(span.endMs - span.startMs),
      isFailed: span.isFailed,
      isStatement: isStatement(span),
      statements: hasStatements ? 0 : statements,
    })),
    traceIds: tracesOf(events),
    traces,
  };
}

/** Each once, the first first. */
export const tracesOf = (events: readonly OrderEvent[]): string[] => [
  ...new Set(events.flatMap(({ traceId }) => traceId ?? [])),
];

const TOPIC = 'messaging.destination.name';
const isStatement = ({ attributes }: TraceSpan): boolean => Object.hasOwn(attributes, 'db.system.name');
const round = (ms: number): number => Math.round(ms * 10) / 10;

interface Nested extends Pick<JourneySpan, 'depth' | 'statements'> {
  readonly span: TraceSpan;
}

/** Depth first, each level by start; what has no known cause stands at the top. */
function nested(spans: readonly TraceSpan[]): Nested[] {
  const inOrder = spans.toSorted((one, other) => one.startMs - other.startMs);
  const ids = new Set(inOrder.map(({ spanId }) => spanId));
  const below = Map.groupBy(inOrder, ({ parentId }) => (ids.has(parentId) ? parentId : ''));
  // Each once: causes in a circle, or ids that stand twice, would be shown without end.
  const shown = new Set<TraceSpan>();
  const rowsOf = (parentId: string, depth: number): Nested[] =>
    (below.get(parentId) ?? []).flatMap((span) => {
      if (shown.has(span)) return [];
      shown.add(span);
      const statements = (below.get(span.spanId) ?? []).filter(isStatement).length;
      return [{ span, depth, statements }, ...rowsOf(span.spanId, depth + 1)];
    });
  const rows = rowsOf('', 0);
  const rest = inOrder.filter((span) => !shown.has(span));
  return [...rows, ...rest.map((span) => ({ span, depth: 0, statements: 0 }))];
}
