// The answer to a request that fails: a problem (RFC 9457) made of a code, with nothing internal in it.
import { STATUS_CODES } from 'node:http';
import { AppError } from '../errors.ts';

/** The media type of every answer that is a problem. */
export const PROBLEM_TYPE = 'application/problem+json';

/** The members of a problem: those of RFC 9457 §3.1, our code, and what the code brings along. */
export interface ProblemBody {
  readonly type: string;
  readonly status: number;
  readonly title: string;
  readonly detail?: string;
  /** A short name of the fault for programs; `type` is a relative URI made of it. */
  readonly code?: string;
  readonly [extension: string]: unknown;
}

/**
 * An answer that is not what was asked for; throw it from a handler.
 * @example throw new Problem(409, 'price-changed', 'The total is now higher: confirm it.', { totalMinor: 1200 })
 */
export class Problem extends AppError {
  readonly status: number;
  /** Members of the body beside the usual ones; the client sees them. */
  readonly extra: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  /** @param detail a sentence for people: what is wrong and what to do; never a value that came with the request. */
  constructor(
    status: number,
    code: string,
    detail: string,
    extra: Readonly<Record<string, unknown>> = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(code, detail, { status });
    this.name = 'Problem';
    this.status = status;
    this.extra = extra;
    this.headers = headers;
  }
}

/** The body of a problem; extensions cannot replace the members of the standard. */
export const problemBody = ({ status, code, message, extra }: Problem): ProblemBody => ({
  ...extra,
  type: `/problems/${code}`,
  status,
  title: titleOf(code),
  detail: message,
  code,
});

/** With `about:blank` the title is the status's own phrase (RFC 9457 §4.2.1). */
export const blankProblem = (status: number, detail?: string): ProblemBody => ({
  type: 'about:blank',
  status,
  title: STATUS_CODES[status] ?? 'Error',
  ...(detail ? { detail } : {}),
});

/** The title names the kind of problem, so it is the same for each problem of that kind (RFC 9457 §3.1.4). */
const titleOf = (code: string): string => {
  const words = code.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};
