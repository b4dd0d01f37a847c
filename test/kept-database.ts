// Looks into a database over connections that are kept: specs look ten times a second while they wait, and each new connection costs
// Postgres a process.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

const UNTIL_MS_MAX = 60_000;
const LOOK_EVERY_MS = 100;

export interface KeptDatabase {
  query<Row extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Waits until a query answers with a row whose `yes` is true; a server that is away is asked again. @throws when it never does */
  until(sql: string, timeoutMs?: number): Promise<void>;
  /** Closes without waiting: a query to a server that hangs may never end. */
  close(): void;
}

/** Connects at the first look. */
export function keepDatabase(connectionString: string): KeptDatabase {
  const pool = new pg.Pool({ connectionString, max: 4 });
  // A kept connection breaks when specs end their server, or cut it; the next look makes another.
  pool.on('error', () => {});
  const query: KeptDatabase['query'] = async <Row extends pg.QueryResultRow>(
    sql: string,
    values: readonly unknown[] = [],
  ): Promise<Row[]> => {
    const ask = async (): Promise<Row[]> => (await pool.query<Row>(sql, [...values])).rows;
    try {
      return await ask();
    } catch (error) {
      if (!isBroken(error)) throw error;
      return ask();
    }
  };
  return {
    query,
    until: async (sql, timeoutMs = UNTIL_MS_MAX) => {
      const deadline = performance.now() + timeoutMs;
      for (;;) {
        const found = await query<{ yes: boolean }>(sql).catch(String);
        if (typeof found !== 'string' && found[0]?.yes) return;
        if (performance.now() > deadline)
          throw new Error(`never came true: ${sql}; the last answer was ${JSON.stringify(found)}`);
        await sleep(LOOK_EVERY_MS);
      }
    },
    close: () => void pool.end().catch(() => {}),
  };
}

/** The connection, and not the statement: without a code of Postgres, or with one that says that the server goes. */
function isBroken(error: unknown): boolean {
  const { severity, code } = error as { severity?: string; code?: string };
  return severity === undefined || code?.startsWith('57P') === true;
}
