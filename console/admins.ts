// Who may change something: an admin of the shop, by the access token that the user service signed. The storefront passes it on.
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Problem } from '#runtime/http/problem.ts';
import { createTokenVerifier, type TokenConfig } from '#runtime/http/tokens.ts';

/** Without them no caller is known, and nothing can be changed. */
export const adminConfig = {
  TOKEN_ISSUER: z.string().min(1).optional().describe('`iss` of the tokens of users'),
  TOKEN_AUDIENCE: z.string().min(1).optional().describe('`aud` of the tokens of users'),
  TOKEN_JWKS_URL: z.url().optional().describe('where the keys of user tokens are'),
};
type AdminConfig = z.infer<z.ZodObject<typeof adminConfig>>;

/** A hook for routes. @throws Problem 401 without a valid token, 403 for a caller who is no admin, 503 without settings */
export type AdminsOnly = (request: FastifyRequest) => Promise<void>;

const BEARER = /^Bearer +([\w.~+/-]+=*) *$/i;

export function createAdminsOnly({ TOKEN_ISSUER, TOKEN_AUDIENCE, TOKEN_JWKS_URL }: AdminConfig): AdminsOnly {
  if (!TOKEN_ISSUER || !TOKEN_AUDIENCE || !TOKEN_JWKS_URL)
    return async () => {
      throw new Problem(
        503,
        'no-admins',
        'This console knows no admins: TOKEN_ISSUER and its like are not set.',
      );
    };
  const users: TokenConfig = { TOKEN_ISSUER, TOKEN_AUDIENCE, TOKEN_JWKS_URL };
  const verify = createTokenVerifier(users);
  return async ({ headers: { authorization } }) => {
    const token = BEARER.exec(authorization ?? '')?.[1];
    if (!token)
      throw new Problem(401, 'sign-in-first', 'Sign in as an admin.', {}, { 'www-authenticate': 'Bearer' });
    const caller = await verify(token);
    if (caller.kind !== 'user' || caller.role !== 'admin')
      throw new Problem(403, 'not-allowed', 'Only an admin may do this.');
  };
}
