// What the owner of a Postgres server does to it for a spec: statements, files that belong to it, who may sign in.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** Runs statements one after another on one connection; the result is the last one's. */
export async function runStatements(
  owner: pg.ClientConfig,
  ...statements: readonly string[]
): Promise<pg.QueryResult> {
  const client = new pg.Client(owner);
  await client.connect();
  try {
    let last: pg.QueryResult | undefined;
    for (const statement of statements) last = await client.query(statement);
    return last!;
  } finally {
    await client.end();
  }
}

/**
 * The statement by which the server writes a file: it then belongs to the user that the server runs as. Not by `TO 'file'`, which everybody
 * may read: Postgres refuses such a key.
 */
export const writing = (path: string, text: string): string =>
  `COPY (SELECT unnest(string_to_array(${pg.escapeLiteral(text.trim())}, E'\\n')))
   TO PROGRAM ${pg.escapeLiteral(`umask 077; cat > '${path}'`)}`;

/** Lets people in by these lines of pg_hba.conf alone; resolves once the server has loaded them. */
export async function setHostRules(owner: pg.ClientConfig, rules: readonly string[]): Promise<void> {
  const loadedAt = async () =>
    (await runStatements(owner, 'SELECT pg_conf_load_time() AS at')).rows[0].at as Date;
  const before = await loadedAt();
  const { rows } = await runStatements(owner, `SELECT current_setting('hba_file') AS path`);
  await runStatements(owner, writing(rows[0].path, rules.join('\n')), 'SELECT pg_reload_conf()');
  while ((await loadedAt()) <= before) await sleep(20);
}
