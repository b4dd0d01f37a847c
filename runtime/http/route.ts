// How a service describes its endpoints: schemas in and out, who may call, and a handler. Nothing here knows Fastify.
// Use: `export const routes = [route({ method: 'GET', url: '/orders/:orderId', access: 'owner', … }, async (call) => …)]`.
import type { IncomingHttpHeaders } from 'node:http';
import type { z } from 'zod';
import { AppError } from '../errors.ts';
import { assertPlain } from './json-schema.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * Who may call. `owner`: any signed-in user passes, and the handler answers 404 for what is not theirs, so that nobody
 * learns what exists; an admin passes as well, and the handler decides what they see. A token that is not valid is refused,
 * except where `anyone` may call: there it counts as none.
 */
export type Access = 'anyone' | 'signed-in' | 'owner' | 'admin' | { readonly service: readonly string[] };

export interface AnonymousCaller {
  readonly kind: 'anonymous';
}
export interface UserCaller {
  readonly kind: 'user';
  readonly userId: string;
  readonly role: 'customer' | 'admin';
}
export interface ServiceCaller {
  readonly kind: 'service';
  readonly name: string;
}
/** Whom the token of a request names. */
export type Caller = AnonymousCaller | UserCaller | ServiceCaller;

/** Who can stand behind a call that passed the access rule. */
export type CallerOf<A extends Access> = A extends 'anyone'
  ? Caller
  : A extends string
    ? UserCaller
    : ServiceCaller;

/** One request that passed schemas and access rule. */
export interface Call<P = unknown, Q = unknown, B = unknown, C = Caller, K = string | undefined> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly caller: C;
  readonly headers: IncomingHttpHeaders;
  readonly ip: string;
  /** Present when the route is idempotent. */
  readonly idempotencyKey: K;
  /**
   * The versions of `If-Match: "<version>", …`, of which one must be the current one: `isMatch`. Undefined without the header,
   * for `*`, and where the route does not read it.
   */
  readonly ifMatch: readonly number[] | undefined;
  /** The body's bytes as they came, where `needsRawBody`: signatures of webhooks are made over them. */
  readonly rawBody: string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  /** Becomes `ETag: "<version>"`; a GET that already has it is answered with 304. */
  readonly version?: number;
  readonly location?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** For a body that is not JSON; it is then a string and is sent as it is. */
  readonly contentType?: string;
}

export interface RouteDefinition<
  P extends z.ZodObject,
  Q extends z.ZodObject,
  B extends z.ZodType,
  A extends Access,
  I extends boolean,
> {
  readonly method: Method;
  /** With parameters as `/orders/:orderId`; each must be in `params`. */
  readonly url: string;
  readonly access: A;
  readonly summary: string;
  readonly params?: P;
  readonly query?: Q;
  /** Fields that it does not name are refused. With a default (`z.object({…}).default({})`) it may be left out. */
  readonly body?: B;
  /** The successful answers by status; null where there is no body. Fields that a schema does not name are cut off. */
  readonly answers: Readonly<Record<number, z.ZodType | null>>;
  /** Statuses of the handler's own problems, for the documentation. */
  readonly problems?: readonly number[];
  /** `Idempotency-Key` is required, and a repeated request gets the stored answer: see `runtime/http/idempotency.ts`. */
  readonly isIdempotent?: I;
  /** Whether `If-Match` is read: 412 for another version; where it is required, 428 without it. @default not read */
  readonly ifMatch?: 'required' | 'optional';
  readonly needsRawBody?: boolean;
  /** @default 65_536 */
  readonly bodyBytesMax?: number;
  /** Calls a minute of one caller to this route, when it deserves less than others: sign-in, registration. */
  readonly callsPerMinuteMax?: number;
}

/** One endpoint, ready to be registered. */
export interface Route extends RouteDefinition<z.ZodObject, z.ZodObject, z.ZodType, Access, boolean> {
  readonly handle: (call: Call) => Promise<Answer>;
}

const byText = (a: string, b: string): number => (a < b ? -1 : 1);

type Nothing = z.ZodObject<Record<string, never>>;

/**
 * An endpoint. Its schemas become JSON Schema and are checked by compiled code, not by zod: so a schema with a refinement, a
 * transformation or a coercion in its body is refused here, at definition, since it would silently not hold. Checks between
 * fields are the domain's. Numbers and booleans in query and params are read from their text.
 * @throws AppError `schema-not-plain` for such schemas, `route-invalid` for params that do not fit the url.
 */
export function route<
  P extends z.ZodObject = Nothing,
  Q extends z.ZodObject = Nothing,
  B extends z.ZodType = z.ZodUndefined,
  const A extends Access = Access,
  const I extends boolean = false,
>(
  definition: RouteDefinition<P, Q, B, A, I>,
  handle: (
    call: Call<
      z.output<P>,
      z.output<Q>,
      z.output<B>,
      CallerOf<A>,
      I extends true ? string : string | undefined
    >,
  ) => Promise<Answer>,
): Route {
  const { method, url, params, query, body } = definition;
  const name = `${method} ${url}`;
  const inUrl = [...url.matchAll(/:(\w+)/g)].map(([, param]) => param!).toSorted(byText);
  const inSchema = Object.keys(params?.shape ?? {}).toSorted(byText);
  if (inUrl.join() !== inSchema.join()) {
    throw new AppError('route-invalid', `${name} has params ${inUrl.join()}, its schema ${inSchema.join()}`);
  }
  if (params) assertPlain(params, `params of ${name}`, { allowsCoercion: true });
  if (query) assertPlain(query, `query of ${name}`, { allowsCoercion: true });
  if (body) assertPlain(body, `body of ${name}`);
  for (const [status, answer] of Object.entries(definition.answers)) {
    if (answer) assertPlain(answer, `answer ${status} of ${name}`, { allowsRefinement: true });
  }
  // The server hands over only what passed these very schemas and this access rule.
  return { ...definition, handle: handle as unknown as Route['handle'] };
}
