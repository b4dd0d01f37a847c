import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { openForSpec } from '../../../test/open-for-spec.ts';
import { customer, openUserRig, PASSWORD } from '../../../test/user-rig.ts';
import { purge } from '../accounts/purge.ts';
import { createPasswords } from '../passwords/scrypt.ts';
import { NETWORK_KNOWN_MS } from './domain.ts';

const rig = openForSpec(() => openUserRig());

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;

const claimsOf = async (accessToken: string) => {
  const { body } = await rig.server.request<JSONWebKeySet>('GET', '/.well-known/jwks.json');
  return jwtVerify(accessToken, createLocalJWKSet(body), {
    issuer: 'spec-users',
    audience: 'shop',
    algorithms: ['EdDSA'],
    currentDate: new Date(Date.now() + rig.clock.aheadMs),
  });
};

describe('signing in', () => {
  it('gives an access token of 15 minutes that the published keys verify', async () => {
    const { userId, accessToken } = await rig.signUp('ada@example.org');
    const { payload, protectedHeader } = await claimsOf(accessToken);
    expect(protectedHeader).toEqual({ alg: 'EdDSA', typ: 'at+jwt', kid: expect.any(String) });
    expect(payload).toEqual({
      sub: userId,
      role: 'customer',
      iss: 'spec-users',
      aud: 'shop',
      iat: expect.any(Number),
      exp: payload.iat! + 900,
    });
  });

  it('answers alike for an unknown address and for a wrong password', async () => {
    await rig.signUp('known@example.org');
    const wrong = await rig.signIn('known@example.org', 'wrong');
    const unknown = await rig.signIn('unknown@example.org', 'wrong');
    expect([wrong.status, wrong.text]).toEqual([401, unknown.text]);
    expect(unknown.status).toBe(401);
  });

  it('is never cached, and its tokens are nowhere in the database', async () => {
    const { accessToken, refreshToken } = await rig.signUp('secret@example.org');
    expect((await rig.signIn('secret@example.org')).headers.get('cache-control')).toBe('no-store');
    const { rows } = await rig.pool.query(
      'SELECT t::text FROM refresh_token t UNION ALL SELECT f::text FROM refresh_family f UNION ALL SELECT i::text FROM idempotency i',
    );
    expect(JSON.stringify(rows)).not.toContain(refreshToken);
    expect(JSON.stringify(rows)).not.toContain(accessToken);
    expect(JSON.stringify(rows)).toContain(createHash('sha256').update(refreshToken).digest('hex'));
  });

  it('replaces a hash that was made with less than is asked for today', async () => {
    const { userId } = await rig.signUp('weak@example.org');
    const weak = await createPasswords({ costLog2: 4, hashesMax: 1 }).hash(PASSWORD);
    await rig.pool.query('UPDATE account SET password_hash = $2 WHERE user_id = $1', [userId, weak]);
    expect((await rig.signIn('weak@example.org')).status).toBe(201);
    const { rows } = await rig.pool.query('SELECT password_hash FROM account WHERE user_id = $1', [userId]);
    expect(rows[0].password_hash).toMatch(/^\$scrypt\$ln=10,/);
    expect((await rig.signIn('weak@example.org')).status).toBe(201);
  });
});

