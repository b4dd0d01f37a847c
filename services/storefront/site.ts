// What every page needs: the frame, security headers, forms, refusals as pages, compression.
import { gzipSync } from 'node:zlib';
import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { messageOf } from '#runtime/errors.ts';
import { failedAnswer } from '#runtime/http/failed-answer.ts';
import { blankProblem, PROBLEM_TYPE } from '#runtime/http/problem.ts';
import type { Logger } from '#runtime/log.ts';
import { createCookies } from './bff/cookies.ts';
import { readGuestCart } from './bff/guest-cart.ts';
import { localeOf } from './bff/locale.ts';
import { notFound, Refused } from './bff/refused.ts';
import { assertSameOrigin } from './bff/same-origin.ts';
import { createServices, SERVICE_AWAY } from './bff/services.ts';
import { createSessions } from './bff/session.ts';
import { signInUrl } from './bff/sign-in-return.ts';
import type { StorefrontConfig } from './config.ts';
import type { AllPages } from './pages/all-pages.ts';
import type { Frame } from './pages/props.ts';

const WORTH_ZIPPING_BYTES = 1_024;
/** Between the fastest (1) and the usual (6), with a quarter of its memory: pages are small, and compressed at each request. */
const ZIP = { level: 4, windowBits: 14, memLevel: 7 };

/** Where the platform pages begin. */
export const PLATFORM_PATH = '/platform';

/** What the routes of pages share. */
export type Site = ReturnType<typeof createSite>;

export function createSite(config: StorefrontConfig, pages: AllPages) {
  const cookies = createCookies(config.SHOP_URL);
  const servicesOf = ({ ip }: FastifyRequest) => createServices(config, ip);
  const sessions = createSessions(cookies, servicesOf);
  const takeNotice = (request: FastifyRequest, reply: FastifyReply): string | undefined => {
    const notice = cookies.read(request, 'notice');
    if (notice) cookies.clear(reply, 'notice');
    return NOTICES.get(notice ?? '');
  };
  /** What is known without asking a service. */
  const frameOffline = (request: FastifyRequest): Frame => ({
    shopName: config.SHOP_NAME,
    locale: localeOf(request.headers['accept-language']),
    cartCount: countOf(readGuestCart(cookies.read(request, 'cart'))),
    isSignedIn: sessions.isBegun(request),
    mailboxUrl: config.MAILBOX_URL,
    platformUrl: config.CONSOLE_URL && config.PLATFORM_FOR === 'anyone' ? PLATFORM_PATH : undefined,
  });
  const frame = async (
    request: FastifyRequest,
    reply: FastifyReply,
    accessToken?: string,
  ): Promise<Frame> => {
    // Null: it cannot be renewed just now. The page is worth showing, and the session is still there later.
    const token = accessToken ?? (await sessions.accessToken(request, reply).catch(() => null));
    const known = frameOffline(request);
    return {
      ...known,
      isSignedIn: token !== undefined,
      notice: takeNotice(request, reply),
      // A page is worth showing without the number beside the cart.
      cartCount: token
        ? await servicesOf(request)
            .cart(token)
            .then(
              ({ lines }) => countOf(lines),
              () => 0,
            )
        : known.cartCount,
    };
  };
  return { config, pages, cookies, servicesOf, sessions, frame, frameOffline };
}

/** Words that the next page shows once; the cookie holds the name alone. */
const NOTICES: ReadonlyMap<string, string> = new Map([
  ['added', 'It is in your cart.'],
  [
    'cart-kept',
    'What you had chosen before could not be added to your cart. It is tried again when you next sign in.',
  ],
  ['back-in-cart', 'What is still sold of that order is in your cart again.'],
  ['category-saved', 'The category is saved.'],
  ['checkout-over', 'Your session is over. Nothing is ordered: please sign in and look at your order again.'],
  ['confirmed', 'Your e-mail is confirmed. You can sign in now.'],
  [
    'order-confirmed',
    'The order had been confirmed before your cancellation came: it can no longer be cancelled.',
  ],
  [
    'order-busy',
    'The order was changing at that very moment: please look whether you still want to cancel it.',
  ],
  ['fault-away', 'The launcher does not answer. Try again in a moment.'],
  ['fault-running', 'Another fault is not repaired yet: one at a time.'],
  ['fault-started', 'It is broken now. This page shows what comes of it, and when it is repaired.'],
  ['order-sent', 'That page had been sent before. If it became an order, you find it here.'],
  ['password-set', 'Your new password is set. You can sign in now.'],
  ['product-added', 'It is added. Now give it a photo, and stock.'],
  ['product-changed', 'The product had changed before you asked for that: please look at it and ask again.'],
  ['product-off', 'It is off the shop: nobody can find or order it.'],
  ['product-on', 'It is in the shop again.'],
  ['product-saved', 'Your changes are saved.'],
  ['session-over', 'Your session is over. Please sign in again.'],
  ['stock-changed', 'The stock is changed; the ledger says why.'],
  ['signed-out', 'You are signed out.'],
]);

