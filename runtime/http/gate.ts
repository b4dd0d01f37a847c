// Before anything of a request's body is read: who asks, how often, and whether they may.
import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { callerKey, judge } from './access.ts';
import { Problem } from './problem.ts';
import type { AnonymousCaller, Caller, Route } from './route.ts';
import type { TokenVerifier } from './tokens.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the gate. */
    caller: Caller | null;
  }
}

export interface GateOptions {
  readonly verify: TokenVerifier;
  /** Of one caller, or of one address without a token. */
  readonly callsPerMinuteMax: number;
}

/** The hook for a route: it lets the callers through that the route's rule names. */
export type GateOf = (route: Route) => (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

const ANONYMOUS: AnonymousCaller = { kind: 'anonymous' };
const BEARER = /^Bearer +([\w.~+/-]+=*) *$/i;
const MINUTE_MS = 60_000;
/** Callers that are counted at the same time; one more replaces the caller who was not seen for longest. */
const COUNTED_MAX = 20_000;

/**
 * Prepares gates for the routes of a server. Each replica counts for itself: with n of them a caller gets up to n times the
 * limit, which is meant to keep one caller from starving the others, not to bill them.
 */
export async function createGates(app: FastifyInstance, options: GateOptions): Promise<GateOf> {
  await app.register(rateLimit, { global: false, cache: COUNTED_MAX });
  app.decorateRequest('caller', null);
  const limitOf = (max: number) =>
    app.createRateLimit({
      max,
      timeWindow: MINUTE_MS,
      keyGenerator: ({ caller, ip }) =>
        caller && caller.kind !== 'anonymous' ? callerKey(caller) : addressKey(ip),
    });
  const common = limitOf(options.callsPerMinuteMax);
  return (route) => {
    const limits = [common];
    if (route.callsPerMinuteMax !== undefined) limits.push(limitOf(route.callsPerMinuteMax));
    return async (request, reply) => {
      const identified = await identify(request, options.verify);
      request.caller = identified instanceof Problem ? ANONYMOUS : identified;
      // Services call for many people; what stops those has stopped them before.
      if (request.caller.kind !== 'service') {
        // Counted also when it will be refused: guessing tokens must not be free.
        for (const limit of limits) {
          const count = await limit(request);
          if (!count.isAllowed && count.isExceeded) throw tooMany(count.ttlInSeconds);
        }
      }
      if (identified instanceof Problem && route.access !== 'anyone') throw identified;
      admit(route, request.caller, reply);
    };
  };
}

/** Of IPv6 a whole subnet is one caller. */
const addressKey = (ip: string): string => (ip.includes(':') ? normalizeIP(ip) : ip);

/** An invalid token, or keys that cannot be had, come back as the problem: whether it matters is the route's rule. */
async function identify(request: FastifyRequest, verify: TokenVerifier): Promise<Caller | Problem> {
  const { authorization } = request.headers;
  if (authorization === undefined) return ANONYMOUS;
  const token = BEARER.exec(authorization)?.[1];
  if (token === undefined) return signInFirst();
  try {
    return await verify(token);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
}

function admit(route: Route, caller: Caller, reply: FastifyReply): void {
  // Answers to a token are for its bearer alone (RFC 9111 §3.5); a route that knows better says so in its answer.
  if (caller.kind !== 'anonymous' || route.access !== 'anyone') reply.header('cache-control', 'no-store');
  const verdict = judge(route.access, caller);
  if (verdict === 'sign-in') throw signInFirst();
  if (verdict === 'refused') throw new Problem(403, 'not-allowed', 'You may not do this.');
}

const signInFirst = (): Problem =>
  new Problem(
    401,
    'sign-in-first',
    'Send a token: Authorization: Bearer <token>.',
    {},
    // RFC 6750 §3: without credentials the challenge has no error code.
    { 'www-authenticate': 'Bearer' },
  );

const tooMany = (seconds: number): Problem =>
  new Problem(
    429,
    'too-many-requests',
    'Too many requests in the last minute: wait.',
    {},
    { 'retry-after': String(seconds) },
  );
