// Signing in by tokens to a real Postgres that asks as RDS does.
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { RdsLike } from '../../test/rds-like.ts';
import { selfSigned } from '../../test/self-signed.ts';
import { createLogger } from '../log.ts';
import { createPool, type Pool, type PoolOptions } from './database.ts';
import { isOutage } from './outage.ts';
import type { RdsTokenSource } from './rds-login.ts';

const ROLE = 'order_service';
let rds: RdsLike;
const pools: Pool[] = [];
beforeAll(async () => {
  rds = await RdsLike.start();
  await rds.admin(`CREATE ROLE ${ROLE} LOGIN`, `GRANT rds_iam TO ${ROLE}`);
});
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.end()));
});
afterAll(() => rds.stop());

function open(token: RdsTokenSource, options: Partial<PoolOptions> = {}, authority = rds.authority): Pool {
  const pool = createPool({
    connectionString: rds.url(ROLE),
    rds: { region: 'eu-central-1', token, authorities: [authority] },
    applicationName: 'spec',
    log: createLogger('spec', 'silent'),
    connectionsMax: 1,
    ...options,
  });
  pools.push(pool);
  return pool;
}
const backendOf = async (pool: Pool): Promise<number> =>
  (await pool.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]!.pid;
const end = async (pool: Pool): Promise<void> => {
  const lost = new Promise((resolve) => pool.once('error', resolve));
  await rds.admin(`SELECT pg_terminate_backend(${await backendOf(pool)})`);
  await lost;
};

describe('a pool that signs in by tokens', () => {
  it('asks for one at each connection, for the host, port and user of its address', async () => {
    const doors: unknown[] = [];
    await rds.setToken(ROLE, 'token-1');
    const pool = open((door) => {
      doors.push(door);
      return Promise.resolve('token-1');
    });
    await pool.query('SELECT 1');
    await pool.query('SELECT 1');
    expect(doors).toEqual([{ host: 'localhost', port: Number(new URL(rds.adminUrl).port), user: ROLE }]);
  });

  it('keeps its connections when their token has expired, and makes new ones with a new token', async () => {
    let token = 'token-of-12:00';
    await rds.setToken(ROLE, token);
    const pool = open(() => Promise.resolve(token));
    const first = await backendOf(pool);
    // A quarter of an hour later.
    token = 'token-of-12:15';
    await rds.setToken(ROLE, token);
    expect(await backendOf(pool)).toBe(first);
    await end(pool);
    expect(await backendOf(pool)).not.toBe(first);
  });

  it('negative control: an old token is refused, so a pool that kept its first one would be shut out', async () => {
    await rds.setToken(ROLE, 'token-of-12:00');
    const pool = open(() => Promise.resolve('token-of-12:00'));
    await pool.query('SELECT 1');
    await rds.setToken(ROLE, 'token-of-12:15');
    await end(pool);
    await expect(pool.query('SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('is encrypted', async () => {
    await rds.setToken(ROLE, 'token-1');
    const pool = open(() => Promise.resolve('token-1'));
    const { rows } = await pool.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
    expect(rows).toEqual([{ ssl: true }]);
  });

  it('shows no token to a server of another authority, nor to one of another name', async () => {
    let shown = 0;
    const token = () => {
      shown += 1;
      return Promise.resolve('token-1');
    };
    const { certificate } = selfSigned('localhost');
    await expect(open(token, {}, certificate).query('SELECT 1')).rejects.toThrow(/certificate/);
    const connectionString = rds.url(ROLE).replace('localhost', '127.0.0.1');
    await expect(open(token, { connectionString }).query('SELECT 1')).rejects.toThrow(/altnames/);
    expect(shown).toBe(0);
  });

  it('is an error, and waits no longer than it may, where no token can be had', async () => {
    const refused = open(() => Promise.reject(new Error('no credentials')));
    await expect(refused.query('SELECT 1')).rejects.toThrow('no credentials');
    const silent = open(() => new Promise(() => {}), { waitMsMax: 300 });
    await expect(silent.query('SELECT 1')).rejects.toThrow(/timeout/i);
  });

  it('treats a refused sign-in as an outage: no event becomes a dead letter because of it', async () => {
    await rds.setToken(ROLE, 'token-1');
    const shutOut = [
      open(() => Promise.resolve('another')),
      open(() => Promise.reject(new Error('no credentials'))),
      open(() => new Promise(() => {}), { waitMsMax: 300 }),
    ];
    const errors = shutOut.map((pool) => pool.query('SELECT 1').catch((error: unknown) => error));
    expect((await Promise.all(errors)).map((error) => isOutage(error))).toEqual([true, true, true]);
  });
});
