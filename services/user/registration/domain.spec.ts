import { describe, expect, it } from '@jest/globals';
import { decideRegistration } from './domain.ts';

describe('registering an address', () => {
  it('creates an account where there is none, and asks to verify the address', () => {
    expect(decideRegistration(undefined)).toEqual({ isNewAccount: true, challenge: 'verify-email' });
  });

  it('asks again while the address is not verified', () => {
    const found = { userId: 'u', role: 'customer' } as const;
    expect(decideRegistration(found)).toEqual({ isNewAccount: false, challenge: 'verify-email' });
  });

  it('offers a new password where there is a verified account already', () => {
    const found = { userId: 'u', role: 'customer', passwordHash: 'h' } as const;
    expect(decideRegistration(found)).toEqual({ isNewAccount: false, challenge: 'reset-password' });
  });
});