describe('failed sign-ins', () => {
  const failAt = async (email: string, times: number, ip = '203.0.113.9') => {
    const outcomes = [];
    for (let count = 0; count < times; count += 1) {
      outcomes.push((await rig.work.sessions.signIn(email, 'wrong', ip)).kind);
    }
    return outcomes;
  };

  it('lock the account for that network alone, also for the right password, and not for ever', async () => {
    await rig.signUp('locked@example.org');
    expect(await failAt('locked@example.org', 7)).toEqual([...Array(5).fill('refused'), 'locked', 'locked']);
    const attempt = (ip: string) => rig.work.sessions.signIn('locked@example.org', PASSWORD, ip);
    expect(await attempt('203.0.113.9')).toMatchObject({ kind: 'locked' });
    expect(await attempt('203.0.113.10')).toMatchObject({ kind: 'signed-in' });
    rig.clock.aheadMs += MINUTE_MS;
    expect(await attempt('203.0.113.9')).toMatchObject({ kind: 'signed-in' });
  });

  it('are counted before they are tried, so that many at once are not more attempts', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, () =>
        rig.work.sessions.signIn('parallel@example.org', 'wrong', '203.0.113.11'),
      ),
    );
    expect(outcomes.filter(({ kind }) => kind === 'refused')).toHaveLength(5);
  });

  it('are answered with the time to wait, and alike for an address without an account', async () => {
    for (let count = 0; count < 5; count += 1) await rig.signIn('ghost@example.org', 'wrong');
    const answer = await rig.signIn('ghost@example.org');
    expect(answer).toMatchObject({ status: 429, body: { code: 'sign-in-locked' } });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  describe('from many networks', () => {
    const guess = async (email: string, from: number, to: number) => {
      const kinds: string[] = [];
      for (let n = from; n < to; n += 1) {
        kinds.push((await rig.work.sessions.signIn(email, 'wrong', `198.51.${n >> 8}.${n & 255}`)).kind);
      }
      return kinds;
    };

    it('lock the account for all networks that its owner has not proved to be in', async () => {
      await rig.signUp('wide@example.org');
      expect(await guess('wide@example.org', 0, 30)).toEqual([
        ...Array(20).fill('refused'),
        ...Array(10).fill('locked'),
      ]);
      // Also when the password is right by now.
      expect(await rig.work.sessions.signIn('wide@example.org', PASSWORD, '192.0.2.1')).toMatchObject({
        kind: 'locked',
      });
    });

    it('never lock the owner out where they have signed in, nor where they set a password by mail', async () => {
      const email = 'guarded@example.org';
      await rig.signUp(email);
      for (let round = 0; round < 3; round += 1) {
        await guess(email, round * 100, round * 100 + 60);
        expect((await rig.signIn(email)).status).toBe(201);
        rig.clock.aheadMs += MINUTE_MS;
      }
      await guess(email, 1_000, 1_060);
      const attempt = () => rig.work.sessions.signIn(email, PASSWORD, '2001:db8:9::1');
      expect(await attempt()).toMatchObject({ kind: 'locked' });
      await rig.post('/passwords/reset-requests', { email });
      const { token } = await rig.latestMail();
      expect(
        await rig.work.challenges.answer('reset-password', {
          token,
          password: PASSWORD,
          ip: '2001:db8:9::7',
        }),
      ).toBe('accepted');
      await guess(email, 2_000, 2_060);
      expect(await attempt()).toMatchObject({ kind: 'signed-in' });
    });

    it('are counted before they are tried, and alike for an address without an account', async () => {
      await rig.signUp('crowded@example.org');
      for (const email of ['crowded@example.org', 'nobody-there@example.org']) {
        const outcomes = await Promise.all(
          Array.from({ length: 30 }, (_, n) => rig.work.sessions.signIn(email, 'wrong', `203.0.${n}.1`)),
        );
        expect([email, outcomes.filter(({ kind }) => kind === 'refused').length]).toEqual([email, 20]);
      }
    });

    it('stay counted when the owner signs in elsewhere for the first time, which itself is none', async () => {
      const email = 'travels@example.org';
      await rig.signUp(email);
      await guess(email, 0, 19);
      expect(await rig.work.sessions.signIn(email, PASSWORD, '192.0.2.50')).toMatchObject({
        kind: 'signed-in',
      });
      expect(await guess(email, 19, 22)).toEqual(['refused', 'locked', 'locked']);
    });

    it('still lock one network that is known, as before', async () => {
      const email = 'shared-office@example.org';
      await rig.signUp(email);
      const known = async (password: string) =>
        (await rig.work.sessions.signIn(email, password, '127.0.0.1')).kind;
      for (let count = 0; count < 5; count += 1) expect(await known('wrong')).toBe('refused');
      expect(await known(PASSWORD)).toBe('locked');
    });

    it('leave nothing behind of an erased user, and a network is deleted in time', async () => {
      const { userId } = await rig.signUp('erased-net@example.org');
      const count = async () => (await rig.pool.query('SELECT 1 FROM known_network')).rowCount ?? 0;
      const before = await count();
      await rig.call('DELETE', '/users/me', customer(userId));
      expect(await count()).toBe(before - 1);
      await purge(rig.pool, Date.now() + rig.clock.aheadMs + NETWORK_KNOWN_MS + MINUTE_MS);
      expect(await count()).toBe(0);
    });
  });

  it('are kept without address or network that could be read', async () => {
    await failAt('private@example.org', 1, '198.51.100.77');
    const { rows } = await rig.pool.query('SELECT f::text FROM sign_in_failures f');
    expect(JSON.stringify(rows)).not.toMatch(/private|198\.51/);
  });
});

