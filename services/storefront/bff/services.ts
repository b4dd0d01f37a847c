// The services behind the pages, asked over HTTP for one visitor. Answers are decoded; a refusal is a `Refused`, which pages show.
import { z } from 'zod';
import { AppError, messageOf } from '#runtime/errors.ts';
import { activeTraceparent } from '#runtime/trace.ts';
import type { StorefrontConfig } from '../config.ts';
import {
  type CartVersion,
  cartAnswer,
  categoryPage,
  orderAnswer,
  orderPage,
  paymentAnswer,
  problemAnswer,
  productAnswer,
  productPage,
  profileAnswer,
  tokensAnswer,
} from './answers.ts';
import { Refused } from './refused.ts';

/** The code of a service that cannot be reached or answers with something else than agreed. */
export const SERVICE_AWAY = 'service-away';

export interface Ask {
  readonly method?: string;
  readonly body?: unknown;
  readonly accessToken?: string | undefined;
  readonly idempotencyKey?: string;
  /** Version that a change is based on. */
  readonly ifMatch?: string;
}

export interface Visit {
  /** Address of the visitor: limits and locks of the services go by it, since they trust the storefront as a proxy. */
  readonly from: string;
  readonly msMax: number;
}

/** @throws Refused; AppError `service-away` */
export const ask = async <Answer>(
  url: string,
  schema: z.ZodType<Answer>,
  visit: Visit,
  request?: Ask,
): Promise<Answer> => (await askVersion(url, schema, visit, request)).answer;

/** The answer, and its ETag. */
async function askVersion<Answer>(
  url: string,
  schema: z.ZodType<Answer>,
  { from, msMax }: Visit,
  { method = 'GET', body, accessToken, idempotencyKey, ifMatch }: Ask = {},
): Promise<{ answer: Answer; etag: string | null }> {
  const traceparent = activeTraceparent();
  const headers = {
    'x-forwarded-for': from,
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(accessToken ? { authorization: `Bearer ${accessToken}` } : {}),
    ...(traceparent ? { traceparent } : {}),
    ...(idempotencyKey ? { 'idempotency-key': idempotencyKey } : {}),
    ...(ifMatch ? { 'if-match': `"${ifMatch}"` } : {}),
  };
  const init = {
    method,
    headers,
    signal: AbortSignal.timeout(msMax),
    redirect: 'error',
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  } as const;
  const [status, text, received] = await fetch(url, init)
    .then(async (response) => [response.status, await response.text(), response.headers] as const)
    .catch((error: unknown) => {
      throw new AppError(SERVICE_AWAY, `${new URL(url).origin} does not answer: ${messageOf(error)}`);
    });
  const json = parseJson(text);
  if (status >= 500)
    throw new AppError(SERVICE_AWAY, `${new URL(url).origin} answers ${status}`, {
      detail: problemAnswer.safeParse(json).data?.detail,
    });
  if (status >= 400) throw refusalOf(status, json, received.get('retry-after'));
  const answer = schema.safeParse(json);
  if (!answer.success)
    throw new AppError(SERVICE_AWAY, `${new URL(url).origin} answers with something else than agreed`);
  return { answer: answer.data, etag: received.get('etag') };
}

