import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { openForSpec } from '../../../test/open-for-spec.ts';
import { customer, NOTIFICATION, openUserRig } from '../../../test/user-rig.ts';
import { purge, UNVERIFIED_KEPT_MS } from '../accounts/purge.ts';
import { FAMILY_LIFE_MS } from '../sessions/domain.ts';

const rig = openForSpec(() => openUserRig());

const signedUp = async () => {
  const email = `${randomUUID()}@example.org`;
  const { userId, refreshToken } = await rig.signUp(email);
  return { email, userId, refreshToken, as: customer(userId) };
};
const contactOf = (userId: string) => rig.call('GET', `/internal/users/${userId}/contact`, NOTIFICATION);

describe('a profile', () => {
  it('shows a person what is kept of them', async () => {
    const { as, email, userId } = await signedUp();
    const answer = await rig.call('GET', '/users/me', as);
    expect(answer.body).toEqual({
      userId,
      email,
      role: 'customer',
      locale: 'en',
      registeredAt: expect.any(String),
    });
    expect(answer.headers.get('etag')).toBe('"1"');
  });

  it('changes what is sent and nothing else; null takes the name away', async () => {
    const { as, userId } = await signedUp();
    await rig.call('PATCH', '/users/me', as, { name: 'Ada', locale: 'de-AT' });
    const renamed = await rig.call('PATCH', '/users/me', as, { name: 'Ada L.' });
    expect(renamed.body).toMatchObject({ name: 'Ada L.', locale: 'de-AT' });
    expect(renamed.headers.get('etag')).toBe('"3"');
    expect((await rig.call('PATCH', '/users/me', as, { name: null })).body.name).toBeUndefined();
    expect((await contactOf(userId)).body).toMatchObject({ locale: 'de-AT' });
  });

  it('is not changed by a request that names an older version', async () => {
    const { as } = await signedUp();
    const patch = (name: string) =>
      rig.server.request('PATCH', '/users/me', { as, body: { name }, headers: { 'if-match': '"1"' } });
    const answers = await Promise.all([patch('One'), patch('Other')]);
    expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([200, 412]);
  });

  it.each(['', '   ', 'two\nlines', 'nul\0', 'x'.repeat(101)])('has no name like %p', async (name) => {
    const { as } = await signedUp();
    expect((await rig.call('PATCH', '/users/me', as, { name })).status).toBe(400);
  });

  it('takes no role and no address from its owner', async () => {
    const { as } = await signedUp();
    expect((await rig.call('PATCH', '/users/me', as, { role: 'admin' })).status).toBe(400);
    expect((await rig.call('PATCH', '/users/me', as, { email: 'x@example.org' })).status).toBe(400);
  });
});

