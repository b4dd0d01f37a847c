import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { AppError } from '#runtime/errors.ts';
import { createSecrets } from './secrets.ts';

const [key, other] = [randomBytes(32), randomBytes(32)] as const;
const plain = Buffer.from('a private key');
const codeOf = (work: () => unknown): string | undefined => {
  try {
    work();
    return undefined;
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
};

describe('a sealed key', () => {
  it('opens under its name with the key that sealed it, and looks different every time', () => {
    const secrets = createSecrets([key]);
    const sealed = secrets.seal('kid', plain);
    expect(secrets.unseal('kid', sealed)).toEqual(plain);
    expect(secrets.seal('kid', plain)).not.toEqual(sealed);
    expect(sealed.includes(plain)).toBe(false);
  });

  it('does not open under another name or after any byte was altered', () => {
    const secrets = createSecrets([key]);
    const sealed = secrets.seal('kid', plain);
    expect(codeOf(() => secrets.unseal('other', sealed))).toBe('seal-broken');
    for (let index = 0; index < sealed.length; index += 1) {
      const altered = Buffer.from(sealed);
      altered[index]! ^= 1;
      expect(codeOf(() => secrets.unseal('kid', altered))).toMatch(/^(seal-broken|sealed-by-another-key)$/);
    }
  });

  it('opens with the previous key; without it, the error names the missing setting', () => {
    const sealed = createSecrets([key]).seal('kid', plain);
    expect(createSecrets([other, key]).unseal('kid', sealed)).toEqual(plain);
    expect(codeOf(() => createSecrets([other]).unseal('kid', sealed))).toBe('sealed-by-another-key');
  });
});

describe('what is derived from a key', () => {
  it('is the same every time, and differs for every text, use and key', () => {
    const secrets = createSecrets([key]);
    expect(secrets.challengeToken('c1')).toBe(createSecrets([key, other]).challengeToken('c1'));
    const values = [
      secrets.challengeToken('c1'),
      secrets.challengeToken('c2'),
      secrets.keyedHash('c1').toString('base64url'),
      createSecrets([other]).challengeToken('c1'),
    ];
    expect(new Set(values).size).toBe(values.length);
  });
});
