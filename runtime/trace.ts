// The trace that is going on: W3C Trace Context (https://www.w3.org/TR/trace-context/) kept as OpenTelemetry's active context. It
// follows a request or an event through every await (AsyncLocalStorage), so no code passes a `traceparent` on by hand.
import { type Context, context, ROOT_CONTEXT, type SpanContext, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';

// One for the process: where there is one already, the call changes nothing.
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

const FORM = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;

/** The span that a header names; undefined for a header that is not valid, so that callers need not check it. */
export function spanContextOf(header: string | string[] | undefined): SpanContext | undefined {
  const [, traceId, spanId, flags] = (typeof header === 'string' && FORM.exec(header)) || [];
  if (!traceId || !spanId || !flags) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
}

export const traceparentOf = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-0${traceFlags & 1}`;

/** A field for a line of the log, by which the line and its trace are found from each other; empty where there is no trace. */
export const traceIdOf = (traceparent: string | undefined): { traceId?: string } => {
  const known = spanContextOf(traceparent);
  return known ? { traceId: known.traceId } : {};
};

/** The context in which the span of a header is the active one; without a valid header no span is active in it. */
export const contextOf = (header: string | string[] | undefined): Context => {
  const known = spanContextOf(header);
  return known ? trace.setSpanContext(ROOT_CONTEXT, known) : ROOT_CONTEXT;
};

/** Does work for a cause that was written down: what the work causes belongs to the trace of that cause. */
export const inTrace = <Result>(traceparent: string | undefined, work: () => Result): Result =>
  context.with(contextOf(traceparent), work);

/** What to write down or to send, so that later work continues this trace; undefined outside of every trace. */
export function activeTraceparent(): string | undefined {
  const active = trace.getSpanContext(context.active());
  return active && traceparentOf(active);
}
