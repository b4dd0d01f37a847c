// Sessions over HTTP: signing in and out, new tokens, and the keys that verify them. Tokens are in bodies only, never in URLs.
import { z } from 'zod';
import { Problem, type Route, route } from '#runtime/http/api.ts';
import type { Sessions } from './domain.ts';

const refreshToken = z.string().min(1).max(128);
const signedInData = z.object({
  userId: z.string(),
  accessToken: z.string(),
  tokenType: z.literal('Bearer'),
  expiresInS: z.int(),
  refreshToken: z.string(),
});
const publicKeyData = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string(),
  kid: z.string(),
  alg: z.literal('EdDSA'),
  use: z.literal('sig'),
});

/** No cache may keep tokens (RFC 6749 §5.1). */
const NO_STORE = { 'cache-control': 'no-store' };
/** A new key is public a day before it signs, so this is short enough. */
const KEYS_CACHED = { 'cache-control': 'public, max-age=300' };

/** The endpoints of sessions. None takes an Idempotency-Key: the stored answer would hold tokens. */
export const sessionRoutes = (sessions: Sessions): Route[] => [
  signInRoute(sessions),
  refreshRoute(sessions),
  ...signOutRoutes(sessions),
  route(
    {
      method: 'GET',
      url: '/.well-known/jwks.json',
      access: 'anyone',
      summary: 'The public keys of access tokens (RFC 7517).',
      answers: { 200: z.object({ keys: z.array(publicKeyData) }) },
    },
    async () => ({ status: 200, body: await sessions.publicKeys(), headers: KEYS_CACHED }),
  ),
];

const signInRoute = (sessions: Sessions): Route =>
  route(
    {
      method: 'POST',
      url: '/sessions',
      access: 'anyone',
      summary: 'Signs in: an access token of 15 minutes and a refresh token for the next.',
      body: z.object({ email: z.string().min(1).max(254), password: z.string().min(1).max(512) }),
      answers: { 201: signedInData },
      problems: [401, 429, 503],
      callsPerMinuteMax: 30,
    },
    async ({ body, ip }) => {
      const result = await sessions.signIn(body.email, body.password, ip);
      if (result.kind === 'locked') {
        const retryAfter = String(Math.ceil(result.retryAfterMs / 1_000));
        const detail = 'Too many failed attempts: wait before the next, or set a new password by mail.';
        throw new Problem(429, 'sign-in-locked', detail, {}, { 'retry-after': retryAfter });
      }
      if (result.kind === 'refused') {
        throw new Problem(
          401,
          'sign-in-refused',
          'Address or password is wrong, or the address is not verified yet.',
        );
      }
      return { status: 201, body: { ...result, tokenType: 'Bearer' }, headers: NO_STORE };
    },
  );

const refreshRoute = (sessions: Sessions): Route =>
  route(
    {
      method: 'POST',
      url: '/sessions/refresh',
      access: 'anyone',
      summary: 'New tokens for a refresh token, which is then used up. Using one twice ends its session.',
      body: z.object({ refreshToken }),
      answers: { 200: signedInData },
      problems: [401],
    },
    async ({ body }) => {
      const result = await sessions.refresh(body.refreshToken);
      if (result.kind === 'refused') {
        throw new Problem(401, 'session-over', 'The session is over: sign in again.');
      }
      return { status: 200, body: { ...result, tokenType: 'Bearer' }, headers: NO_STORE };
    },
  );

const signOutRoutes = (sessions: Sessions): Route[] => [
  route(
    {
      method: 'POST',
      url: '/sessions/sign-out',
      access: 'anyone',
      summary: 'Ends the session of a refresh token.',
      body: z.object({ refreshToken }),
      answers: { 204: null },
    },
    async ({ body }) => {
      await sessions.signOut(body.refreshToken);
      return { status: 204 };
    },
  ),
  route(
    {
      method: 'DELETE',
      url: '/users/me/sessions',
      access: 'signed-in',
      summary: 'Ends every session of who asks; access tokens that are out live on for up to 15 minutes.',
      answers: { 204: null },
    },
    async ({ caller }) => {
      await sessions.signOutEverywhere(caller.userId);
      return { status: 204 };
    },
  ),
];
