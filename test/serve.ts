// A service's routes on a real port of this machine, with real tokens: what a spec asserts has passed through sockets, schemas
// and access rules. Every successful answer is also held against the schema that its route declares.

import { loadConfig } from '#runtime/config.ts';
import {
  type ApiConfig,
  apiConfig,
  type Caller,
  type Method,
  type Route,
  registerRoutes,
} from '#runtime/http/api.ts';
import { createHttp } from '#runtime/http/server.ts';
import { createLogger, type Logger } from '#runtime/log.ts';
import { createRegistry, type Registry } from '#runtime/metrics.ts';
import type { Pool } from '#runtime/postgres/database.ts';
import { startTokenIssuer, type TokenIssuer } from './token-issuer.ts';

export interface ServeOptions {
  readonly routes: readonly Route[];
  /** Needed for idempotent routes, with the schema that holds their keys. */
  readonly pool?: Pool;
  readonly schema?: string;
  readonly config?: Partial<ApiConfig>;
  readonly log?: Logger;
}

export interface SpecRequest {
  /** @default no token is sent */
  readonly as?: Caller;
  /** Sent as JSON; a string is sent as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface SpecAnswer<Body> {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed where the answer is JSON or a problem; else undefined. */
  readonly body: Body;
  readonly text: string;
}

export interface SpecServer {
  readonly address: string;
  readonly registry: Registry;
  readonly issuer: TokenIssuer;
  request<Body = Record<string, unknown>>(
    method: Method | 'HEAD' | 'OPTIONS',
    url: string,
    request?: SpecRequest,
  ): Promise<SpecAnswer<Body>>;
  close(): Promise<void>;
}

/** Serves routes until closed. */
export async function serveForSpec(options: ServeOptions): Promise<SpecServer> {
  const issuer = await startTokenIssuer();
  const env = { ...issuer.settings, RATE_LIMIT_PER_MINUTE: '100000' };
  const config = { ...loadConfig(apiConfig, env), ...options.config };
  const registry = createRegistry('spec');
  const log = options.log ?? createLogger('spec', process.env.LOG_LEVEL ?? 'silent');
  const app = createHttp({ log, registry, trustedProxies: config.TRUSTED_PROXIES ?? [] });
  const { routes, pool, schema } = options;
  const store = pool && schema ? { pool, schema } : {};
  await registerRoutes(app, routes, { config, registry, title: 'spec', ...store });
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    address,
    registry,
    issuer,
    request: async <Body>(
      method: string,
      url: string,
      request: SpecRequest = {},
    ): Promise<SpecAnswer<Body>> => {
      const response = await fetch(`${address}${url}`, {
        method,
        redirect: 'manual',
        ...(await initOf(request, issuer)),
      });
      const text = await response.text();
      const isJson = /^application\/(problem\+)?json/.test(response.headers.get('content-type') ?? '');
      const body: unknown = isJson && text ? JSON.parse(text) : undefined;
      assertDeclared(routes, method, url, response.status, body);
      return { status: response.status, headers: response.headers, body: body as Body, text };
    },
    close: async () => {
      await app.close();
      await issuer.close();
    },
  };
}

async function initOf({ as, body, headers }: SpecRequest, issuer: TokenIssuer): Promise<RequestInit> {
  const token = as && as.kind !== 'anonymous' ? await issuer.tokenFor(as) : undefined;
  return {
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  };
}

/** The writer of answers takes what it is given; whether that is what was promised, only a spec can afford to ask. */
function assertDeclared(
  routes: readonly Route[],
  method: string,
  url: string,
  status: number,
  body: unknown,
): void {
  const path = url.split('?')[0]!;
  const candidates = routes.filter((one) => one.method === method && patternOf(one).test(path));
  // As the server does: a path that is written out goes before one with parameters.
  const route = candidates.find((one) => one.url === path) ?? candidates[0];
  const declared = route?.answers[status];
  if (!declared || body === undefined) return;
  const parsed = declared.safeParse(body);
  if (parsed.success) return;
  const places = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Error(`${method} ${route.url} answered ${status} unlike its schema: ${places.join('; ')}`);
}

const patternOf = ({ url }: Route): RegExp => new RegExp(`^${url.replaceAll(/:\w+/g, '[^/]+')}$`);