describe('a refresh token', () => {
  it('is used up by one use, and its successor works', async () => {
    const first = await rig.signUp('rotate@example.org');
    const second = await rig.refresh(first.refreshToken);
    expect(second.status).toBe(200);
    expect((await claimsOf(second.body.accessToken)).payload.sub).toBe(first.userId);
    expect((await rig.refresh(second.body.refreshToken)).status).toBe(200);
  });

  it('ends its whole session when it is used twice', async () => {
    const first = await rig.signUp('thief@example.org');
    const second = await rig.refresh(first.refreshToken);
    expect((await rig.refresh(first.refreshToken)).status).toBe(401);
    expect((await rig.refresh(second.body.refreshToken)).status).toBe(401);
    expect((await rig.signIn('thief@example.org')).status).toBe(201);
  });

  it('works for one of many that use it at once, and then the session ends for all', async () => {
    const { refreshToken } = await rig.signUp('race@example.org');
    const answers = await Promise.all(Array.from({ length: 5 }, () => rig.refresh(refreshToken)));
    const winners = answers.filter(({ status }) => status === 200);
    expect(winners).toHaveLength(1);
    expect((await rig.refresh(winners[0]!.body.refreshToken)).status).toBe(401);
  });

  it('carries the role of today', async () => {
    const { userId, refreshToken } = await rig.signUp('promoted@example.org');
    await rig.pool.query(`UPDATE account SET role = 'admin' WHERE user_id = $1`, [userId]);
    const { body } = await rig.refresh(refreshToken);
    expect((await claimsOf(body.accessToken)).payload.role).toBe('admin');
  });

  it('ends when it is not used for 30 days', async () => {
    const { refreshToken } = await rig.signUp('idle@example.org');
    rig.clock.aheadMs += 30 * DAY_MS;
    expect((await rig.refresh(refreshToken)).status).toBe(401);
    rig.clock.aheadMs -= 30 * DAY_MS;
  });
});

describe('signing out', () => {
  it('ends one session and leaves the others', async () => {
    const phone = await rig.signUp('two@example.org');
    const { body: laptop } = await rig.signIn('two@example.org');
    expect((await rig.post('/sessions/sign-out', { refreshToken: phone.refreshToken })).status).toBe(204);
    expect((await rig.refresh(phone.refreshToken)).status).toBe(401);
    expect((await rig.refresh(laptop.refreshToken)).status).toBe(200);
  });

  it('everywhere ends all of them', async () => {
    const phone = await rig.signUp('all@example.org');
    const { body: laptop } = await rig.signIn('all@example.org');
    const { status } = await rig.call('DELETE', '/users/me/sessions', customer(phone.userId));
    expect(status).toBe(204);
    expect((await rig.refresh(phone.refreshToken)).status).toBe(401);
    expect((await rig.refresh(laptop.refreshToken)).status).toBe(401);
  });

  it('with an unknown token is no error', async () => {
    expect((await rig.post('/sessions/sign-out', { refreshToken: 'none' })).status).toBe(204);
  });
});
