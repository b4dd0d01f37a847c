// Whatever a handler threw in, the problem that the client reads and the facts that the log gets out.

import { AppError } from '../errors.ts';
import { isOutage } from '../postgres/outage.ts';
import { faultsOf, invalidRequest, type SchemaFault } from './faults.ts';
import { blankProblem, Problem, type ProblemBody, problemBody } from './problem.ts';

interface Refusal {
  readonly status: number;
  readonly detail: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** By the code of an error that knows no HTTP: what a client reads when stores and keys refuse. Other codes are faults of ours. */
const REFUSALS: ReadonlyMap<string, Refusal> = new Map([
  [
    'changed-meanwhile',
    { status: 412, detail: 'It was changed meanwhile: read it again, then repeat your change.' },
  ],
  [
    'idempotency-key-reused',
    { status: 422, detail: 'This Idempotency-Key was used for another request: take a new one.' },
  ],
  [
    'request-in-progress',
    {
      status: 409,
      detail: 'The first request with this Idempotency-Key is still worked on: ask again in a moment.',
      headers: { 'retry-after': '1' },
    },
  ],
]);

/** The problem that an error is: itself, or by the table of refusals; undefined for any other error. */
export function problemOf(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  const refusal = error instanceof AppError ? REFUSALS.get(error.code) : undefined;
  return (
    refusal && new Problem(refusal.status, (error as AppError).code, refusal.detail, {}, refusal.headers)
  );
}

/** An answer that reports a failure. */
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
  const problem = problemOf(error);
  if (problem) return { status: problem.status, body: problemBody(problem), headers: problem.headers };
  const { statusCode = 500, validation, validationContext, message } = (error ?? {}) as FrameworkError;
  if (validation) return failedAnswer(invalidRequest(faultsOf(validation, validationContext)));
  if (isOutage(error)) {
    return { status: 503, body: blankProblem(503), headers: { 'retry-after': '1' } };
  }
  if (statusCode < 400 || error instanceof AppError) return blank(500);
  if (statusCode >= 500) return blank(statusCode);
  if (statusCode === 415) return blank(415, 'Send the body as application/json.');
  // Fastify's own messages quote nothing of the request; messages of others may.
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
