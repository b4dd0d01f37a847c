// A storefront over services of a spec, and a browser that keeps its cookies.
import type { FastifyInstance } from 'fastify';
import { loadConfig } from '#runtime/config.ts';
import { createLogger } from '#runtime/log.ts';
import { createRegistry } from '#runtime/metrics.ts';
import { createApp } from './app.ts';
import { buildPages } from './build.ts';
import { storefrontConfig } from './config.ts';
import { startTestServices, type TestServices } from './test-services.ts';

export const SHOP = 'http://shop.test';

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, unknown>>;
  /** As they came, with their attributes. */
  readonly cookies: readonly string[];
}

export interface Visitor {
  /** By name; the spec may change them. */
  readonly cookies: Map<string, string>;
  get(url: string, headers?: Record<string, string>): Promise<Answer>;
  /** As a form of the shop's own page sends it. */
  post(url: string, form: Record<string, string>, headers?: Record<string, string>): Promise<Answer>;
}

export interface TestSite {
  readonly app: FastifyInstance;
  readonly services: TestServices;
  visitor(): Visitor;
  close(): Promise<void>;
}

/** @param more settings that name the stand-ins */
export async function startTestSite(
  settings: Record<string, string> = {},
  more: (services: TestServices) => Record<string, string> = () => ({}),
): Promise<TestSite> {
  const services = await startTestServices();
  services.answers.set('GET /categories', { body: { items: [{ categoryId: 'living', name: 'Living' }] } });
  services.answers.set('GET /products', { body: { items: [] } });
  const config = loadConfig(storefrontConfig, {
    SHOP_URL: SHOP,
    USER_SERVICE_URL: services.url,
    PRODUCT_SERVICE_URL: services.url,
    CART_SERVICE_URL: services.url,
    ORDER_SERVICE_URL: services.url,
    PAYMENT_SERVICE_URL: services.url,
    PAYMENT_FORM: 'sandbox',
    IMAGES_ORIGIN: 'http://images.test',
    ...more(services),
    ...settings,
  });
  const app = await createApp({
    config,
    pagesFolder: await buildPages(),
    log: createLogger('spec', 'silent'),
    registry: createRegistry('spec'),
  }).catch(async (error: unknown) => {
    await services.close();
    throw error;
  });
  const close = async () => {
    await app.close();
    await services.close();
  };
  return { app, services, visitor: () => visitorOf(app, config.SHOP_URL), close };
}

function visitorOf(app: FastifyInstance, shopUrl: string): Visitor {
  const cookies = new Map<string, string>();
  const { host, origin } = new URL(shopUrl);
  const send = async (
    method: 'GET' | 'POST',
    url: string,
    headers: Record<string, string>,
    payload?: string,
  ) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await app.inject({
      method,
      url,
      headers: { host, accept: 'text/html', ...(cookie ? { cookie } : {}), ...headers },
      ...(payload === undefined ? {} : { payload }),
    });
    const set = [answer.headers['set-cookie'] ?? []].flat();
    for (const one of set) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(one)!;
      if (/Max-Age=0(;|$)/.test(one)) cookies.delete(name!);
      else cookies.set(name!, value!);
    }
    return { status: answer.statusCode, body: answer.body, headers: answer.headers, cookies: set };
  };
  return {
    cookies,
    get: (url, headers = {}) => send('GET', url, headers),
    post: (url, form, headers = {}) =>
      send(
        'POST',
        url,
        {
          origin,
          'sec-fetch-site': 'same-origin',
          'content-type': 'application/x-www-form-urlencoded',
          ...headers,
        },
        new URLSearchParams(form).toString(),
      ),
  };
}
