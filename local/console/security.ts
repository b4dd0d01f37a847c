// Headers of every answer, and the refusal of foreign host names: a page on the web must not reach this server by DNS
// rebinding (it names its own host), and nothing but our own files may run on our page.
import type { FastifyInstance } from 'fastify';
import { sendProblem } from './problem.ts';

const LOCAL_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;

/** Where the page may send uploads and load renditions from, beside itself. */
export interface ForeignOrigins {
  readonly uploads: string;
  readonly renditions: string;
}

/** Installs the headers; a request for another host than this machine is answered with 421. */
export function useSecurity(app: FastifyInstance, origins: ForeignOrigins): void {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `img-src 'self' ${origins.renditions}`,
    `connect-src 'self' ${origins.uploads}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({
      'content-security-policy': policy,
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': 'camera=(), geolocation=(), microphone=()',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-cache',
    });
    if (LOCAL_HOST.test(request.headers.host ?? '')) return undefined;
    return sendProblem(reply, {
      status: 421,
      code: 'foreign-host',
      title: 'Not this host',
      detail: 'The console answers on this machine only: use http://127.0.0.1.',
    });
  });
}
