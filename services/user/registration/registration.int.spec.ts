import { describe, expect, it } from '@jest/globals';
import { openForSpec } from '../../../test/open-for-spec.ts';
import { NOTIFICATION, openUserRig, PASSWORD } from '../../../test/user-rig.ts';

const rig = openForSpec(() => openUserRig());

const MINUTE_MS = 60_000;
const OTHER_PASSWORD = 'entirely other words there';

describe('registering', () => {
  it('creates an account that can sign in after its address is verified, and not before', async () => {
    expect((await rig.register('Ada@Example.ORG')).status).toBe(202);
    expect((await rig.signIn('ada@example.org')).status).toBe(401);
    const mail = await rig.latestMail();
    expect(mail).toMatchObject({ status: 200, email: 'Ada@example.org', purpose: 'verify-email' });
    expect((await rig.verify(mail.token)).status).toBe(204);
    expect((await rig.signIn(' ADA@example.org ')).status).toBe(201);
  });

  it('publishes that an account was registered and that a mail must be written, and nothing personal', async () => {
    await rig.register('grace@example.org');
    const registered = (await rig.eventsOf('user.registered')).at(-1)!;
    const challenge = (await rig.eventsOf('user.challenge-issued')).at(-1)!;
    expect(Object.keys(registered)).toEqual(['userId']);
    expect(Object.keys(challenge).sort()).toEqual(['challengeId', 'purpose', 'userId']);
    const { rows } = await rig.pool.query('SELECT * FROM outbox');
    expect(JSON.stringify(rows)).not.toMatch(/@|grace/i);
  });

  it('answers alike whether or not the address has an account, and mails the owner a way in', async () => {
    const first = await rig.register('known@example.org');
    await rig.verify((await rig.latestMail()).token);
    const again = await rig.register('known@example.org', OTHER_PASSWORD);
    expect([again.status, again.text]).toEqual([first.status, first.text]);
    expect(await rig.latestMail()).toMatchObject({ purpose: 'reset-password', email: 'known@example.org' });
    expect((await rig.signIn('known@example.org', OTHER_PASSWORD)).status).toBe(401);
    expect((await rig.signIn('known@example.org')).status).toBe(201);
  });

  it('lets the registration count whose mail was answered, not the one that came first', async () => {
    await rig.register('contested@example.org', OTHER_PASSWORD);
    const stranger = await rig.latestMail();
    await rig.register('contested@example.org', PASSWORD);
    const owner = await rig.latestMail();
    expect((await rig.verify(owner.token)).status).toBe(204);
    expect((await rig.verify(stranger.token)).status).toBe(400);
    expect((await rig.signIn('contested@example.org', OTHER_PASSWORD)).status).toBe(401);
    expect((await rig.signIn('contested@example.org')).status).toBe(201);
  });

  it.each(['before', 'after'])(
    "never makes a stranger's password count who registered %s the owner",
    async (when) => {
      const email = `hijack-${when}@example.org`;
      if (when === 'before') await rig.register(email, OTHER_PASSWORD);
      await rig.register(email, PASSWORD);
      if (when === 'after') await rig.register(email, OTHER_PASSWORD);
      // The mail confirmed last is the stranger's, and its reader is the owner nonetheless.
      const { token } = await rig.latestMail();
      expect((await rig.verify(token, PASSWORD)).status).toBe(204);
      expect((await rig.signIn(email, OTHER_PASSWORD)).status).toBe(401);
      expect((await rig.signIn(email, PASSWORD)).status).toBe(201);
    },
  );

  it('gives a stranger nothing who alone has registered the address, though its owner follows the link', async () => {
    await rig.register('unasked@example.org', OTHER_PASSWORD);
    const { token } = await rig.latestMail();
    const { status, body } = await rig.post('/users/verifications', { token });
    expect([status, body]).toEqual([400, expect.objectContaining({ code: 'invalid-request' })]);
    expect((await rig.signIn('unasked@example.org', OTHER_PASSWORD)).status).toBe(401);
    expect((await rig.verify(token, 'short')).body).toMatchObject({ code: 'password-too-short' });
    expect((await rig.verify(token, PASSWORD)).status).toBe(204);
    expect((await rig.signIn('unasked@example.org', OTHER_PASSWORD)).status).toBe(401);
    expect((await rig.signIn('unasked@example.org')).status).toBe(201);
    const { rows } = await rig.pool.query('SELECT 1 FROM challenge WHERE password_hash IS NOT NULL');
    expect(rows).toEqual([]);
  });

  it('three times by a stranger leaves the owner a mail that works, at any time', async () => {
    for (const minutes of [0, 1, 29, 31, 45, 59, 61]) {
      const email = `silenced-${minutes}@example.org`;
      for (let count = 0; count < 3; count += 1) await rig.register(email, OTHER_PASSWORD);
      await rig.latestMail();
      rig.clock.aheadMs += minutes * MINUTE_MS;
      await rig.register(email, PASSWORD);
      const { status, token } = await rig.latestMail();
      expect([minutes, status, (await rig.verify(token)).status]).toEqual([minutes, 200, 204]);
      expect((await rig.signIn(email)).status).toBe(201);
      expect((await rig.signIn(email, OTHER_PASSWORD)).status).toBe(401);
    }
  });

  it('makes one account of all forms of a domain', async () => {
    const forms = ['ida@münchen.example', 'IDA@MU\u0308NCHEN.example', 'ida@xn--mnchen-3ya.example.'];
    const before = (await rig.eventsOf('user.registered')).length;
    for (const form of forms) expect((await rig.register(form)).status).toBe(202);
    expect((await rig.eventsOf('user.registered')).length).toBe(before + 1);
    await rig.verify((await rig.latestMail()).token);
    for (const form of forms) expect([form, (await rig.signIn(form)).status]).toEqual([form, 201]);
  });

  it('makes one account of an address that is registered many times at once', async () => {
    const before = (await rig.eventsOf('user.registered')).length;
    await Promise.all(Array.from({ length: 6 }, () => rig.register('many@example.org')));
    expect((await rig.eventsOf('user.registered')).length).toBe(before + 1);
    const { rows } = await rig.pool.query(
      `SELECT challenge_id FROM challenge JOIN personal_data USING (user_id) WHERE email_key = 'many@example.org'`,
    );
    expect(rows).toHaveLength(3);
  });

  it.each([
    ['email-invalid', { email: 'no address', password: PASSWORD }],
    ['password-too-short', { email: 'a@example.org', password: 'tiny' }],
    ['password-like-address', { email: 'long.name@example.org', password: 'long.name@example.org' }],
  ])('refuses with %s and does not repeat what was sent', async (code, body) => {
    const answer = await rig.post('/users', body);
    expect(answer).toMatchObject({ status: 400, body: { code } });
    expect(answer.text).not.toContain(body.password);
  });
});

