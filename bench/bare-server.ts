// The baseline of bench:services: what a route of ours asks Postgres is written down once, and a bare Fastify asks the same in
// the same order and sends back the same bytes, with no token, schema, problem or metric in between.
import fastify from 'fastify';
import pg from 'pg';
import type { Load } from './service-load.ts';

/** A statement as it went to Postgres. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** What was read so far in one turn: of each statement the first row, by column. */
type Seen = Readonly<Record<string, unknown>>;

/** A route to be imitated. */
export interface Recorded {
  readonly load: Pick<Load, 'method' | 'path'>;
  readonly statements: readonly Statement[];
  readonly answer: { readonly status: number; readonly text: string };
  /** Values for the next time: ids that must be new, versions as they were just read. */
  readonly renew: (values: readonly unknown[], fresh: string, turn: number, seen: Seen) => unknown[];
}

/** Every statement that goes out, through whichever pool, while the work is done. */
export async function recordStatements(work: () => Promise<unknown>): Promise<Statement[]> {
  const statements: Statement[] = [];
  const { prototype } = pg.Client;
  const original = prototype.query as (...parts: unknown[]) => unknown;
  Object.assign(prototype, {
    query(this: pg.Client, ...parts: unknown[]) {
      const [text, values] = parts;
      if (typeof text === 'string') statements.push({ text, values: Array.isArray(values) ? values : [] });
      return original.apply(this, parts);
    },
  });
  try {
    await work();
  } finally {
    Object.assign(prototype, { query: original });
  }
  return statements;
}

/** Serves each imitation on another port. */
export async function serveBare(pool: pg.Pool, { load, statements, answer, renew }: Recorded) {
  const app = fastify();
  let turn = 0;
  const url = load.path.split('?')[0]!;
  app.route({
    method: load.method,
    url,
    handler: async (_request, reply) => {
      turn += 1;
      const fresh = crypto.randomUUID();
      const at = turn;
      await replay(pool, statements, (values, seen) => renew(values, fresh, at, seen));
      return reply.code(answer.status).type('application/json').send(answer.text);
    },
  });
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  return { address, close: () => app.close() };
}

/** Between BEGIN and COMMIT on one connection, as we do it. */
async function replay(
  pool: pg.Pool,
  statements: readonly Statement[],
  valuesOf: (values: readonly unknown[], seen: Seen) => unknown[],
): Promise<void> {
  let client: pg.PoolClient | undefined;
  const seen: Record<string, unknown> = {};
  try {
    for (const { text, values } of statements) {
      if (text === 'BEGIN') client = await pool.connect();
      const result = await (client ?? pool).query(text, valuesOf(values, seen));
      Object.assign(seen, result.rows[0]);
      if (text !== 'COMMIT') continue;
      client?.release();
      client = undefined;
    }
  } finally {
    client?.release(true);
  }
}
