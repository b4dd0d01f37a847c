// Headers of every answer, and the refusal of foreign host names: a page on the web must not reach this server by DNS
// rebinding (it names its own host), and no answer of ours is a page.
import type { FastifyInstance } from 'fastify';
import { FOREIGN_HOST_REMEDY, isForeign, knownHosts, MISDIRECTED } from '#runtime/http/hosts.ts';
import { sendProblem } from './problem.ts';

const HEADERS = {
  'content-security-policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-cache',
};

/**
 * Installs the headers; a request for another host than this machine, or `allowedHosts`, is answered with 421.
 * @param allowedHosts `any` where no browser reaches it: in a cluster its callers are chosen by the network
 */
export function useSecurity(app: FastifyInstance, allowedHosts: readonly string[] | 'any' = []): void {
  const hosts = allowedHosts === 'any' ? undefined : knownHosts(allowedHosts);
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(HEADERS);
    if (!hosts || !isForeign(hosts, request.raw)) return undefined;
    return sendProblem(reply, {
      status: MISDIRECTED,
      code: 'foreign-host',
      title: 'Not this host',
      detail: FOREIGN_HOST_REMEDY,
    });
  });
}
