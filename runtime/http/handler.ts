// An admitted and valid request in, the handler's answer as HTTP out: versions as ETags, stored answers for repeated keys.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors.ts';
import { callerKey } from './access.ts';
import { isNamed, readIfMatch } from './conditions.ts';
import { failedAnswer, problemOf } from './failed-answer.ts';
import { answerOnce, type KeyStore, readKey, type StoredAnswer } from './idempotency.ts';
import { PROBLEM_TYPE } from './problem.ts';
import type { Answer, Call, Route } from './route.ts';

/** Answers requests to a route. */
export function handlerOf(route: Route, keys: KeyStore | undefined) {
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
    const problem = problemOf(error);
    if (!problem || problem.status >= 500) throw error;
    const { status, body, headers } = failedAnswer(problem);
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
    idempotencyKey,
    ifMatch: route.ifMatch && readIfMatch(headers['if-match'], route.ifMatch),
    rawBody: request.rawBody ?? undefined,
  };
}

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

function isKnown({ method, headers }: FastifyRequest, etag: string): boolean {
  const known = headers['if-none-match'];
  return known !== undefined && (method === 'GET' || method === 'HEAD') && isNamed(known, etag);
}

/** An answer without a schema would be written as it is, with whatever is in it. */
function assertDeclared(route: Route, status: number): void {
  if (status in route.answers) return;
  throw new AppError('answer-undeclared', `${route.method} ${route.url} does not declare answer ${status}`);
}
