import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalPassword, passwordRefusal } from './domain.ts';

const KEY = 'ada.lovelace@example.org';

describe('a password', () => {
  it.each([
    'correct horse nine staples',
    'tr0ubador-and-3-lutes',
    'ein langes wort für alle',
    '犬も歩けば棒に当たる今日も',
  ])('may be %p', (password) => {
    expect(passwordRefusal(password, KEY)).toBeUndefined();
  });

  it.each([
    ['password-too-short', 'elevenchars'],
    ['password-too-long', 'abcdefg '.repeat(17)],
    ['password-too-uniform', 'abababababab'],
    ['password-too-uniform', 'wxyzvwxyzvwxyzv'],
    ['password-too-uniform', 'aaaaaaaaaaab'],
    ['password-too-common', 'password12345'],
    ['password-too-common', 'Password2026!'],
    ['password-too-common', '2026 welcome 2026'],
    ['password-too-common', 'qwertyuiopas'],
    ['password-too-common', 'correct horse battery staple'],
    ['password-like-address', 'ada.lovelace@example.org'],
    ['password-like-address', 'Ada.Lovelace1815'],
  ])('is refused with %s: %p', (refusal, password) => {
    expect(passwordRefusal(password, KEY)).toBe(refusal);
  });

  it('counts what a person sees as one character once', () => {
    expect(passwordRefusal('👍🏽🎉🎈🎂🎁🎀🎊🎃🎄🎅🎆🎇🎐', KEY)).toBeUndefined();
    expect(passwordRefusal('👍🎉🎈🎂🎁🎀', KEY)).toBe('password-too-short');
  });

  it('is the same password however a keyboard composes it', () => {
    expect(canonicalPassword('cafe\u0301')).toBe(canonicalPassword('caf\u00e9'));
  });

  it('is never accepted when short, whatever it is made of', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 11 }), (password) => {
        fc.pre(Array.from(canonicalPassword(password)).length < 12);
        expect(passwordRefusal(password, KEY)).toBe('password-too-short');
      }),
    );
  });

  it('is never accepted when it repeats one piece', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 20 }),
        fc.integer({ min: 2, max: 12 }),
        (piece, times) => {
          expect(passwordRefusal(piece.repeat(times), KEY)).toBeDefined();
        },
      ),
    );
  });
});
