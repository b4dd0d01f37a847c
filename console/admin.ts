// Who may change something through the console: an admin, by the access token that the user service gave them. The storefront
// passes it on; the console looks at it itself, so that nobody else on this machine can do what only an admin may.
import type { FastifyRequest } from 'fastify';
import { assertAllowed, identify } from '#runtime/http/gate.ts';
import { Problem } from '#runtime/http/problem.ts';
import { createTokenVerifier, type TokenSettings } from '#runtime/http/tokens.ts';

/** @throws Problem 401 or 403 for anybody but an admin; 503 while tokens cannot be checked */
export type AdminCheck = (request: Pick<FastifyRequest, 'headers'>) => Promise<void>;

interface AdminSettings {
  readonly TOKEN_ISSUER?: string | undefined;
  readonly TOKEN_AUDIENCE?: string | undefined;
  readonly TOKEN_JWKS_URL?: string | undefined;
}

/** Without the settings of a user service there are no admins, and everybody is refused. */
export function createAdminCheck(settings: AdminSettings): AdminCheck {
  const { TOKEN_ISSUER, TOKEN_AUDIENCE, TOKEN_JWKS_URL } = settings;
  if (!TOKEN_ISSUER || !TOKEN_AUDIENCE || !TOKEN_JWKS_URL)
    return async () => {
      throw new Problem(403, 'no-admins', 'No user service is known here, so nobody is an admin.');
    };
  const known: TokenSettings = { TOKEN_ISSUER, TOKEN_AUDIENCE, TOKEN_JWKS_URL };
  const verify = createTokenVerifier(known);
  return async (request) => {
    const caller = await identify(request, verify);
    if (caller instanceof Problem) throw caller;
    assertAllowed('admin', caller);
  };
}
