// The HTTP kit of the services: endpoints as `route()` describes them in, a server that holds what they promise out.
// Guarantee: no handler runs for a caller, a path, a query or a body that its route does not allow.
import type { FastifyInstance, FastifyRequest, HTTPMethods } from 'fastify';
import type { Registry } from '../metrics.ts';
import type { Pool } from '../postgres/database.ts';
import type { ApiConfig } from './config.ts';
import { type Fault, invalidRequest, unknownFields } from './faults.ts';
import { createGates } from './gate.ts';
import { handlerOf } from './handler.ts';
import type { KeyStore } from './idempotency.ts';
import { answerSchema, type JsonSchema, requestSchema } from './json-schema.ts';
import { measureRequests } from './metrics.ts';
import { openApi } from './openapi.ts';
import { Problem } from './problem.ts';
import { useJsonBodies } from './request-body.ts';
import { NO_FAULTS, pathFaults, queryFaults, textReader } from './request-text.ts';
import type { Route } from './route.ts';
import { createTokenVerifier } from './tokens.ts';
import { inRequestSpan, traceRequests } from './trace.ts';

export { type ApiConfig, apiConfig } from './config.ts';
export { cursorPage, cursorTime, decodeCursor, pageOf, pageQuery } from './cursor.ts';
export { idFromKey } from './idempotency.ts';
export { Problem } from './problem.ts';
export {
  type Access,
  type AnonymousCaller,
  type Answer,
  type Call,
  type Caller,
  type Method,
  type Route,
  route,
  type ServiceCaller,
  type UserCaller,
} from './route.ts';

export interface ApiSurroundings {
  readonly config: ApiConfig;
  readonly registry: Registry;
  /** Keeps the keys of idempotent routes; needed when a route is idempotent. */
  readonly pool?: Pool;
  readonly schema?: string;
  /** Of the OpenAPI document: the name of the service. */
  readonly title: string;
}

const BODY_BYTES_MAX = 65_536;
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** Adds the routes, their document at `/openapi.json`, and refusals of methods that a path does not have. */
export async function registerRoutes(
  app: FastifyInstance,
  routes: readonly Route[],
  { config, registry, pool, schema, title }: ApiSurroundings,
): Promise<void> {
  measureRequests(app, registry);
  traceRequests(app);
  useSecurityHeaders(app);
  useJsonBodies(app);
  const verify = createTokenVerifier(config);
  const gateOf = await createGates(app, { verify, callsPerMinuteMax: config.RATE_LIMIT_PER_MINUTE });
  const takeOverAfterMs = config.IDEMPOTENCY_TAKE_OVER_MS;
  const keys = pool && schema ? { pool, schema, takeOverAfterMs } : undefined;
  for (const route of routes) addRoute(app, route, gateOf(route), keys);
  const document = JSON.stringify(openApi(title, routes));
  app.get('/openapi.json', (_request, reply) => reply.type('application/json').send(document));
  refuseOtherMethods(app, routes);
}

/**
 * An answer of an API is never a page: opened in a browser it may run no script, be in no frame and have no guessed type, and no other
 * site may embed it. The headers of OWASP's REST Security Cheat Sheet; other security headers concern pages only.
 */
const SECURITY_HEADERS = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

function useSecurityHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(SECURITY_HEADERS).header('x-request-id', request.id);
    done();
  });
}

function addRoute(
  app: FastifyInstance,
  route: Route,
  gate: ReturnType<Awaited<ReturnType<typeof createGates>>>,
  keys: KeyStore | undefined,
): void {
  const { method, url, params, query, body, answers } = route;
  // Ajv sets defaults of fields, and none of the whole: a body with one may be left out.
  const { default: absentBody, ...bodySchema } = body ? requestSchema(body) : {};
  const parts = {
    ...(params && { params: requestSchema(params) }),
    ...(query && { querystring: requestSchema(query) }),
    ...(body && { body: bodySchema }),
  };
  const response = Object.fromEntries(
    Object.entries(answers).flatMap(([status, answer]) => (answer ? [[status, answerSchema(answer)]] : [])),
  );
  const readParams = reader(parts.params);
  const readQuery = reader(parts.querystring);
  app.route({
    method,
    url,
    bodyLimit: route.bodyBytesMax ?? BODY_BYTES_MAX,
    config: { needsRawBody: route.needsRawBody ?? false },
    schema: { ...parts, response },
    onRequest: gate,
    preValidation: (request, _reply, done) => {
      const faults = textFaultsOf(route, request);
      if (faults.length > 0) return done(invalidRequest(faults));
      readParams(request.params as Record<string, unknown>);
      readQuery(request.query as Record<string, unknown>);
      if (request.body === undefined && absentBody !== undefined) request.body = structuredClone(absentBody);
      done();
    },
    handler: inRequestSpan(handlerOf(route, keys)),
  });
}

/** What schemas do not see: encodings, and what came where no schema is. Of the first part that has faults. */
function textFaultsOf(
  { params, query, body, needsRawBody }: Route,
  request: FastifyRequest,
): readonly Fault[] {
  const inPath = params ? pathFaults(request.params as Record<string, string>) : NO_FAULTS;
  if (inPath.length > 0) return inPath;
  const inQuery = query ? queryFaults(request.url) : NO_FAULTS;
  if (inQuery.length > 0) return inQuery;
  return body || needsRawBody ? NO_FAULTS : unaskedBody(request.body);
}

/** A body where none is asked for; an empty object says nothing, and some clients always send one. */
function unaskedBody(body: unknown): readonly Fault[] {
  if (body === undefined || body === null) return NO_FAULTS;
  if (typeof body === 'object' && !Array.isArray(body)) return unknownFields('body', Object.keys(body));
  return [{ in: 'body', field: '', message: 'this request takes no body: leave it out' }];
}

const reader = (schema: JsonSchema | undefined) => (schema && textReader(schema)) ?? (() => {});

/** 405 with `Allow` (RFC 9110 §15.5.6) tells a wrong method from a wrong path; OPTIONS lists the right methods. */
function refuseOtherMethods(app: FastifyInstance, routes: readonly Route[]): void {
  const methodsByUrl = Map.groupBy(routes, ({ url }) => url);
  for (const [url, own] of methodsByUrl) {
    const allowed = new Set<HTTPMethods>(
      own.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method])),
    );
    const allow = [...allowed, 'OPTIONS'].join(', ');
    app.options(url, (_request, reply) => reply.code(204).header('allow', allow).send());
    app.route({
      method: METHODS.filter((method) => !allowed.has(method)),
      url,
      onRequest: async () => {
        throw new Problem(405, 'method-not-allowed', `This path takes ${allow}.`, {}, { allow });
      },
      handler: () => undefined,
    });
  }
}
