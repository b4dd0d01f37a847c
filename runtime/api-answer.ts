// An admitted and valid request in, the handler's answer as HTTP out: versions as ETags, stored answers for repeated keys.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerKey } from './api-access.ts';
import type { Answer, Call, Route } from './api-route.ts';
import { AppError } from './errors.ts';
import { failedAnswer } from './http-errors.ts';
import { answerOnce, type KeyStore, readKey, type StoredAnswer } from './idempotency.ts';
import { PROBLEM_TYPE, Problem } from './problem.ts';
import { continueTrace } from './trace.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The body as it came, where the route asks for it. */
    rawBody: string | null;
  }
}

/** Answers requests to a route. */
export function answerer(route: Route, keys: KeyStore | undefined) {
  if (!route.isIdempotent) {
    return async (request: FastifyRequest, reply: FastifyReply) => {
      const answer = await route.handle(callOf(route, request, undefined));
      return send(route, request, reply, answer.status, headersOf(answer), answer.body);
    };
  }
  if (!keys) throw new AppError('route-invalid', `${route.url} is idempotent: give its service a database`);
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const key = readKey(request.headers['idempotency-key']);
    const { method, url, body } = request;
    const keyed = { caller: callerKey(request.caller!), key, method, url, body };
    const answer = await answerOnce(keys, keyed, () => workOf(route, request, key));
    if (answer.isReplayed) reply.header('idempotency-replayed', 'true');
    return send(route, request, reply, answer.status, answer.headers, answer.body);
  };
}

/** A refusal is an answer too, and is stored; errors of ours are thrown on. */
async function workOf(route: Route, request: FastifyRequest, key: string): Promise<StoredAnswer> {
  try {
    const answer = await route.handle(callOf(route, request, key));
    assertDeclared(route, answer.status);
    return { status: answer.status, body: answer.body, headers: headersOf(answer) };
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500) throw error;
    const { status, body, headers } = failedAnswer(error);
    return { status, body, headers: { ...headers, 'content-type': PROBLEM_TYPE } };
  }
}

function callOf(route: Route, request: FastifyRequest, idempotencyKey: string | undefined): Call {
  const { params, query, body, headers, ip } = request;
  return {
    params,
    query,
    // What no schema has seen no handler sees.
    body: route.body ? body : undefined,
    caller: request.caller!,
    headers,
    ip,
    get traceparent() {
      return request.span?.traceparent ?? continueTrace(headers.traceparent);
    },
    idempotencyKey,
    ifMatch: route.ifMatch && readIfMatch(headers['if-match'], route.ifMatch),
    rawBody: request.rawBody ?? undefined,
  };
}

function readIfMatch(header: string | undefined, need: 'required' | 'optional'): number | undefined {
  if (header === undefined) {
    if (need === 'optional') return undefined;
    throw new Problem(428, 'if-match-required', 'Send If-Match with the ETag that you last saw.');
  }
  if (header === '*') return undefined;
  const version = /^"(\d{1,9})"$/.exec(header)?.[1];
  if (version !== undefined) return Number(version);
  // A weak tag never matches (RFC 9110 §13.1.1), nor does one that we did not give.
  if (/^(W\/)?"[^"]*"$/.test(header)) throw changedMeanwhile();
  throw new Problem(400, 'if-match-invalid', 'Send If-Match as one ETag with its quotes, such as "7".');
}

/** What a handler throws when the version of `ifMatch` is no longer the current one. */
export const changedMeanwhile = (): Problem =>
  new Problem(412, 'changed-meanwhile', 'It was changed meanwhile: read it again, then repeat your change.');

function headersOf({ version, location, headers, contentType }: Answer): Record<string, string> {
  return {
    ...(version === undefined ? {} : { etag: `"${version}"` }),
    ...(location === undefined ? {} : { location }),
    ...headers,
    ...(contentType === undefined ? {} : { 'content-type': contentType }),
  };
}

function send(
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: unknown,
): FastifyReply {
  if (headers['content-type'] === PROBLEM_TYPE) {
    return reply.code(status).headers(headers).serializer(JSON.stringify).send(body);
  }
  assertDeclared(route, status);
  reply.headers(headers);
  if (headers.etag && isKnown(request, headers.etag)) return reply.code(304).send();
  if (route.answers[status] === null) return reply.code(status).send();
  return reply.code(status).send(body);
}

/** RFC 9110 §13.1.2: for reading, weak tags count too. */
function isKnown({ method, headers }: FastifyRequest, etag: string): boolean {
  const known = headers['if-none-match'];
  if (known === undefined || (method !== 'GET' && method !== 'HEAD')) return false;
  return known.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag || tag.trim() === '*');
}

/** An answer without a schema would be written as it is, with whatever is in it. */
function assertDeclared(route: Route, status: number): void {
  if (status in route.answers) return;
  throw new AppError('answer-undeclared', `${route.method} ${route.url} does not declare answer ${status}`);
}
