import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { openFlakyWire } from '../../test/flaky-wire.ts';
import { freshDatabase } from '../../test/fresh.ts';
import { AppError } from '../errors.ts';
import { createLogger } from '../log.ts';
import { createPool, inTransaction, type Pool } from './database.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
const pools: Pool[] = [];
const open = (waitMsMax = 10_000, connectionString = database.url, connectionsMax = 1): Pool => {
  const log = createLogger('spec', 'silent');
  const pool = createPool({ connectionString, applicationName: 'spec', log, waitMsMax, connectionsMax });
  pools.push(pool);
  return pool;
};

beforeAll(async () => {
  database = await freshDatabase();
  await open().query(`
    CREATE TABLE entry (id int PRIMARY KEY);
    CREATE TABLE child (id int REFERENCES entry DEFERRABLE INITIALLY DEFERRED)`);
});
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.end()));
});
afterAll(() => database.drop());

const insert = (id: number) => async (client: { query: Pool['query'] }) => {
  await client.query('INSERT INTO entry VALUES ($1)', [id]);
};
const has = async (id: number): Promise<boolean> =>
  (await open().query('SELECT 1 FROM entry WHERE id = $1', [id])).rowCount === 1;
const backendOf = async (pool: Pool): Promise<number> =>
  (await pool.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;

describe('a transaction', () => {
  it('commits, returns what the work returned, and keeps the connection', async () => {
    const pool = open();
    const before = await backendOf(pool);
    const result = await inTransaction(pool, async (client) => {
      await insert(1)(client);
      return 'done';
    });
    expect(result).toBe('done');
    expect(await has(1)).toBe(true);
    expect(await backendOf(pool)).toBe(before);
  });

  it('rolls back when the work throws, hands on the error, and destroys the connection', async () => {
    const pool = open();
    const before = await backendOf(pool);
    const failing = inTransaction(pool, async (client) => {
      await insert(2)(client);
      throw new Error('no stock');
    });
    await expect(failing).rejects.toThrow('no stock');
    expect(pool.totalCount).toBe(0);
    expect(await has(2)).toBe(false);
    expect(await backendOf(pool)).not.toBe(before);
  });

  it('that fails at COMMIT is an error and leaves nothing', async () => {
    const pool = open();
    const failing = inTransaction(pool, async (client) => {
      await insert(3)(client);
      await client.query('INSERT INTO child VALUES (999)');
    });
    await expect(failing).rejects.toThrow('foreign key');
    expect(pool.totalCount).toBe(0);
    expect(await has(3)).toBe(false);
  });

  it('is an error when the work swallowed a failed statement: Postgres answers COMMIT with ROLLBACK', async () => {
    const failing = inTransaction(open(), async (client) => {
      await insert(4)(client);
      await client.query('SELECT 1/0').catch(() => {});
    });
    await expect(failing).rejects.toBeInstanceOf(AppError);
    expect(await has(4)).toBe(false);
  });

  it('whose connection is cut fails, and the pool still works', async () => {
    const pool = open();
    const failing = inTransaction(pool, async (client) => {
      await insert(5)(client);
      const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
      const lost = new Promise((resolve) => client.once('end', resolve));
      await open().query('SELECT pg_terminate_backend($1)', [rows[0].pid]);
      // Between two statements no query waits that could fail with the connection.
      await lost;
      await client.query('SELECT 1');
    });
    await expect(failing).rejects.toThrow();
    expect(await has(5)).toBe(false);
    await expect(inTransaction(pool, insert(6))).resolves.toBeUndefined();
  });

  it('whose statement hangs fails, and the pool still works', async () => {
    const pool = open(300);
    await expect(inTransaction(pool, (client) => client.query('SELECT pg_sleep(600)'))).rejects.toThrow(
      /timeout/i,
    );
    expect(pool.totalCount).toBe(0);
    await expect(inTransaction(pool, insert(7))).resolves.toBeUndefined();
  });

  it('whose COMMIT is never answered is an error with unknown outcome, and the connection is destroyed', async () => {
    const { hostname, port } = new URL(database.url);
    const wire = await openFlakyWire(hostname, Number(port));
    const through = new URL(database.url);
    through.port = String(wire.port);
    const pool = open(500, through.href);
    const unanswered = inTransaction(pool, async (client) => {
      await insert(8)(client);
      wire.swallowAnswers();
    });
    await expect(unanswered).rejects.toThrow(/timeout/i);
    expect(pool.totalCount).toBe(0);
    expect(await has(8)).toBe(true);
    await wire.close();
  });
});

describe('a pool', () => {
  it('replaces an idle connection that breaks', async () => {
    const pool = open();
    const lost = new Promise((resolve) => pool.once('error', resolve));
    await open().query('SELECT pg_terminate_backend($1)', [await backendOf(pool)]);
    await lost;
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });

  it('waits for a connection no longer than it may', async () => {
    const pool = open(300);
    const held = await pool.connect();
    await expect(pool.query('SELECT 1')).rejects.toThrow(/timeout/i);
    held.release();
  });

  it('gives whole numbers as numbers and sums as text, so that neither loses a digit', async () => {
    const sql = `SELECT 9007199254740991::int8 AS "offset", sum(n) AS bytes FROM (VALUES (9007199254740993::int8), (2)) AS v(n)`;
    expect((await open().query(sql)).rows).toEqual([{ offset: 9007199254740991, bytes: '9007199254740995' }]);
  });
});
