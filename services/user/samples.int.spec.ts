import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { describe, expect, it, jest } from '@jest/globals';
import { openForSpec } from '../../test/open-for-spec.ts';
import { openUserRig } from '../../test/user-rig.ts';

// Each test starts processes, which takes its time on a busy machine.
jest.setTimeout(60_000);

const EMAIL = 'admin@shop.example';
const PASSWORD = 'words of a laptop';

const rig = openForSpec(() => openUserRig());

async function run(change: Record<string, string> = {}): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, ['services/user/samples.ts'], {
    env: {
      PATH: process.env.PATH ?? '',
      DATABASE_URL: rig.databaseUrl,
      LOG_LEVEL: 'warn',
      PASSWORD_COST_LOG2: '14',
      MAIL_TRANSPORT: 'mailbox',
      PAYMENT_PROVIDER: 'sandbox',
      SAMPLE_ADMIN_EMAIL: EMAIL,
      SAMPLE_ADMIN_PASSWORD: PASSWORD,
      ...change,
    },
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, output: out + err };
}
const signIn = async (password: string) =>
  (await rig.server.request('POST', '/sessions', { body: { email: EMAIL, password } })).status;
const roleOf = async () =>
  (await rig.pool.query<{ role: string }>('SELECT role FROM account')).rows.map(({ role }) => role);

describe('the sample admin', () => {
  it.each([
    ['real mails are sent', { MAIL_TRANSPORT: 'ses' }],
    ['nobody says what becomes of mails', { MAIL_TRANSPORT: '' }],
    ['real money moves', { PAYMENT_PROVIDER: 'stripe' }],
  ])('is not made where %s', async (_where, change) => {
    const { code, output } = await run(change);
    expect([code, output]).toEqual([1, expect.stringContaining('sample accounts are for laptops')]);
    expect(await roleOf()).toEqual([]);
  });

  it('is made once, and can sign in', async () => {
    expect(await run()).toEqual({ code: 0, output: 'the sample admin is added\n' });
    expect(await signIn(PASSWORD)).toBe(201);
    expect(await run()).toEqual({ code: 0, output: 'the sample admin is kept\n' });
    expect(await roleOf()).toEqual(['admin']);
    expect(await rig.eventsOf('user.registered')).toHaveLength(1);
  });

  it('gets the password of today, also where another one or another role is there', async () => {
    await rig.pool.query(`UPDATE account SET role = 'customer'`);
    const given = { SAMPLE_ADMIN_PASSWORD: 'other words of a laptop' };
    expect(await run(given)).toEqual({ code: 0, output: 'the sample admin is added\n' });
    expect(await signIn(PASSWORD)).toBe(401);
    expect(await signIn(given.SAMPLE_ADMIN_PASSWORD)).toBe(201);
    expect(await roleOf()).toEqual(['admin']);
  });

  it('never stands in the output with its password', async () => {
    expect((await run({ DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' })).output).not.toContain(
      PASSWORD,
    );
  });
});
