// Who may ask: presigned URLs until they expire, and pages of this machine (CORS). Signatures are not verified.
import type { FastifyInstance } from 'fastify';
import { FOREIGN_HOST_REMEDY, type HostRule, isForeign, MISDIRECTED } from '#runtime/http/hosts.ts';
import { isLocalOrigin } from '../server/origins.ts';
import { sendFault } from './faults.ts';
import { queryOf } from './request.ts';

const METHODS = 'GET, HEAD, PUT, OPTIONS';

/** Refuses presigned URLs that are expired or not yet valid with 403, as S3 does. */
export function useExpiry(app: FastifyInstance, now: () => number = Date.now): void {
  app.addHook('onRequest', async (request, reply) => {
    const { 'X-Amz-Date': date, 'X-Amz-Expires': expiresInS } = queryOf(request);
    if (date === undefined || expiresInS === undefined) return undefined;
    const signedAt = Date.parse(
      date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
    );
    const expiresAt = signedAt + Number(expiresInS) * 1_000;
    if (now() <= expiresAt) return undefined;
    const facts = Number.isNaN(expiresAt)
      ? {}
      : { Expires: new Date(expiresAt).toISOString(), ServerTime: new Date(now()).toISOString() };
    const message = 'Request has expired';
    return sendFault(reply, { status: 403, code: 'AccessDenied', message, facts });
  });
}

/** Answers only to the names of this machine, so that no site reads buckets under its own name. */
export function useKnownHosts(app: FastifyInstance, hosts: HostRule): void {
  app.addHook('onRequest', async (request, reply) => {
    if (!isForeign(hosts, request.raw)) return undefined;
    return sendFault(reply, { status: MISDIRECTED, code: 'ForeignHost', message: FOREIGN_HOST_REMEDY });
  });
}

/** Answers pages of this machine as a bucket with such a CORS rule does; all others are refused altogether. */
export function useCors(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    const { origin } = request.headers;
    if (origin === undefined) return undefined;
    if (!isLocalOrigin(origin)) {
      const message = 'CORSResponse: This CORS request is not allowed.';
      return sendFault(reply, { status: 403, code: 'AccessForbidden', message });
    }
    reply.headers({
      'access-control-allow-origin': origin,
      'access-control-expose-headers': 'ETag, x-amz-request-id, x-amz-version-id',
      vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
    });
    if (request.method !== 'OPTIONS') return undefined;
    const headers = request.headers['access-control-request-headers'];
    return reply
      .code(200)
      .headers({ 'access-control-allow-methods': METHODS, 'access-control-max-age': '3000' })
      .headers(headers ? { 'access-control-allow-headers': headers } : {})
      .send();
  });
}
