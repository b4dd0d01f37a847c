// A service of the fuzz on a real port, without limits of how often. What is logged as an error is kept, to explain a 5xx.
import { createLogger, type Logger } from '#runtime/log.ts';
import type { Pool } from '#runtime/postgres/database.ts';
import { type SpecServer, serveForSpec } from '../serve.ts';
import { OPENERS } from './service-parts.ts';

export interface WiredService {
  readonly server: SpecServer;
  readonly pool: Pool;
  /** Errors that its server logged. */
  readonly errors: readonly unknown[];
  /** Ids, tokens and words that mean something to it. */
  readonly known: readonly string[];
  /** Whose they are. */
  readonly customerId: string;
  close(): Promise<void>;
}

/** Words that fit some schema somewhere. */
const WORDS = ['EUR', 'en', 'de-AT', 'Green tea', 'table', 'pm_card_visa', 'tea.png', 'image/png'];

export type ServiceName = keyof typeof OPENERS;
export const SERVICE_NAMES = Object.keys(OPENERS) as ServiceName[];

/** Starts one. */
export async function openService(name: ServiceName): Promise<WiredService> {
  const { pool, schema, routes, known, customerId, close } = await OPENERS[name]();
  const errors: unknown[] = [];
  // No limits for the callers of the fuzz: a refusal by a limit would hide the answer behind it.
  const unlimited = routes.map((route) => ({ ...route, callsPerMinuteMax: 1_000_000 }));
  const config = { RATE_LIMIT_PER_MINUTE: 1_000_000 };
  const server = await serveForSpec({ routes: unlimited, pool, schema, config, log: loggerInto(errors) });
  return {
    server,
    pool,
    errors,
    known: [...known, ...WORDS],
    customerId,
    close: async () => {
      await server.close();
      await close();
    },
  };
}

function loggerInto(errors: unknown[]): Logger {
  const log = createLogger('fuzz', 'silent');
  return Object.assign(log, { error: (fact: unknown) => void errors.push(fact), child: () => log });
}