describe('erasing', () => {
  it('leaves the id and nothing of the person, in no table', async () => {
    const { as, email, userId, refreshToken } = await signedUp();
    await rig.call('PATCH', '/users/me', as, { name: 'Mary Somerville' });
    await rig.signIn(email, 'wrong');
    expect((await rig.call('DELETE', '/users/me', as)).status).toBe(204);
    expect((await rig.call('DELETE', '/users/me', as)).status).toBe(204);
    for (const [method, body] of [
      ['GET', undefined],
      ['PATCH', { name: 'Back' }],
    ] as const) {
      expect((await rig.call(method, '/users/me', as, body)).status).toBe(404);
    }
    expect((await contactOf(userId)).status).toBe(404);
    expect((await rig.signIn(email)).status).toBe(401);
    expect((await rig.refresh(refreshToken)).status).toBe(401);
    expect(await everythingStored()).not.toMatch(new RegExp(`${email}|Somerville`));
    expect(await everythingStored()).toContain(userId);
  });

  it('frees the address for a new account with another id', async () => {
    const { as, email, userId } = await signedUp();
    await rig.call('DELETE', '/users/me', as);
    expect((await rig.signUp(email)).userId).not.toBe(userId);
  });

  it('purges ended sessions, old challenges and old failures, and nothing that still counts', async () => {
    const { email, refreshToken } = await signedUp();
    await rig.signIn(email, 'wrong');
    const rowsLeft = async () => {
      const tables = ['refresh_family', 'refresh_token', 'challenge', 'sign_in_failures'];
      const counts = tables.map(
        async (name) => (await rig.pool.query(`SELECT 1 FROM ${name}`)).rowCount ?? 0,
      );
      return Promise.all(counts);
    };
    const before = await rowsLeft();
    await purge(rig.pool, Date.now());
    expect(await rowsLeft()).toEqual(before);
    expect((await rig.refresh(refreshToken)).status).toBe(200);
    await purge(rig.pool, Date.now() + FAMILY_LIFE_MS + 60_000);
    expect(await rowsLeft()).toEqual([0, 0, 0, 0]);
  });

  it('happens without a request to accounts that were never verified, and to no others', async () => {
    const { as } = await signedUp();
    await rig.register('silent@example.org');
    await purge(rig.pool, Date.now() + UNVERIFIED_KEPT_MS - 60_000);
    expect(await everythingStored()).toContain('silent@example.org');
    await purge(rig.pool, Date.now() + UNVERIFIED_KEPT_MS + 60_000);
    expect(await everythingStored()).not.toContain('silent@example.org');
    expect((await rig.call('GET', '/users/me', as)).status).toBe(200);
  });

  it('happens to any number of them, in steps', async () => {
    await rig.pool.query(
      `INSERT INTO account (user_id, role, registered_at)
       SELECT 'silent-' || n, 'customer', now() - interval '30 days' FROM generate_series(1, 1100) AS n`,
    );
    const steps = [];
    do steps.push(await purge(rig.pool, Date.now()));
    while (steps.at(-1));
    expect(steps).toEqual([true, true, false]);
    const { rows } = await rig.pool.query(
      `SELECT count(*)::int AS left FROM account WHERE user_id LIKE 'silent-%' AND erased_at IS NULL`,
    );
    expect(rows).toEqual([{ left: 0 }]);
  });

  it('spares an account that has just been registered again, and takes it when it is not verified then either', async () => {
    await rig.register('again@example.org');
    rig.clock.aheadMs += UNVERIFIED_KEPT_MS + 60_000;
    await rig.register('again@example.org');
    await purge(rig.pool, Date.now() + rig.clock.aheadMs);
    const { token } = await rig.latestMail();
    expect((await rig.verify(token)).status).toBe(204);
    expect((await rig.signIn('again@example.org')).status).toBe(201);

    await rig.register('never@example.org');
    rig.clock.aheadMs += UNVERIFIED_KEPT_MS + 60_000;
    await rig.register('never@example.org');
    rig.clock.aheadMs += UNVERIFIED_KEPT_MS + 60_000;
    await purge(rig.pool, Date.now() + rig.clock.aheadMs);
    expect(await everythingStored()).not.toContain('never@example.org');
  });

  it('at the moment of a registration loses neither the account nor the mail', async () => {
    for (let round = 0; round < 8; round += 1) {
      const email = `moment-${round}@example.org`;
      await rig.register(email);
      rig.clock.aheadMs += UNVERIFIED_KEPT_MS + 60_000;
      await Promise.all([rig.register(email), purge(rig.pool, Date.now() + rig.clock.aheadMs)]);
      expect((await rig.verify((await rig.latestMail()).token)).status).toBe(204);
      expect((await rig.signIn(email)).status).toBe(201);
    }
  });
});

async function everythingStored(): Promise<string> {
  const { rows: tables } = await rig.pool.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'users'`,
  );
  const contents = tables.map(
    async ({ name }) => (await rig.pool.query(`SELECT t::text FROM ${name} t`)).rows,
  );
  return JSON.stringify(await Promise.all(contents));
}
