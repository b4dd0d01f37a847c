// Everything that changes how a user signs in, at the same time and on one account: nothing waits in a circle, and what was
// ended stays ended.
import { describe, expect, it, jest } from '@jest/globals';
import { openForSpec } from '../../test/open-for-spec.ts';
import { customer, openUserRig, PASSWORD } from '../../test/user-rig.ts';
import { purge } from './accounts/purge.ts';

jest.setTimeout(60_000);

const rig = openForSpec(() => openUserRig());

const HOUR_MS = 3_600_000;

describe('at the same time on one account', () => {
  it('registering, resetting, signing in and out, refreshing and erasing are each done or refused', async () => {
    for (let round = 0; round < 4; round += 1) {
      const email = `busy-${round}@example.org`;
      const { userId, refreshToken } = await rig.signUp(email);
      await rig.post('/passwords/reset-requests', { email });
      const { token } = await rig.latestMail();
      const { body: other } = await rig.signIn(email);
      const as = customer(userId);
      const works: (() => Promise<{ status: number }>)[] = [
        () => rig.register(email),
        () => rig.post('/passwords/reset-requests', { email }),
        () => rig.post('/passwords/resets', { token, password: PASSWORD }),
        () => rig.signIn(email),
        () => rig.signIn(email, 'wrong'),
        () => rig.refresh(refreshToken),
        () => rig.post('/sessions/sign-out', { refreshToken: other.refreshToken }),
        () => rig.call('DELETE', '/users/me/sessions', as),
        () => rig.call('PATCH', '/users/me', as, { name: 'Busy' }),
        ...(round % 2 ? [() => rig.call('DELETE', '/users/me', as)] : []),
      ];
      const answers = await Promise.all([...works, ...works, ...works.toReversed()].map((work) => work()));
      expect(answers.map(({ status }) => status).filter((status) => status >= 500)).toEqual([]);
      await purge(rig.pool, Date.now());
    }
  });

  it('a reset leaves no session of the old password, whatever signs in meanwhile', async () => {
    const email = 'stolen@example.org';
    await rig.signUp(email);
    let password = PASSWORD;
    for (let round = 0; round < 8; round += 1) {
      // Three mails an hour are all that an account gets.
      rig.clock.aheadMs += HOUR_MS;
      await rig.post('/passwords/reset-requests', { email });
      const { token } = await rig.latestMail();
      const next = `${PASSWORD} ${round}`;
      const attempts = Array.from({ length: 3 }, () => rig.signIn(email, password));
      const [reset, ...thieves] = await Promise.all([
        rig.post('/passwords/resets', { token, password: next }),
        ...attempts,
      ]);
      expect(reset.status).toBe(204);
      password = next;
      const tokens = thieves.filter(({ status }) => status === 201).map(({ body }) => body);
      for (const { refreshToken } of tokens) expect((await rig.refresh(refreshToken)).status).toBe(401);
    }
    expect((await rig.signIn(email, password)).status).toBe(201);
  });

  it('an erasure leaves no session and no way in', async () => {
    for (let round = 0; round < 4; round += 1) {
      const email = `leaving-${round}@example.org`;
      const { userId } = await rig.signUp(email);
      const attempts = Array.from({ length: 3 }, () => rig.signIn(email));
      await Promise.all([rig.call('DELETE', '/users/me', customer(userId)), ...attempts]);
      const { rows } = await rig.pool.query('SELECT 1 FROM refresh_family WHERE user_id = $1', [userId]);
      expect(rows).toEqual([]);
    }
  });
});
