// RFC 9457 answers of the console: what is wrong and, in words for the person at the page, what to do about it.
import type { FastifyReply } from 'fastify';

/** One refused request. */
export interface Problem {
  readonly status: number;
  /** A short name of the fault for programs; the `type` is a relative URI made of it. */
  readonly code: string;
  readonly title: string;
  /** A sentence for people. */
  readonly detail: string;
}

/** Answers with a problem. */
export const sendProblem = (reply: FastifyReply, { status, code, title, detail }: Problem): FastifyReply =>
  reply
    .code(status)
    .type('application/problem+json')
    .send({ type: `/problems/${code}`, status, code, title, detail });
