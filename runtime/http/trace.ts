// A span for each request, from its arrival until its answer is out: named by the route's template, as the metrics are.
import type { FastifyInstance } from 'fastify';
import { type Span, startSpan } from '../telemetry.ts';

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
        parent: headers.traceparent,
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
