// The session of a browser: its tokens lie in HttpOnly cookies, and page scripts never see them. An access token that is over is
// renewed once, also when several requests of one browser come together: the second use of a refresh token would end the session.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { messageOf } from '#runtime/errors.ts';
import type { Tokens } from './answers.ts';
import type { Cookies } from './cookies.ts';
import { Refused } from './refused.ts';
import type { Services } from './services.ts';

/** As long as the user service takes a refresh token. */
const REFRESH_S = 30 * 86_400;
/** Requests that came with the old token a moment later get the same new one. */
const REMEMBER_MS = 20_000;
/** An access token must outlast the request that it is sent with. */
const EARLY_S = 30;
const REMEMBERED_MAX = 10_000;

type SessionServices = Pick<Services, 'refresh' | 'signOut'>;

export interface Sessions {
  /** The access token of a request; undefined for a guest. */
  accessToken(request: FastifyRequest, reply: FastifyReply): Promise<string | undefined>;
  begin(reply: FastifyReply, tokens: Tokens): void;
  /** Whether the browser has a session, as far as its cookies say. */
  isBegun(request: FastifyRequest): boolean;
  /** Takes the cookies back. */
  forget(reply: FastifyReply): void;
  /** Ends it here, and at the user service if that answers: a browser that asked for it has no session afterwards. */
  end(request: FastifyRequest, reply: FastifyReply): Promise<void>;
}

export function createSessions(
  cookies: Cookies,
  servicesOf: (request: FastifyRequest) => SessionServices,
): Sessions {
  const renew = createRenewal();
  const begin = (reply: FastifyReply, { accessToken, refreshToken, expiresInS }: Tokens): void => {
    cookies.write(reply, 'access', accessToken, Math.max(1, expiresInS - EARLY_S));
    cookies.write(reply, 'refresh', refreshToken, REFRESH_S);
  };
  const forget = (reply: FastifyReply): void => {
    cookies.clear(reply, 'access');
    cookies.clear(reply, 'refresh');
  };
  return {
    begin,
    forget,
    isBegun: (request) => ['access', 'refresh'].some((name) => cookies.read(request, name as 'access')),
    accessToken: async (request, reply) => {
      const present = cookies.read(request, 'access');
      if (present) return present;
      const refreshToken = cookies.read(request, 'refresh');
      if (!refreshToken) return undefined;
      try {
        const tokens = await renew(refreshToken, servicesOf(request));
        begin(reply, tokens);
        return tokens.accessToken;
      } catch (error) {
        if (!(error instanceof Refused) || error.status === 429) throw error;
        forget(reply);
        return undefined;
      }
    },
    end: async (request, reply) => {
      const refreshToken = cookies.read(request, 'refresh');
      forget(reply);
      if (!refreshToken) return;
      await servicesOf(request)
        .signOut(refreshToken)
        .catch((error: unknown) => {
          request.log.warn({ reason: messageOf(error) }, 'a session was ended in its browser alone');
        });
    },
  };
}

/** One renewal for all who come with the same token at about the same time. */
function createRenewal() {
  const renewals = new Map<string, Promise<Tokens>>();
  return (refreshToken: string, services: SessionServices): Promise<Tokens> => {
    const running = renewals.get(refreshToken);
    if (running) return running;
    const renewal = services.refresh(refreshToken);
    if (renewals.size < REMEMBERED_MAX) renewals.set(refreshToken, renewal);
    const drop = () => void setTimeout(() => renewals.delete(refreshToken), REMEMBER_MS).unref();
    renewal.then(drop, () => renewals.delete(refreshToken));
    return renewal;
  };
}