function refusalOf(status: number, json: unknown, retryAfter: string | null): Refused {
  const problem = problemAnswer.safeParse(json).data;
  const seconds = Number(retryAfter);
  return new Refused({
    status,
    code: problem?.code ?? 'unknown',
    detail: problem?.detail ?? problem?.title ?? 'That did not work.',
    retryAfterS: seconds > 0 ? Math.ceil(seconds) : undefined,
    fields: problem?.faults?.map(({ field }) => field) ?? [],
    total: problem?.total,
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export interface ProductQuery {
  readonly q?: string | undefined;
  readonly category?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit?: number;
}

type Addresses = Pick<
  StorefrontConfig,
  | 'USER_SERVICE_URL'
  | 'PRODUCT_SERVICE_URL'
  | 'CART_SERVICE_URL'
  | 'ORDER_SERVICE_URL'
  | 'PAYMENT_SERVICE_URL'
  | 'ASK_MS_MAX'
>;

/** Every call that pages make, for the visitor with this address. */
export function createServices(config: Addresses, from: string) {
  const { PRODUCT_SERVICE_URL: products, CART_SERVICE_URL: carts } = config;
  const visit = { from, msMax: config.ASK_MS_MAX };
  return {
    ...userCalls(config.USER_SERVICE_URL, visit),
    ...orderCalls(config, visit),
    products: (query: ProductQuery) => {
      const pairs = Object.entries(query).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, String(value)] as [string, string]],
      );
      return ask(`${products}/products?${new URLSearchParams(pairs).toString()}`, productPage, visit);
    },
    product: (id: string) => ask(`${products}/products/${encodeURIComponent(id)}`, productAnswer, visit),
    categories: () => ask(`${products}/categories?limit=100`, categoryPage, visit),
    cart: (accessToken: string) => ask(`${carts}/cart`, cartAnswer, visit, { accessToken }),
    cartVersion: async (accessToken: string): Promise<CartVersion> => {
      const { answer, etag } = await askVersion(`${carts}/cart`, cartAnswer, visit, { accessToken });
      return { cart: answer, version: /\d+/.exec(etag ?? '')?.[0] ?? '' };
    },
    setCartLine: (accessToken: string, id: string, quantity: number) =>
      ask(`${carts}/cart/lines/${encodeURIComponent(id)}`, cartAnswer, visit, {
        method: 'PUT',
        body: { quantity },
        accessToken,
      }),
  };
}
export type Services = ReturnType<typeof createServices>;

/** What a customer orders, as the order service takes it. */
export interface Wish {
  readonly lines: readonly { readonly productId: string; readonly quantity: number }[];
  readonly currency: string;
  readonly expectedTotalMinor: number;
  readonly paymentMethod: string;
}

function orderCalls({ ORDER_SERVICE_URL, PAYMENT_SERVICE_URL }: Addresses, visit: Visit) {
  const orders = `${ORDER_SERVICE_URL}/orders`;
  return {
    /** The same order for the same key, however often it is asked for. */
    placeOrder: (accessToken: string, idempotencyKey: string, body: Wish) =>
      ask(orders, orderAnswer, visit, { method: 'POST', body, accessToken, idempotencyKey }),
    orders: (accessToken: string, limit: number, cursor?: string) => {
      const query = new URLSearchParams({ limit: String(limit), ...(cursor ? { cursor } : {}) });
      return ask(`${orders}?${query.toString()}`, orderPage, visit, { accessToken });
    },
    order: (accessToken: string, orderId: string) =>
      ask(`${orders}/${encodeURIComponent(orderId)}`, orderAnswer, visit, { accessToken }),
    cancelOrder: (accessToken: string, orderId: string) =>
      ask(`${orders}/${encodeURIComponent(orderId)}/cancellation`, orderAnswer, visit, {
        method: 'POST',
        accessToken,
        // A refusal is kept under its key: a confirmed order can no longer be cancelled, so one key is enough.
        idempotencyKey: `cancel-${orderId}`,
      }),
    payment: (accessToken: string, orderId: string) =>
      ask(`${PAYMENT_SERVICE_URL}/payments/${encodeURIComponent(orderId)}`, paymentAnswer, visit, {
        accessToken,
      }),
  };
}

function userCalls(user: string, visit: Visit) {
  const post = <Answer>(path: string, schema: z.ZodType<Answer>, body: unknown) =>
    ask(`${user}${path}`, schema, visit, { method: 'POST', body });
  const nothing = z.unknown();
  return {
    signUp: (body: { email: string; name?: string }) => post('/users', nothing, body),
    verify: (token: string, password: string) => post('/users/verifications', nothing, { token, password }),
    askReset: (email: string) => post('/passwords/reset-requests', nothing, { email }),
    reset: (token: string, password: string) => post('/passwords/resets', nothing, { token, password }),
    signIn: (email: string, password: string) => post('/sessions', tokensAnswer, { email, password }),
    refresh: (refreshToken: string) => post('/sessions/refresh', tokensAnswer, { refreshToken }),
    signOut: (refreshToken: string) => post('/sessions/sign-out', nothing, { refreshToken }),
    profile: (accessToken: string) => ask(`${user}/users/me`, profileAnswer, visit, { accessToken }),
  };
}
