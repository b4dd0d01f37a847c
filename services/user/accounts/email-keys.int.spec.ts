// Accounts as the version before has stored them: a key for each form of a domain.
import { describe, expect, it } from '@jest/globals';
import { openForSpec } from '../../../test/open-for-spec.ts';
import { openUserRig, PASSWORD } from '../../../test/user-rig.ts';
import { rekeyEmails } from './email-keys.ts';

const rig = openForSpec(() => openUserRig());

/** An account under the key that it had before. */
async function stored(email: string, isVerified: boolean): Promise<string> {
  const made = `made-${Math.random()}@example.org`;
  await rig.register(made);
  if (isVerified) await rig.verify((await rig.latestMail()).token);
  const { rows } = await rig.pool.query<{ user_id: string }>(
    'UPDATE personal_data SET email = $2, email_key = $3 WHERE email = $1 RETURNING user_id',
    [made, email, email.toLowerCase()],
  );
  return rows[0]!.user_id;
}
const userOf = async (email: string) => (await rig.signIn(email, PASSWORD)).body.userId;
const warnings: unknown[] = [];
const rekey = () =>
  rekeyEmails(rig.pool, Date.now(), { warn: (...said: unknown[]) => void warnings.push(said) });

describe('a start after the change of keys', () => {
  it('accepts every form of the domain for an account that was stored under one of them', async () => {
    const [unicode, dotted] = [
      await stored('Eva@Größe.example', true),
      await stored('eva@example.net.', true),
    ];
    await Promise.all([rekey(), rekey()]);
    expect([await userOf('eva@größe.example'), await userOf('eva@xn--gre-6ka8i.example')]).toEqual([
      unicode,
      unicode,
    ]);
    expect(await userOf('eva@example.net')).toBe(dotted);
  });

  it('keeps the verified one of two accounts of one mailbox', async () => {
    const verified = await stored('max@straße.example', true);
    await stored('max@xn--strae-oqa.example', false);
    const other = await stored('uwe@xn--strae-oqa.example', true);
    await stored('uwe@straße.example', false);
    await rekey();
    expect(await userOf('max@straße.example')).toBe(verified);
    expect(await userOf('uwe@straße.example')).toBe(other);
    expect(warnings).toEqual([]);
  });

  it('leaves two verified ones as they are, and names their ids alone', async () => {
    const [old, kept] = [await stored('jo@käse.example', true), await stored('jo@xn--kse-qla.example', true)];
    await rekey();
    expect(await userOf('jo@käse.example')).toBe(kept);
    expect(warnings).toEqual([[{ userId: old, otherUserId: kept }, 'two verified accounts of one mailbox']]);
  });
});
