// The user service on a new database, over real HTTP, with a clock that a spec moves. Mail is read as the notification
// service would: from the event in the outbox to the internal route.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Caller, Method } from '#runtime/http/api.ts';
import { createLogger } from '#runtime/log.ts';
import { createRegistry } from '#runtime/metrics.ts';
import { createPool, type Pool } from '#runtime/postgres/database.ts';
import { migrateService } from '#runtime/postgres/migrate.ts';
import { SCHEMA } from '../services/user/stores.ts';
import { createUserWork } from '../services/user/work.ts';
import { freshDatabase } from './fresh.ts';
import { type SpecServer, serveForSpec } from './serve.ts';

const MIGRATIONS = join(import.meta.dirname, '../services/user/migrations');
export const PASSWORD = 'four unrelated words here';
export const NOTIFICATION: Caller = { kind: 'service', name: 'notification' };
export const customer = (userId: string): Caller => ({ kind: 'user', userId, role: 'customer' });

/** Tokens as a client gets them. */
export interface Tokens {
  readonly userId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

const KEY_ENCRYPTION_KEY = randomBytes(32);

export type UserRig = Awaited<ReturnType<typeof openUserRig>>;

export async function openUserRig(options: { now?: () => number } = {}) {
  const database = await freshDatabase();
  const log = createLogger('spec', process.env.LOG_LEVEL ?? 'silent');
  const pool = createPool({ connectionString: database.url, applicationName: 'spec', schema: SCHEMA, log });
  await migrateService(pool, SCHEMA, MIGRATIONS, log);
  const clock = { aheadMs: 0 };
  const now = options.now ?? (() => Date.now() + clock.aheadMs);
  const work = await createUserWork({
    pool,
    registry: createRegistry('spec'),
    keyEncryptionKeys: [KEY_ENCRYPTION_KEY],
    issuer: 'spec-users',
    audience: 'shop',
    // Cheap hashes: these specs are not about their cost.
    costLog2: 10,
    hashesMax: 2,
    answerStepMs: 1,
    now,
  });
  // One limit for all routes: a spec calls more often than a person.
  const routes = work.routes.map((route) => ({ ...route, callsPerMinuteMax: 100_000 }));
  const server = await serveForSpec({ routes });
  return {
    pool,
    work,
    routes,
    server,
    clock,
    databaseUrl: database.url,
    ...calls(server, pool),
    close: async () => {
      await server.close();
      await pool.end();
      await database.drop();
    },
  };
}

function calls(server: SpecServer, pool: Pool) {
  const post = <Body = Record<string, unknown>>(url: string, body: unknown, as?: Caller) =>
    server.request<Body>('POST', url, { body, ...(as ? { as } : {}) });
  const eventsOf = async (topic: string): Promise<Record<string, string>[]> => {
    const { rows } = await pool.query<{ value: string }>(
      'SELECT value FROM outbox WHERE topic = $1 ORDER BY id',
      [topic],
    );
    return rows.map((row) => JSON.parse(row.value) as Record<string, string>);
  };
  /** Writes the mail of the latest challenge, and returns what stands in it. */
  const latestMail = async () => {
    const challenge = (await eventsOf('user.challenge-issued')).at(-1)!;
    const url = `/internal/challenges/${challenge.challengeId}/mail`;
    const { status, body } = await server.request('POST', url, { as: NOTIFICATION });
    return { status, ...(body as { email: string; token: string; purpose: string }) };
  };
  const signIn = (email: string, password = PASSWORD) => post<Tokens>('/sessions', { email, password });
  const register = (email: string, password = PASSWORD) => post('/users', { email, password });
  const verify = (token: string, password = PASSWORD) => post('/users/verifications', { token, password });
  /** Registered, verified and signed in. */
  const signUp = async (email: string): Promise<Tokens> => {
    await register(email);
    await verify((await latestMail()).token);
    return (await signIn(email)).body;
  };
  const refresh = (refreshToken: string) => post<Tokens>('/sessions/refresh', { refreshToken });
  const call = (method: Method, url: string, as: Caller, body?: unknown) =>
    server.request(method, url, { as, ...(body === undefined ? {} : { body }) });
  return { post, call, eventsOf, latestMail, signIn, register, verify, signUp, refresh };
}
