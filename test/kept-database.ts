// Looks into a database over connections that are kept: specs look ten times a second while they wait, and each new connection costs
// Postgres a process.
import pg from 'pg';

export interface KeptDatabase {
  query<Row extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Closes without waiting: a query to a server that hangs may never end. */
  close(): void;
}

/** Connects at the first look. */
export function keepDatabase(connectionString: string): KeptDatabase {
  const pool = new pg.Pool({ connectionString, max: 4 });
  // A kept connection breaks when specs end their server, or cut it; the next look makes another.
  pool.on('error', () => {});
  return {
    async query<Row extends pg.QueryResultRow>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
      const ask = async (): Promise<Row[]> => (await pool.query<Row>(sql, [...values])).rows;
      try {
        return await ask();
      } catch (error) {
        if (!isBroken(error)) throw error;
        return ask();
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
