// How many requests there are, how long they take and how they end, by the route's template: urls would be without number.
import type { FastifyInstance, FastifyReply } from 'fastify';
import { Gauge, Histogram, type Registry } from '../metrics.ts';

/** Probes and scrapes are not counted: they say nothing of how callers are served. */
const UNCOUNTED = new Set(['/livez', '/readyz', '/metrics']);
const BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Of requests whose caller went away before the answer was out; nginx has made this number known. */
const CALLER_LEFT = 499;

/** Measures every request from its arrival until its connection is done with it, or until its stream begins. */
export function measureRequests(app: FastifyInstance, registry: Registry): void {
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the arrival of a request to the end of its answer, or to the beginning of a stream',
    labelNames: ['method', 'route', 'status'],
    buckets: BUCKETS_S,
    registers: [registry],
  });
  const inFlight = new Gauge({
    name: 'http_requests_in_flight',
    help: 'Requests that have arrived and are not yet answered',
    registers: [registry],
  });
  app.addHook('onRequest', (request, reply, done) => {
    const { url } = request.routeOptions;
    const route = request.is404 ? 'unmatched' : url!;
    if (!UNCOUNTED.has(route)) {
      const startedAt = performance.now();
      inFlight.inc();
      const end = (status: number): void => {
        inFlight.dec();
        duration.observe({ method: request.method, route, status }, (performance.now() - startedAt) / 1_000);
      };
      // `close` comes once for each, `finish` not for those whose caller has left.
      const close = (): void => end(reply.raw.writableFinished ? reply.raw.statusCode : CALLER_LEFT);
      reply.raw.once('close', close);
      reply.raw.once('pipe', () => {
        if (!isEventStream(reply)) return;
        reply.raw.off('close', close);
        end(reply.raw.statusCode);
      });
    }
    done();
  });
}

/** It lasts as long as its reader likes: what is measured is how soon it begins. */
const isEventStream = (reply: FastifyReply): boolean =>
  String(reply.getHeader('content-type')).startsWith('text/event-stream');
