import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decideRegistration, readEmail } from './domain.ts';

describe('an address', () => {
  it('is written to as its owner writes it, with the domain in lower case, and known by lower case alone', () => {
    expect(readEmail('  Ada.Lovelace+shop@Example.ORG ')).toEqual({
      address: 'Ada.Lovelace+shop@example.org',
      key: 'ada.lovelace+shop@example.org',
    });
  });

  it.each([
    '',
    'ada',
    'ada@',
    '@example.org',
    'ada@example',
    'a b@example.org',
    'a@b@example.org',
    'a,b@c.de',
  ])('is not %p', (text) => {
    expect(readEmail(text)).toBeUndefined();
  });

  it('cannot smuggle in a second header or address', () => {
    for (const text of ['a@b.org\nbcc:c@d.org', 'a@b.org,c@d.org', '<a@b.org>', 'a@b.org;c', 'a\0@b.org']) {
      expect(readEmail(text)).toBeUndefined();
    }
  });

  it('is at most 254 characters long', () => {
    expect(readEmail(`${'a'.repeat(64)}@${'b'.repeat(180)}.example`)).toBeDefined();
    expect(readEmail(`${'a'.repeat(64)}@${'b'.repeat(190)}.org`)).toBeUndefined();
  });

  it('stays itself when it is read again, and has one key however its case is', () => {
    fc.assert(
      fc.property(fc.emailAddress(), (text) => {
        const email = readEmail(text);
        if (!email) return;
        expect(readEmail(email.address)).toEqual(email);
        expect(readEmail(text.toUpperCase())?.key).toBe(email.key);
      }),
    );
  });
});

describe('registering an address', () => {
  it('creates an account where there is none, and asks to verify the address', () => {
    expect(decideRegistration(undefined)).toEqual({ createsAccount: true, challenge: 'verify-email' });
  });

  it('asks again while nobody has verified it', () => {
    const found = { userId: 'u', role: 'customer' } as const;
    expect(decideRegistration(found)).toEqual({ createsAccount: false, challenge: 'verify-email' });
  });

  it('offers a new password to whoever has an account already', () => {
    const found = { userId: 'u', role: 'customer', passwordHash: 'h' } as const;
    expect(decideRegistration(found)).toEqual({ createsAccount: false, challenge: 'reset-password' });
  });
});
