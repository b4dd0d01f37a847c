import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createLogger } from '#runtime/log.ts';
import { createPool, type Pool } from '#runtime/postgres/database.ts';
import { migrateService } from '#runtime/postgres/migrate.ts';
import { freshDatabase } from '../../test/fresh.ts';
import { createSandbox } from './sandbox.ts';
import { behave } from './sandbox-behaviour.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: Pool;
beforeAll(async () => {
  database = await freshDatabase();
  const log = createLogger('spec', 'silent');
  pool = createPool({ connectionString: database.url, applicationName: 'spec', schema: 'payment', log });
  await migrateService(pool, 'payment', join(import.meta.dirname, 'migrations'), log);
});
afterEach(() => pool.query('DELETE FROM sandbox_behaviour'));
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const newOrder = () => {
  const id = randomUUID();
  const amount = { amountMinor: 1_450, currency: 'EUR' };
  return { paymentId: id, orderId: id, amount, paymentMethod: 'pm_ok' };
};
const charge = (order = newOrder()) => createSandbox({ pool, lateMs: 0 }).charge(order);
const DECLINED = { kind: 'failed', reason: 'declined' };

describe('a sandbox that declines', () => {
  it('declines a good means of payment, until its time is over', async () => {
    await behave(pool, 'declining', 1);
    expect(await charge()).toEqual(DECLINED);
    let answer = await charge();
    while (answer.kind === 'failed') {
      await sleep(100);
      answer = await charge();
    }
    expect(answer.kind).toBe('succeeded');
  });

  it('leaves what was charged before as it was', async () => {
    const order = newOrder();
    expect(await charge(order)).toMatchObject({ kind: 'succeeded' });
    await behave(pool, 'declining', 60);
    expect(await charge(order)).toMatchObject({ kind: 'succeeded' });
    expect(await charge()).toEqual(DECLINED);
  });

  it('keeps a declined charge declined after its time', async () => {
    const order = newOrder();
    await behave(pool, 'declining', 60);
    expect(await charge(order)).toEqual(DECLINED);
    await behave(pool, 'declining', 0);
    expect(await charge(order)).toEqual(DECLINED);
    expect(await charge()).toMatchObject({ kind: 'succeeded' });
  });
});

describe('a slow sandbox', () => {
  it('answers after those that were asked later at its usual speed, and as usual', async () => {
    await behave(pool, 'slow', 60);
    let isAnswered = false;
    const order = newOrder();
    const slow = charge(order).then((answer) => {
      isAnswered = true;
      return answer;
    });
    const heard = () => pool.query('SELECT 1 FROM sandbox_charge WHERE payment_id = $1', [order.paymentId]);
    while ((await heard()).rowCount === 0) await sleep(10);
    await behave(pool, 'slow', 0);
    expect(await charge()).toMatchObject({ kind: 'succeeded' });
    expect(isAnswered).toBe(false);
    expect(await slow).toMatchObject({ kind: 'succeeded' });
  });
});

describe('its command', () => {
  const run = (args: string[], provider = 'sandbox') =>
    promisify(execFile)(process.execPath, [join(import.meta.dirname, 'sandbox-behaviour.cli.ts'), ...args], {
      env: { PATH: process.env.PATH, DATABASE_URL: database.url, PAYMENT_PROVIDER: provider },
    });

  it('sets it for a while', async () => {
    await run(['--kind', 'declining', '--seconds', '60']);
    expect(await charge()).toEqual(DECLINED);
  });

  it.each([
    ['another kind', ['--kind', 'generous', '--seconds', '60'], 'sandbox', /npm run sandbox/],
    ['no time', ['--kind', 'slow'], 'sandbox', /npm run sandbox/],
    [
      'another provider',
      ['--kind', 'declining', '--seconds', '60'],
      'stripe',
      /only the sandbox has a switch/,
    ],
  ])('refuses %s, and changes nothing', async (_what, args, provider, words) => {
    await expect(run(args, provider)).rejects.toMatchObject({ stderr: expect.stringMatching(words) });
    expect(await charge()).toMatchObject({ kind: 'succeeded' });
  });
});
