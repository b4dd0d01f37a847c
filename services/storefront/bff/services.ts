// The services behind the pages, asked over HTTP for one visitor. Answers are decoded; a refusal is a `Refused`, which pages show.
import { z } from 'zod';
import { AppError, messageOf } from '#runtime/errors.ts';
import { activeTraceparent } from '#runtime/trace.ts';
import type { StorefrontConfig } from '../config.ts';
import {
  cartAnswer,
  categoryAnswer,
  pageOf,
  problemAnswer,
  productAnswer,
  profileAnswer,
  tokensAnswer,
} from './answers.ts';
import { Refused } from './refused.ts';

/** The code of a service that cannot be reached or answers with something else than agreed. */
export const SERVICE_AWAY = 'service-away';

interface Ask {
  readonly method?: string;
  readonly body?: unknown;
  readonly accessToken?: string | undefined;
}

interface Visit {
  /** Address of the visitor: limits and locks of the services go by it, since they trust the storefront as a proxy. */
  readonly from: string;
  readonly msMax: number;
}

/** @throws Refused; AppError `service-away` */
async function ask<Answer>(
  url: string,
  schema: z.ZodType<Answer>,
  { from, msMax }: Visit,
  { method = 'GET', body, accessToken }: Ask = {},
): Promise<Answer> {
  const traceparent = activeTraceparent();
  const headers = {
    'x-forwarded-for': from,
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(accessToken ? { authorization: `Bearer ${accessToken}` } : {}),
    ...(traceparent ? { traceparent } : {}),
  };
  const init = {
    method,
    headers,
    signal: AbortSignal.timeout(msMax),
    redirect: 'error',
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  } as const;
  const [status, text, retryAfter] = await fetch(url, init)
    .then(
      async (response) =>
        [response.status, await response.text(), response.headers.get('retry-after')] as const,
    )
    .catch((error: unknown) => {
      throw new AppError(SERVICE_AWAY, `${new URL(url).origin} does not answer: ${messageOf(error)}`);
    });
  if (status >= 500) throw new AppError(SERVICE_AWAY, `${new URL(url).origin} answers ${status}`);
  const json = parseJson(text);
  if (status >= 400) throw refusalOf(status, json, retryAfter);
  const answer = schema.safeParse(json);
  if (!answer.success)
    throw new AppError(SERVICE_AWAY, `${new URL(url).origin} answers with something else than agreed`);
  return answer.data;
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
  'USER_SERVICE_URL' | 'PRODUCT_SERVICE_URL' | 'CART_SERVICE_URL' | 'ASK_MS_MAX'
>;

/** Every call that pages make, for the visitor with this address. */
export function createServices(config: Addresses, from: string) {
  const { PRODUCT_SERVICE_URL: products, CART_SERVICE_URL: carts } = config;
  const visit = { from, msMax: config.ASK_MS_MAX };
  return {
    ...userCalls(config.USER_SERVICE_URL, visit),
    products: (query: ProductQuery) => {
      const pairs = Object.entries(query).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, String(value)] as [string, string]],
      );
      return ask(
        `${products}/products?${new URLSearchParams(pairs).toString()}`,
        pageOf(productAnswer),
        visit,
      );
    },
    product: (id: string) => ask(`${products}/products/${encodeURIComponent(id)}`, productAnswer, visit),
    categories: () => ask(`${products}/categories?limit=100`, pageOf(categoryAnswer), visit),
    cart: (accessToken: string) => ask(`${carts}/cart`, cartAnswer, visit, { accessToken }),
    setCartLine: (accessToken: string, id: string, quantity: number) =>
      ask(`${carts}/cart/lines/${encodeURIComponent(id)}`, cartAnswer, visit, {
        method: 'PUT',
        body: { quantity },
        accessToken,
      }),
  };
}
export type Services = ReturnType<typeof createServices>;

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
