// Whatever a handler threw in, the problem that the client reads and the facts that the log gets out.

import { AppError } from '../errors.ts';
import { faultsOf, invalidRequest, type SchemaFault } from './faults.ts';
import { blankProblem, Problem, type ProblemBody, problemBody } from './problem.ts';

/** An answer that tells of a failure. */
export interface FailedAnswer {
  readonly status: number;
  readonly body: ProblemBody;
  readonly headers: Readonly<Record<string, string>>;
}

/** What Fastify adds to the errors it makes itself. */
interface FrameworkError extends Error {
  readonly statusCode?: number;
  readonly validation?: readonly SchemaFault[];
  readonly validationContext?: string;
}

/** A 4xx says what is wrong with the request; a 5xx says nothing about our insides. */
export function failedAnswer(error: unknown): FailedAnswer {
  if (error instanceof Problem) {
    return { status: error.status, body: problemBody(error), headers: error.headers };
  }
  const { statusCode = 500, validation, validationContext, message } = (error ?? {}) as FrameworkError;
  if (validation) return failedAnswer(invalidRequest(faultsOf(validation, validationContext)));
  if (isOutage(error)) {
    return { status: 503, body: blankProblem(503), headers: { 'retry-after': '1' } };
  }
  if (statusCode < 400 || error instanceof AppError) return blank(500);
  if (statusCode >= 500) return blank(statusCode);
  if (statusCode === 415) return blank(415, 'Send the body as application/json.');
  // Fastify's own sentences quote nothing that came with the request; of others' nobody knows.
  return blank(
    statusCode,
    String((error as { code?: unknown }).code).startsWith('FST_') ? message : undefined,
  );
}

const blank = (status: number, detail?: string): FailedAnswer => ({
  status,
  body: blankProblem(status, detail),
  headers: {},
});

/**
 * Connections that cannot be made or broke, Postgres on its way down or up (SQLSTATE classes 08 and 57P, 53300), a sign-in that was
 * refused (28000, 28P01: IAM or the source of its tokens may be away), and work that Postgres took back because of other work at the
 * same time (40001, 40P01): all pass, and nothing was done.
 */
const OUTAGE_CODES =
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|08\w{3}|57P0[123]|53300|28000|28P01|40001|40P01)$/;
/** The pool and the client of `pg` have no codes for these. */
const OUTAGE_MESSAGES =
  /^(timeout exceeded when trying to connect|Connection terminated|Query read timeout|Client has encountered a connection error)/;

/** Whether the same request may well succeed in a moment. */
export function isOutage(error: unknown): boolean {
  if (error instanceof AppError) return false;
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  return OUTAGE_CODES.test(String(code)) || OUTAGE_MESSAGES.test(String(message));
}
