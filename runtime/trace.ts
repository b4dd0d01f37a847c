// W3C Trace Context (https://www.w3.org/TR/trace-context/): the `traceparent` that follows a cause through requests and events.
import { randomUUID } from 'node:crypto';

const FORM = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;

/** A span in its trace. */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** 1: somebody records this trace. */
  readonly traceFlags: number;
}

/** The context that a header carries; undefined for one that is none: others would have to guard against it. */
export function traceContextOf(header: string | string[] | undefined): TraceContext | undefined {
  const [, traceId, spanId, flags] = (typeof header === 'string' && FORM.exec(header)) || [];
  if (!traceId || !spanId || !flags) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1 };
}

/** For the lines of a log, by which they are found from a trace and the trace from them; left out where there is none. */
export const traceIdOf = (traceparent: string | undefined): { traceId?: string } => {
  const context = traceContextOf(traceparent);
  return context ? { traceId: context.traceId } : {};
};

export const traceparentOf = ({ traceId, spanId, traceFlags }: TraceContext): string =>
  `00-${traceId}-${spanId}-0${traceFlags & 1}`;

/** 32 digits. From a UUID: Node keeps random bytes ready for those, while `randomBytes` asks the system each time. */
const randomHex = (): string => randomUUID().replaceAll('-', '');

/** The context for what a request causes: a new span of the trace that came, or the first span of a new trace. */
export function continueTrace(header: string | string[] | undefined): string {
  const came = traceContextOf(header);
  return traceparentOf({
    traceId: came?.traceId ?? randomHex(),
    spanId: randomHex().slice(16),
    traceFlags: came?.traceFlags ?? 1,
  });
}
