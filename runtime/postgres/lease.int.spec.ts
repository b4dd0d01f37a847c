import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { freshDatabase } from '../../test/fresh.ts';
import { createLogger } from '../log.ts';
import { createPool, inTransaction, type Pool } from './database.ts';
import { LeaseQueue } from './lease.ts';

const LEASE_MS = 60_000;
const QUEUE = new LeaseQueue({
  table: 'parcel',
  id: 'parcel_id',
  dueAt: 'due_at',
  attempts: 'attempts',
  isOpen: `state <> 'done'`,
  isHeld: `state = 'leased'`,
});
const TAKING = { leaseMs: LEASE_MS, set: `state = 'leased'`, returning: 'address' };

let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: Pool;

beforeAll(async () => {
  database = await freshDatabase();
  const log = createLogger('spec', 'silent');
  pool = createPool({ connectionString: database.url, applicationName: 'spec', log });
  await pool.query(`CREATE TABLE parcel (parcel_id text PRIMARY KEY, address text NOT NULL DEFAULT 'here',
    state text NOT NULL DEFAULT 'open', due_at timestamptz NOT NULL DEFAULT now(), attempts int NOT NULL DEFAULT 0)`);
});
beforeEach(() => pool.query('TRUNCATE parcel'));
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const add = (count: number) =>
  pool.query(`INSERT INTO parcel (parcel_id) SELECT 'p-' || n FROM generate_series(1, $1::int) AS n`, [
    count,
  ]);
const leasesEnd = () => pool.query(`UPDATE parcel SET due_at = now() - interval '1 s'`);
const take = (countMax: number) => QUEUE.take<{ address: string }>(pool, countMax, TAKING);
const stateOf = async (id: string) =>
  (await pool.query('SELECT state, attempts FROM parcel WHERE parcel_id = $1', [id])).rows[0];

describe('a row that is due', () => {
  it('is leased once, however many take at the same time', async () => {
    await add(40);
    const taken: string[] = [];
    const takers = Array.from({ length: 8 }, async () => {
      for (let leases = await take(3); leases.length > 0; leases = await take(3))
        taken.push(...leases.map(({ id }) => id));
    });
    await Promise.all(takers);
    expect(taken).toHaveLength(40);
    expect(new Set(taken).size).toBe(40);
  });

  it('negative control: chosen and then marked, without a lock, it is two takers’', async () => {
    await add(1);
    const chosen = await Promise.all([QUEUE.due(pool, 1), QUEUE.due(pool, 1)]);
    expect(chosen).toEqual([['p-1'], ['p-1']]);
  });

  it('comes in the order in which rows are due, with the columns that were asked for', async () => {
    await add(3);
    await pool.query(`UPDATE parcel SET due_at = now() - interval '1 h' WHERE parcel_id = 'p-3'`);
    expect(await take(1)).toEqual([{ id: 'p-3', attempt: 1, address: 'here' }]);
  });

  it('is not taken before its time, nor when it is done', async () => {
    await add(2);
    await pool.query(`UPDATE parcel SET due_at = now() + interval '1 h' WHERE parcel_id = 'p-1'`);
    await pool.query(`UPDATE parcel SET state = 'done' WHERE parcel_id = 'p-2'`);
    expect([await take(9), await QUEUE.due(pool, 9)]).toEqual([[], []]);
    expect(await QUEUE.takeOne(pool, 'p-1', TAKING)).toBeUndefined();
    expect(await QUEUE.takeOne(pool, 'p-2', TAKING)).toBeUndefined();
  });

  it('can be taken by its id, by one taker', async () => {
    await add(1);
    const takers = Array.from({ length: 6 }, () => QUEUE.takeOne(pool, 'p-1', TAKING));
    expect((await Promise.all(takers)).filter((lease) => lease !== undefined)).toHaveLength(1);
  });

  it('is waited for by its id while a transaction changes it, and passed over in a round', async () => {
    await add(2);
    const isHeld = Promise.withResolvers<void>();
    const mayEnd = Promise.withResolvers<void>();
    const changing = inTransaction(pool, async (client) => {
      await client.query(`UPDATE parcel SET address = 'there' WHERE parcel_id = 'p-1'`);
      isHeld.resolve();
      await mayEnd.promise;
    });
    await isHeld.promise;
    expect((await take(9)).map(({ id }) => id)).toEqual(['p-2']);
    const waiting = QUEUE.takeOne<{ address: string }>(pool, 'p-1', TAKING);
    mayEnd.resolve();
    await changing;
    expect(await waiting).toEqual({ id: 'p-1', attempt: 1, address: 'there' });
  });
});

describe('a lease', () => {
  it('that ended makes the row due again, and counts the attempts', async () => {
    await add(1);
    await take(1);
    expect(await take(1)).toEqual([]);
    await leasesEnd();
    expect(await take(1)).toMatchObject([{ id: 'p-1', attempt: 2 }]);
  });

  it('that is another’s by now can be neither extended nor released', async () => {
    await add(1);
    const [late] = await take(1);
    await leasesEnd();
    const [current] = await take(1);
    const done = { set: 'state = $4', values: ['done'] };
    expect(await QUEUE.extend(pool, late!, LEASE_MS)).toBe(false);
    expect(await QUEUE.release(pool, late!, 0, done)).toBe(false);
    expect(await stateOf('p-1')).toEqual({ state: 'leased', attempts: 2 });
    expect(await QUEUE.release(pool, current!, 0, done)).toBe(true);
    expect(await stateOf('p-1')).toEqual({ state: 'done', attempts: 2 });
  });

  it('negative control: without the attempt’s number the late holder would overwrite the current one', async () => {
    await add(1);
    await take(1);
    await leasesEnd();
    await take(1);
    const unfenced = `UPDATE parcel SET state = 'done' WHERE parcel_id = 'p-1' AND state = 'leased'`;
    expect((await pool.query(unfenced)).rowCount).toBe(1);
  });

  it('begins again when it is extended', async () => {
    await add(1);
    const [lease] = await take(1);
    await leasesEnd();
    expect(await QUEUE.extend(pool, lease!, LEASE_MS, { set: `address = 'on its way'` })).toBe(true);
    expect(await take(1)).toEqual([]);
    await leasesEnd();
    expect(await take(1)).toMatchObject([{ address: 'on its way', attempt: 2 }]);
  });

  it('that is released makes the row due after the delay', async () => {
    await add(1);
    const [lease] = await take(1);
    const open = { set: `state = 'open'` };
    expect(await QUEUE.release(pool, lease!, 3_600_000, open)).toBe(true);
    expect(await take(1)).toEqual([]);
    // Nobody holds it: a repeated release changes nothing.
    expect(await QUEUE.release(pool, lease!, 0, open)).toBe(false);
    expect(await QUEUE.nextDueMs(pool)).toBeGreaterThan(3_000_000);
  });
});

describe('the wait for what is due next', () => {
  it('is that of the row that comes first, not above 0 when one is due, and unknown when none is open', async () => {
    expect(await QUEUE.nextDueMs(pool)).toBeUndefined();
    await add(2);
    await pool.query(`UPDATE parcel SET due_at = now() + interval '1 h' WHERE parcel_id = 'p-2'`);
    expect(await QUEUE.nextDueMs(pool)).toBeLessThanOrEqual(0);
    await pool.query(`UPDATE parcel SET state = 'done' WHERE parcel_id = 'p-1'`);
    expect(await QUEUE.nextDueMs(pool)).toBeGreaterThan(3_000_000);
  });
});
