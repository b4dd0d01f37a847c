import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type Challenge,
  ISSUES_PER_HOUR_MAX,
  isAnswerable,
  isBelowHourlyLimit,
  linkExpiresAtMs,
  MAIL_DELAY_MS_MAX,
  mayIssue,
  TOKEN_LIFE_MS,
} from './domain.ts';

const ISSUED_MS = 1_000_000_000_000;
const issued: Challenge = { challengeId: 'c', userId: 'u', purpose: 'verify-email', issuedAtMs: ISSUED_MS };
const mailed: Challenge = { ...issued, expiresAtMs: ISSUED_MS + TOKEN_LIFE_MS };

describe('the mail of a challenge', () => {
  it('makes its link work for half an hour from when it is first written', () => {
    const lateMs = ISSUED_MS + 5 * TOKEN_LIFE_MS;
    expect(linkExpiresAtMs(issued, lateMs)).toBe(lateMs + TOKEN_LIFE_MS);
  });

  it('written again does not make the link last longer', () => {
    expect(linkExpiresAtMs(mailed, ISSUED_MS + TOKEN_LIFE_MS - 1)).toBe(mailed.expiresAtMs);
    expect(linkExpiresAtMs(mailed, ISSUED_MS + TOKEN_LIFE_MS)).toBeUndefined();
  });

  it('is not written a day late, for an erased account, or when the challenge was answered', () => {
    expect(linkExpiresAtMs(issued, ISSUED_MS + MAIL_DELAY_MS_MAX)).toBeUndefined();
    expect(linkExpiresAtMs(undefined, ISSUED_MS)).toBeUndefined();
    expect(linkExpiresAtMs({ ...mailed, usedAtMs: ISSUED_MS + 1 }, ISSUED_MS + 2)).toBeUndefined();
  });
});

describe('a challenge', () => {
  it('is answered once, in time, for its purpose, and not before it was mailed', () => {
    const nowMs = ISSUED_MS + 1;
    expect(isAnswerable(mailed, 'verify-email', nowMs)).toBe(true);
    expect(isAnswerable(mailed, 'reset-password', nowMs)).toBe(false);
    expect(isAnswerable(issued, 'verify-email', nowMs)).toBe(false);
    expect(isAnswerable(undefined, 'verify-email', nowMs)).toBe(false);
    expect(isAnswerable({ ...mailed, usedAtMs: ISSUED_MS }, 'verify-email', nowMs)).toBe(false);
    expect(isAnswerable(mailed, 'verify-email', ISSUED_MS + TOKEN_LIFE_MS)).toBe(false);
  });

  it('is issued beyond three an hour only when no earlier link still works', () => {
    const nowMs = ISSUED_MS + 50 * 60_000;
    const three = (over: Partial<Challenge>) => Array.from({ length: 3 }, () => ({ ...mailed, ...over }));
    expect(mayIssue(three({ expiresAtMs: nowMs + 1 }), nowMs)).toBe(false);
    expect(mayIssue(three({ expiresAtMs: nowMs }), nowMs)).toBe(true);
    expect(mayIssue(three({ usedAtMs: nowMs }), nowMs)).toBe(true);
    expect(mayIssue([...three({ expiresAtMs: nowMs }), { ...mailed, expiresAtMs: nowMs + 1 }], nowMs)).toBe(
      false,
    );
    // Their mails are not written yet.
    expect(mayIssue([issued, issued, issued], ISSUED_MS + TOKEN_LIFE_MS - 1)).toBe(false);
    expect(mayIssue([issued, issued, issued], ISSUED_MS + TOKEN_LIFE_MS)).toBe(true);
    expect(mayIssue([issued, issued], ISSUED_MS)).toBe(true);
  });

  it('always leaves the owner of a mailbox a link that works, whenever strangers ask', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 10 * 60 }), { maxLength: 200 }), (minutes) => {
        const earlier: Challenge[] = [];
        for (const minute of minutes.toSorted((one, other) => one - other)) {
          const nowMs = ISSUED_MS + minute * 60_000;
          if (mayIssue(earlier, nowMs))
            earlier.push({ ...issued, issuedAtMs: nowMs, expiresAtMs: nowMs + TOKEN_LIFE_MS });
          expect(earlier.some((challenge) => isAnswerable(challenge, 'verify-email', nowMs))).toBe(true);
          expect(
            earlier.filter(({ issuedAtMs }) => issuedAtMs > nowMs - 3_600_000).length,
          ).toBeLessThanOrEqual(5);
        }
      }),
    );
  });

  it('is issued at most three times in any hour', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 10 * 60 }), { maxLength: 200 }), (minutes) => {
        const issuedAtMs: number[] = [];
        for (const minute of minutes.toSorted((one, other) => one - other)) {
          const nowMs = minute * 60_000;
          if (isBelowHourlyLimit(issuedAtMs, nowMs)) issuedAtMs.push(nowMs);
        }
        for (const startMs of issuedAtMs) {
          const inHour = issuedAtMs.filter((atMs) => atMs >= startMs && atMs < startMs + 3_600_000);
          expect(inHour.length).toBeLessThanOrEqual(ISSUES_PER_HOUR_MAX);
        }
      }),
    );
  });
});
