// Every endpoint by every kind of caller: what its access rule promises, as cases that a service's spec runs over real tokens.
//
//   const cases = authorisationCases(routes, { 'GET /orders/:orderId': 'owner', … });
//   it.each(cases)('$name', async (one) => {
//     expect(one.expected).toContain(await outcomeOf(server, one, prepare));
//   });
import { randomUUID } from 'node:crypto';
import type { Access, Caller, Route, UserCaller } from '#runtime/http/api.ts';
import type { SpecServer } from './serve.ts';

/** 2xx or 3xx, 401, 403, 404; anything else means that the request prepared was not a valid one. */
export type Outcome = 'passes' | 'sign-in' | 'refused' | 'hidden' | `broken: ${number}`;

export interface AuthorisationCase {
  readonly name: string;
  readonly route: Route;
  readonly caller: Caller;
  readonly expected: readonly Outcome[];
}

/** A valid request of the owner to a route: its resource exists. A new one for every case. */
export interface PreparedRequest {
  readonly url: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}
export type Prepare = (route: Route, owner: UserCaller) => PreparedRequest | Promise<PreparedRequest>;

/** Whose the prepared resources are. */
export const OWNER: UserCaller = { kind: 'user', userId: 'owner-1', role: 'customer' };

const CALLERS = {
  nobody: { kind: 'anonymous' },
  'the owner': OWNER,
  'another customer': { kind: 'user', userId: 'other-1', role: 'customer' },
  'an admin': { kind: 'user', userId: 'admin-1', role: 'admin' },
  'another service': { kind: 'service', name: 'unnamed' },
} satisfies Readonly<Record<string, Caller>>;

/**
 * All cases of these routes.
 * @param rules the access rules once more, by `METHOD /url`: a rule that was changed by mistake then differs from what the
 *   spec says. Without them the routes are held against their own rules only.
 * @throws Error when rules and routes do not name the same endpoints
 */
export function authorisationCases(
  routes: readonly Route[],
  rules?: Readonly<Record<string, Access>>,
): AuthorisationCase[] {
  if (rules) assertSameEndpoints(routes, Object.keys(rules));
  return routes.flatMap((route) => {
    const access = rules?.[nameOf(route)] ?? route.access;
    const named = typeof access === 'object' ? access.service : [];
    const callers: Readonly<Record<string, Caller>> = {
      ...CALLERS,
      ...Object.fromEntries(named.map((name) => [`the service ${name}`, { kind: 'service', name } as const])),
    };
    return Object.entries(callers).map(([who, caller]) => {
      const expected = expectedOf(access, who, hasOwner(route));
      return { name: `${nameOf(route)} by ${who}: ${expected.join(' or ')}`, route, caller, expected };
    });
  });
}

const nameOf = ({ method, url }: Route): string => `${method} ${url}`;

/** A route without parameters names no resource: everybody finds their own. */
const hasOwner = ({ params }: Route): boolean => params !== undefined;

function expectedOf(access: Access, who: string, isOfOne: boolean): readonly Outcome[] {
  if (access === 'anyone') return ['passes'];
  if (who === 'nobody') return ['sign-in'];
  if (typeof access === 'object') return [who.startsWith('the service ') ? 'passes' : 'refused'];
  if (who === 'another service') return ['refused'];
  if (access === 'admin') return [who === 'an admin' ? 'passes' : 'refused'];
  if (access === 'signed-in' || who === 'the owner' || !isOfOne) return ['passes'];
  return who === 'an admin' ? ['passes', 'hidden'] : ['hidden'];
}

/** Runs one case. */
export async function outcomeOf(
  server: SpecServer,
  one: AuthorisationCase,
  prepare: Prepare,
): Promise<Outcome> {
  const { url, body, headers } = await prepare(one.route, OWNER);
  const { status } = await server.request(one.route.method, url, {
    as: one.caller,
    body,
    headers: { ...(one.route.isIdempotent && { 'idempotency-key': randomUUID() }), ...headers },
  });
  if (status < 400) return 'passes';
  const outcomes: Readonly<Record<number, Outcome>> = { 401: 'sign-in', 403: 'refused', 404: 'hidden' };
  return outcomes[status] ?? `broken: ${status}`;
}

function assertSameEndpoints(routes: readonly Route[], ruled: readonly string[]): void {
  const served = routes.map(nameOf);
  const faults = [
    ...served.filter((name) => !ruled.includes(name)).map((name) => `${name} has no rule in the spec`),
    ...ruled.filter((name) => !served.includes(name)).map((name) => `${name} is ruled and not served`),
  ];
  if (faults.length > 0) throw new Error(faults.join('; '));
}
