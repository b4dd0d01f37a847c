// A span for each request, from its arrival until its answer is out: named by the route's template, as the metrics are.
import { context } from '@opentelemetry/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Span, startSpan } from '../spans.ts';
import { contextOf } from '../trace.ts';

declare module 'fastify' {
  interface FastifyRequest {
    span: Span | null;
  }
}

const UNTRACED = new Set(['/livez', '/readyz', '/metrics', '/.well-known/jwks.json']);

/** Gives every request of a route its span. */
export function traceRequests(app: FastifyInstance): void {
  app.decorateRequest('span', null);
  app.addHook('onRequest', (request, reply, done) => {
    const route = request.is404 ? 'unmatched' : request.routeOptions.url!;
    if (!UNTRACED.has(route)) {
      const { method, headers } = request;
      const attributes = { 'http.request.method': method, 'http.route': route };
      const span = startSpan(`${method} ${route}`, {
        kind: 'server',
        parent: contextOf(headers.traceparent),
        attributes,
      });
      request.span = span;
      reply.raw.once('close', () => {
        const status = reply.raw.statusCode;
        span.end(
          { 'http.response.status_code': status },
          status >= 500 ? new Error('answered with 5xx') : undefined,
        );
      });
    }
    done();
  });
}

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

/**
 * A handler that runs in the context of its request's span. Only here, behind the hooks: a context that a hook enters is lost
 * where a body is read, since the body's end is an event of the connection, which serves other requests too.
 */
export const inRequestSpan =
  (handler: Handler): Handler =>
  (request, reply) =>
    request.span
      ? context.with(request.span.context, handler, undefined, request, reply)
      : handler(request, reply);