/** The number beside the cart: pieces, not lines. */
export const countOf = (lines: readonly { readonly quantity: number }[]): number =>
  lines.reduce((sum, { quantity }) => sum + quantity, 0);

/** A page; no cache may keep what one visitor sees for another. */
export const sendPage = (reply: FastifyReply, html: string, status = 200): FastifyReply =>
  reply.code(status).header('cache-control', 'no-store').type('text/html; charset=utf-8').send(html);

/** What a single page may load beside what every page may. */
export interface MoreSources {
  /** Where the script of the page sends photos, which it also shows before they are sent. */
  readonly uploadsOrigin?: string | undefined;
  readonly scripts?: readonly string[];
  /** @default none */
  readonly frames?: readonly string[];
  readonly connections?: readonly string[];
}

/** No inline script or style, nothing from elsewhere but photos and what the page needs more, no frames around the shop. */
export function contentPolicy(
  imagesOrigin: string | undefined,
  { uploadsOrigin, scripts = [], frames = [], connections = [] }: MoreSources = {},
): string {
  const originsOf = (url: string | undefined) => (url ? [new URL(url).origin] : []);
  const uploads = originsOf(uploadsOrigin);
  const previews = uploadsOrigin ? ['blob:'] : [];
  return [
    "default-src 'none'",
    ["script-src 'self'", ...scripts].join(' '),
    "style-src 'self'",
    ["img-src 'self' data:", ...previews, ...originsOf(imagesOrigin)].join(' '),
    ["connect-src 'self'", ...uploads, ...connections].join(' '),
    ...(frames.length > 0 ? [['frame-src', ...frames].join(' ')] : []),
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

export async function installSite(app: FastifyInstance, site: Site, log: Logger): Promise<void> {
  const { origin, protocol } = new URL(site.config.SHOP_URL);
  const headers = {
    'content-security-policy': contentPolicy(site.config.IMAGES_ORIGIN),
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=()',
    // Not `no-referrer`: browsers would then send `Origin: null` with forms, and every change would be refused.
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    ...(protocol === 'https:' ? { 'strict-transport-security': 'max-age=31536000' } : {}),
  };
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(headers);
    assertSameOrigin(request, origin);
  });
  await app.register(rateLimit, {
    max: site.config.RATE_LIMIT_PER_MINUTE,
    timeWindow: 60_000,
    keyGenerator: ({ ip }) => (ip.includes(':') ? normalizeIP(ip) : ip),
  });
  // Forms only: a script of another site cannot make a browser send another type without asking first.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<string>(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(body))),
  );
  app.addHook('onSend', compressPage);
  app.setErrorHandler((error, request, reply) => answerFailure(site, log, error, request, reply));
  // Fastify has one handler for unknown pages, and the operations endpoints have set it.
  app.get('/*', async () => {
    throw notFound();
  });
}

async function compressPage(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
): Promise<unknown> {
  const isPage = String(reply.getHeader('content-type') ?? '').startsWith('text/html');
  if (!isPage || typeof payload !== 'string' || payload.length < WORTH_ZIPPING_BYTES) return payload;
  reply.header('vary', 'accept-encoding');
  if (!/\bgzip\b/.test(String(headers['accept-encoding']))) return payload;
  reply.removeHeader('content-length').header('content-encoding', 'gzip');
  // A page is small: to hand it to another thread takes longer than to compress it here.
  return gzipSync(payload, ZIP);
}

async function answerFailure(
  site: Site,
  log: Logger,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (error instanceof Refused && error.status === 401) {
    site.sessions.forget(reply);
    site.cookies.write(reply, 'notice', 'session-over');
    return reply.redirect(signInUrl(request.url), 303);
  }
  const status = statusOf(error);
  if (status >= 500) log.error({ error, route: request.routeOptions.url }, 'a page failed');
  if (!(request.headers.accept ?? '').includes('text/html'))
    return reply
      .code(status)
      .type(PROBLEM_TYPE)
      .send(JSON.stringify(blankProblem(status)));
  const frame =
    status >= 500
      ? site.frameOffline(request)
      : await site.frame(request, reply).catch(() => site.frameOffline(request));
  return sendPage(reply, site.pages.failure({ frame, ...wordsOf(status, error) }), status);
}

function statusOf(error: unknown): number {
  if (error instanceof Refused) return error.status;
  return (error as { code?: unknown }).code === SERVICE_AWAY ? 503 : failedAnswer(error).status;
}

function wordsOf(status: number, error: unknown): { title: string; words: string } {
  if (status >= 500)
    return {
      title: 'One moment, please',
      words: 'Something on our side does not answer. Please try again in a moment.',
    };
  if (status === 429)
    return {
      title: 'A little slower, please',
      words: 'Too many requests came from your address. Please wait a minute.',
    };
  return { title: status === 404 ? 'Not found' : 'That did not work', words: messageOf(error) };
}
