// How many requests there are, how long they take and how they end, by the route's template: urls would be without number.
import type { FastifyInstance } from 'fastify';
import { Gauge, Histogram, type Registry } from '../metrics.ts';

/** Probes and scrapes tell nothing of how callers are served. */
const UNCOUNTED = new Set(['/livez', '/readyz', '/metrics']);
const BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Of requests whose caller went away before the answer was out; nginx has made this number known. */
const CALLER_LEFT = 499;

/** Measures every request from its arrival until its connection is done with it. */
export function measureRequests(app: FastifyInstance, registry: Registry): void {
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the arrival of a request to the end of its answer',
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
    const route = request.is404 ? 'unmatched' : request.routeOptions.url!;
    if (!UNCOUNTED.has(route)) {
      const startedAt = performance.now();
      inFlight.inc();
      // `close` comes once for each, `finish` not for those whose caller has left.
      reply.raw.once('close', () => {
        inFlight.dec();
        const status = reply.raw.writableFinished ? reply.raw.statusCode : CALLER_LEFT;
        duration.observe({ method: request.method, route, status }, (performance.now() - startedAt) / 1_000);
      });
    }
    done();
  });
}
