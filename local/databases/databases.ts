// Databases and places in, a Postgres that has them out, with the rules of `lambda/database-roles`. Called again it changes nothing but
// sets the passwords once more; all of a database's places or none.
import pg from 'pg';
import { z } from 'zod';
import { givePlaces } from '../../lambda/database-roles/handler.ts';

/** A name that needs no quotes: it is the name of a file and of a key, too. */
const name = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/);

/** By database. */
export const places = z.record(name, z.array(z.strictObject({ role: name, schema: name })));

export interface DatabasesOptions {
  /** Of the owner, to a database that is there already; without a password. */
  readonly url: string;
  readonly places: z.infer<typeof places>;
  readonly passwordOf: (role: string) => Promise<string>;
}

const WAIT_MS_MAX = 10_000;
/** SQLSTATE: another process made it meanwhile. */
const DUPLICATE_DATABASE = '42P04';

/** Returns what was done, in words; no password among them. */
export async function makeDatabases(options: DatabasesOptions): Promise<string[]> {
  const done: string[] = [];
  for (const [database, wanted] of Object.entries(options.places)) {
    if (await asOwner(options, undefined, (client) => makeDatabase(client, database)))
      done.push(`make-database ${database}`);
    const steps = await asOwner(options, database, async (client) => {
      await client.query('BEGIN');
      // What fails is logged by Postgres with its text, and a password would stand in it.
      await client.query('SET LOCAL log_min_error_statement = panic');
      const given = await givePlaces(client, wanted, 'password');
      for (const { role } of wanted) await setPassword(client, role, await options.passwordOf(role));
      await client.query('COMMIT');
      return given;
    });
    done.push(...steps.map((step) => `${step} in ${database}`));
  }
  return done;
}

async function makeDatabase(client: pg.Client, database: string): Promise<boolean> {
  const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
  if (rowCount !== 0) return false;
  try {
    await client.query(`CREATE DATABASE ${pg.escapeIdentifier(database)}`);
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === DUPLICATE_DATABASE) return false;
    throw error;
  }
}

const setPassword = (client: pg.Client, role: string, password: string): Promise<unknown> =>
  client.query(`ALTER ROLE ${pg.escapeIdentifier(role)} PASSWORD ${pg.escapeLiteral(password)}`);

/** On a connection of the owner's, to another database where one is named. */
async function asOwner<Result>(
  { url, passwordOf }: DatabasesOptions,
  database: string | undefined,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const address = new URL(url);
  if (database !== undefined) address.pathname = `/${database}`;
  address.password = encodeURIComponent(await passwordOf(decodeURIComponent(address.username)));
  const client = new pg.Client({
    connectionString: address.href,
    application_name: 'databases',
    connectionTimeoutMillis: WAIT_MS_MAX,
    query_timeout: WAIT_MS_MAX,
  });
  // Without a listener a connection that breaks between two statements ends the process.
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
