// What every page needs: security headers, refusals as pages, forms read by a schema, the frame, compression.
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { messageOf } from '#runtime/errors.ts';
import { failedAnswer } from '#runtime/http/errors.ts';
import { blankProblem, PROBLEM_TYPE } from '#runtime/http/problem.ts';
import type { Logger } from '#runtime/log.ts';
import { createCookies } from './bff/cookies.ts';
import { readGuestCart } from './bff/guest-cart.ts';
import { localeOf } from './bff/locale.ts';
import { assertSameOrigin } from './bff/same-origin.ts';
import { createServices, Refused } from './bff/services.ts';
import { createSessions } from './bff/session.ts';
import type { StorefrontConfig } from './config.ts';
import type { Frame } from './pages/frame.tsx';
import type { Pages } from './pages/pages.tsx';

const zip = promisify(gzip);
const WORTH_ZIPPING_BYTES = 1_024;

/** What the routes of pages share. */
export type Site = ReturnType<typeof createSite>;

export function createSite(config: StorefrontConfig, pages: Pages) {
  const cookies = createCookies(config.SHOP_URL);
  const services = createServices(config);
  const sessions = createSessions(cookies, services);
  const frame = async (
    request: FastifyRequest,
    reply: FastifyReply,
    accessToken?: string | undefined,
  ): Promise<Frame> => {
    const token = accessToken ?? (await sessions.accessToken(request, reply));
    const count = token
      ? await services.cart(token).then(
          ({ lines }) => countOf(lines),
          () => 0,
        )
      : countOf(readGuestCart(cookies.read(request, 'cart')));
    return {
      shopName: config.SHOP_NAME,
      locale: localeOf(request.headers['accept-language']),
      cartCount: count,
      isSignedIn: token !== undefined,
      notice: takeNotice(request, reply),
      mailboxUrl: config.MAILBOX_URL,
    };
  };
  const takeNotice = (request: FastifyRequest, reply: FastifyReply): string | undefined => {
    const notice = cookies.read(request, 'notice');
    if (notice) cookies.clear(reply, 'notice');
    return NOTICES.get(notice ?? '');
  };
  return { config, pages, cookies, services, sessions, frame };
}

/** Words that the next page shows once; the cookie holds the name alone. */
const NOTICES: ReadonlyMap<string, string> = new Map([
  ['added', 'It is in your cart.'],
  ['confirmed', 'Your e-mail is confirmed. You can sign in now.'],
  ['password-set', 'Your new password is set. You can sign in now.'],
  ['signed-out', 'You are signed out.'],
]);

const countOf = (lines: readonly { readonly quantity: number }[]): number =>
  lines.reduce((sum, { quantity }) => sum + quantity, 0);

/** A page; what somebody else could see of it is never kept. */
export const sendPage = (reply: FastifyReply, html: string, status = 200): FastifyReply =>
  reply.code(status).header('cache-control', 'no-store').type('text/html; charset=utf-8').send(html);

export async function installSite(app: FastifyInstance, site: Site, log: Logger): Promise<void> {
  const origin = new URL(site.config.SHOP_URL).origin;
  const images = site.config.IMAGES_ORIGIN ? ` ${new URL(site.config.IMAGES_ORIGIN).origin}` : '';
  const policy = `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:${images}; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({
      'content-security-policy': policy,
      'cross-origin-opener-policy': 'same-origin',
      'permissions-policy': 'camera=(), geolocation=(), microphone=()',
      // Not `no-referrer`: browsers would then send `Origin: null` with forms, and every change would be refused.
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      ...(origin.startsWith('https:') ? { 'strict-transport-security': 'max-age=31536000' } : {}),
    });
    assertSameOrigin(request, origin);
  });
  await app.register(rateLimit, { max: site.config.RATE_LIMIT_PER_MINUTE, timeWindow: 60_000 });
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: 16_384 },
    (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(body as string))),
  );
  app.addHook('onSend', async ({ headers }, reply, payload) => {
    const isHtml = String(reply.getHeader('content-type') ?? '').startsWith('text/html');
    if (!isHtml || typeof payload !== 'string' || payload.length < WORTH_ZIPPING_BYTES) return payload;
    reply.header('vary', 'accept-encoding');
    if (!/\bgzip\b/.test(String(headers['accept-encoding']))) return payload;
    reply.removeHeader('content-length').header('content-encoding', 'gzip');
    return zip(payload, { level: constants.Z_BEST_SPEED });
  });
  app.setErrorHandler((error, request, reply) => sendFailurePage(site, log, error, request, reply));
  // Fastify has one handler for unknown pages, and the operations endpoints have set it.
  app.get('/*', () => {
    throw new Refused(404, 'not-found', 'There is no such page.');
  });
}

async function sendFailurePage(
  site: Site,
  log: Logger,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const isAway = (error as { code?: unknown }).code === 'service-away';
  const status = error instanceof Refused ? error.status : isAway ? 503 : failedAnswer(error).status;
  if (status >= 500) log.error({ reason: messageOf(error), url: request.routeOptions.url }, 'a page failed');
  if (!String(request.headers.accept ?? '').includes('text/html'))
    return reply
      .code(status)
      .type(PROBLEM_TYPE)
      .send(JSON.stringify(blankProblem(status)));
  const words =
    status >= 500 ? 'Something on our side does not answer. Please try again in a moment.' : messageOf(error);
  const frame = { shopName: site.config.SHOP_NAME, locale: 'en', cartCount: 0, isSignedIn: false };
  const title = status === 404 ? 'Not found' : status >= 500 ? 'A moment, please' : 'That did not work';
  return sendPage(reply, site.pages.failure({ frame, title, words }), status);
}
