// Headers of every answer, and the refusal of foreign host names: a page on the web must not reach this server by DNS
// rebinding (it names its own host), and nothing but our own files may run on our page.
import type { FastifyInstance } from 'fastify';
import { FOREIGN_HOST_REMEDY, isForeign, knownHosts, MISDIRECTED } from '#runtime/http/hosts.ts';
import { sendProblem } from './problem.ts';

/** Where the page may send uploads and load renditions from, beside itself. */
export interface ForeignOrigins {
  readonly uploads: string;
  readonly renditions: string;
}

/** Installs the headers; a request for another host than this machine, or `allowedHosts`, is answered with 421. */
export function useSecurity(
  app: FastifyInstance,
  origins: ForeignOrigins,
  allowedHosts: readonly string[] = [],
): void {
  const hosts = knownHosts(allowedHosts);
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
    if (!isForeign(hosts, request.raw)) return undefined;
    return sendProblem(reply, {
      status: MISDIRECTED,
      code: 'foreign-host',
      title: 'Not this host',
      detail: FOREIGN_HOST_REMEDY,
    });
  });
}