describe('a challenge', () => {
  it('has one token however often its mail is written, and keeps only its hash', async () => {
    await rig.register('twice@example.org');
    const [one, two] = [await rig.latestMail(), await rig.latestMail()];
    expect(two.token).toBe(one.token);
    expect(Buffer.from(one.token, 'base64url')).toHaveLength(32);
    const { rows } = await rig.pool.query('SELECT c::text FROM challenge c');
    expect(JSON.stringify(rows)).not.toContain(one.token);
  });

  it('is answered once', async () => {
    await rig.register('once@example.org');
    const { token } = await rig.latestMail();
    const answers = await Promise.all([1, 2, 3].map(() => rig.verify(token)));
    expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([
      204, 400, 400,
    ]);
    expect((await rig.latestMail()).status).toBe(410);
  });

  it('ends half an hour after its mail was first written', async () => {
    await rig.register('late@example.org');
    const { token } = await rig.latestMail();
    rig.clock.aheadMs += 31 * MINUTE_MS;
    expect((await rig.verify(token)).status).toBe(400);
    expect((await rig.latestMail()).status).toBe(410);
  });

  it('does not reset a password when it was issued to verify an address', async () => {
    await rig.register('purpose@example.org');
    const { token } = await rig.latestMail();
    expect((await rig.post('/passwords/resets', { token, password: PASSWORD })).status).toBe(400);
  });

  it('that nobody issued is gone', async () => {
    const { status } = await rig.call('POST', '/internal/challenges/none/mail', NOTIFICATION);
    expect(status).toBe(410);
  });
});

describe('setting a new password', () => {
  it('is the same for an unknown address: accepted, and nothing is mailed', async () => {
    const before = (await rig.eventsOf('user.challenge-issued')).length;
    const answer = await rig.post('/passwords/reset-requests', { email: 'nobody@example.org' });
    expect([answer.status, answer.text]).toEqual([202, '']);
    expect((await rig.eventsOf('user.challenge-issued')).length).toBe(before);
  });

  it('ends every session and every open challenge, and lifts the lock', async () => {
    const session = await rig.signUp('reset@example.org');
    for (let count = 0; count < 6; count += 1) await rig.signIn('reset@example.org', 'wrong');
    expect((await rig.signIn('reset@example.org')).status).toBe(429);
    await rig.post('/passwords/reset-requests', { email: 'reset@example.org' });
    const first = await rig.latestMail();
    await rig.post('/passwords/reset-requests', { email: 'reset@example.org' });
    const { token } = await rig.latestMail();
    const resetWith = (password: string, used = token) =>
      rig.post('/passwords/resets', { token: used, password });
    expect((await resetWith('short')).body).toMatchObject({ code: 'password-too-short' });
    expect((await resetWith(OTHER_PASSWORD)).status).toBe(204);
    expect((await resetWith(OTHER_PASSWORD)).status).toBe(400);
    expect((await resetWith(OTHER_PASSWORD, first.token)).status).toBe(400);
    expect((await rig.refresh(session.refreshToken)).status).toBe(401);
    expect((await rig.signIn('reset@example.org')).status).toBe(401);
    expect((await rig.signIn('reset@example.org', OTHER_PASSWORD)).status).toBe(201);
  });
});
