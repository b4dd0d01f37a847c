// The services behind the pages, asked over HTTP. Answers are decoded; refusals become `Refused`, which pages show at their fields.
import { z } from 'zod';
import { money } from '#contracts/money.ts';
import { productId } from '#contracts/products.ts';
import { AppError, messageOf } from '#runtime/errors.ts';
import type { StorefrontConfig } from '../config.ts';

const product = z.object({
  productId,
  name: z.string(),
  description: z.string(),
  categoryId: z.string(),
  price: money,
  isActive: z.boolean(),
  availableCount: z.int(),
  images: z.array(z.object({ label: z.string(), url: z.url(), width: z.int(), height: z.int() })),
});
const category = z.object({ categoryId: z.string(), name: z.string() });
const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next: z.string().optional() });
const cart = z.object({
  lines: z.array(
    z.object({
      productId,
      name: z.string(),
      quantity: z.int(),
      unitPrice: money,
      lineTotal: money.optional(),
      isAvailable: z.boolean(),
      priceChangedSince: money.optional(),
    }),
  ),
  totals: z.array(money),
  isOrderable: z.boolean(),
});
const tokens = z.object({ accessToken: z.string(), refreshToken: z.string(), expiresInS: z.int() });
const profile = z.object({
  userId: z.string(),
  email: z.string(),
  name: z.string().optional(),
  role: z.enum(['customer', 'admin']),
});
const problem = z.object({
  code: z.string().default('unknown'),
  detail: z.string().optional(),
  title: z.string().optional(),
  errors: z
    .array(
      z.object({ path: z.string().optional(), field: z.string().optional(), message: z.string().optional() }),
    )
    .optional(),
});

export type Product = z.infer<typeof product>;
export type Category = z.infer<typeof category>;
export type Cart = z.infer<typeof cart>;
export type Tokens = z.infer<typeof tokens>;
export type Profile = z.infer<typeof profile>;
export type ProductPage = z.infer<ReturnType<typeof pageOf<typeof product>>>;

/** A service said no: its problem, for the page. */
export class Refused extends AppError {
  readonly status: number;
  readonly retryAfterS: number | undefined;

  constructor(status: number, code: string, detail: string, retryAfterS?: number) {
    super(code, detail, { status });
    this.status = status;
    this.retryAfterS = retryAfterS;
  }
}

export interface Ask {
  readonly method?: string;
  readonly body?: unknown;
  readonly accessToken?: string | undefined;
  /** Address of the customer, whom rate limits and locks go by. */
  readonly from?: string | undefined;
}

/** @throws Refused; AppError `service-away` when it cannot be reached or answers with nonsense */
export async function ask<Answer>(
  url: string,
  schema: z.ZodType<Answer>,
  { method = 'GET', body, accessToken, from }: Ask,
  msMax: number,
): Promise<Answer> {
  const headers = {
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(accessToken ? { authorization: `Bearer ${accessToken}` } : {}),
    ...(from ? { 'x-forwarded-for': from } : {}),
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
      throw new AppError('service-away', `${new URL(url).origin} does not answer: ${messageOf(error)}`);
    });
  const json = parseJson(text);
  if (status >= 400) {
    const told = problem.safeParse(json).data;
    throw new Refused(
      status,
      told?.code ?? 'unknown',
      told?.detail ?? told?.title ?? 'That did not work.',
      Number(retryAfter) || undefined,
    );
  }
  const answer = schema.safeParse(json);
  if (!answer.success)
    throw new AppError('service-away', `${new URL(url).origin} answers with something else than agreed`);
  return answer.data;
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

/** Every call that pages make. */
export function createServices(config: StorefrontConfig) {
  const {
    USER_SERVICE_URL: user,
    PRODUCT_SERVICE_URL: products,
    CART_SERVICE_URL: carts,
    ASK_MS_MAX: msMax,
  } = config;
  const nothing = z.unknown();
  const post = <Answer>(url: string, schema: z.ZodType<Answer>, body: unknown, from?: string) =>
    ask(url, schema, { method: 'POST', body, from }, msMax);
  return {
    products: (query: ProductQuery) => {
      const pairs = Object.entries(query).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, String(value)]],
      );
      return ask(`${products}/products?${new URLSearchParams(pairs)}`, pageOf(product), {}, msMax);
    },
    product: (id: string) => ask(`${products}/products/${encodeURIComponent(id)}`, product, {}, msMax),
    categories: () => ask(`${products}/categories?limit=100`, pageOf(category), {}, msMax),
    cart: (accessToken: string) => ask(`${carts}/cart`, cart, { accessToken }, msMax),
    setCartLine: (accessToken: string, id: string, quantity: number) =>
      ask(
        `${carts}/cart/lines/${encodeURIComponent(id)}`,
        cart,
        { method: 'PUT', body: { quantity }, accessToken },
        msMax,
      ),
    signUp: (body: { email: string; name?: string }, from: string) =>
      post(`${user}/users`, nothing, body, from),
    verify: (token: string, password: string, from: string) =>
      post(`${user}/users/verifications`, nothing, { token, password }, from),
    askReset: (email: string, from: string) =>
      post(`${user}/passwords/reset-requests`, nothing, { email }, from),
    reset: (token: string, password: string, from: string) =>
      post(`${user}/passwords/resets`, nothing, { token, password }, from),
    signIn: (email: string, password: string, from: string) =>
      post(`${user}/sessions`, tokens, { email, password }, from),
    refresh: (refreshToken: string) => post(`${user}/sessions/refresh`, tokens, { refreshToken }),
    signOut: (refreshToken: string) => post(`${user}/sessions/sign-out`, nothing, { refreshToken }),
    profile: (accessToken: string) => ask(`${user}/users/me`, profile, { accessToken }, msMax),
  };
}
export type Services = ReturnType<typeof createServices>;
