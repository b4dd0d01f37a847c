import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  admitSignIn,
  FAILURES_FORGOTTEN_MS,
  FREE_FAILURES,
  judgeRefresh,
  LOCK_MS_MAX,
  LOCK_MS_MIN,
  networkOf,
  type RefreshToken,
  type SignInFailures,
} from './domain.ts';

const NOW_MS = 1_000_000_000_000;
const token: RefreshToken = {
  familyId: 'f',
  userId: 'u',
  expiresAtMs: NOW_MS + 1_000,
  familyExpiresAtMs: NOW_MS + 5_000,
};

describe('a refresh token', () => {
  it('is rotated once, while it and its family last', () => {
    expect(judgeRefresh(token, NOW_MS)).toBe('rotate');
    expect(judgeRefresh(token, NOW_MS + 1_000)).toBe('refuse');
    expect(judgeRefresh({ ...token, familyExpiresAtMs: NOW_MS }, NOW_MS)).toBe('refuse');
    expect(judgeRefresh(undefined, NOW_MS)).toBe('refuse');
  });

  it('that was used before ends its family, also when it has expired meanwhile', () => {
    const used = { ...token, rotatedAtMs: NOW_MS };
    expect(judgeRefresh(used, NOW_MS + 1)).toBe('revoke-family');
    expect(judgeRefresh(used, NOW_MS + 2_000)).toBe('revoke-family');
    expect(judgeRefresh({ ...used, familyRevokedAtMs: NOW_MS }, NOW_MS + 1)).toBe('refuse');
  });

  it('leaves at most one usable in its family, and none once one was used twice', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 30 }), { minLength: 1, maxLength: 60 }), (picks) => {
        let family: RefreshToken[] = [token];
        let wasReused = false;
        for (const pick of picks) {
          const index = pick % family.length;
          const verdict = judgeRefresh(family[index], NOW_MS);
          wasReused ||= index < family.length - 1;
          if (verdict === 'rotate') {
            family = [...family.with(index, { ...family[index]!, rotatedAtMs: NOW_MS }), token];
          }
          if (verdict === 'revoke-family') {
            family = family.map((one) => ({ ...one, familyRevokedAtMs: NOW_MS }));
          }
          const usable = family.filter((one) => judgeRefresh(one, NOW_MS) === 'rotate');
          expect(usable).toHaveLength(wasReused ? 0 : 1);
        }
      }),
    );
  });
});

/** Attempts at these moments, each a failure; what became of each. */
function failAt(timesMs: readonly number[]) {
  let failures: SignInFailures | undefined;
  return timesMs.map((atMs) => {
    const admission = admitSignIn(failures, atMs);
    if (admission.isAdmitted) failures = admission.failures;
    return { atMs, admission };
  });
}

describe('failed sign-ins', () => {
  it('lock from the fifth on, each twice as long as the one before, up to a quarter of an hour', () => {
    let failures: SignInFailures | undefined;
    let nowMs = NOW_MS;
    const locksMs: number[] = [];
    for (let count = 0; count < 14; count += 1) {
      const admission = admitSignIn(failures, nowMs);
      if (!admission.isAdmitted) throw new Error('refused after the end of the lock');
      failures = admission.failures;
      locksMs.push(Math.max(0, failures.lockedUntilMs - nowMs));
      nowMs = Math.max(nowMs, failures.lockedUntilMs);
    }
    expect(locksMs.slice(0, 4)).toEqual([0, 0, 0, 0]);
    expect(locksMs.slice(4, 10)).toEqual([1, 2, 4, 8, 16, 30].map((factor) => factor * LOCK_MS_MIN));
    expect(locksMs.slice(10)).toEqual([LOCK_MS_MAX, LOCK_MS_MAX, LOCK_MS_MAX, LOCK_MS_MAX]);
  });

  it('never lock for longer than announced, and an attempt does not prolong a lock', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 4 * 3_600_000 }), { maxLength: 200 }), (offsets) => {
        let untilMs = 0;
        for (const { atMs, admission } of failAt(offsets.toSorted((one, other) => one - other))) {
          if (admission.isAdmitted) {
            expect(atMs).toBeGreaterThanOrEqual(untilMs);
            untilMs = admission.failures.lockedUntilMs;
            expect(untilMs - atMs).toBeLessThanOrEqual(LOCK_MS_MAX);
          } else {
            expect(admission.retryAfterMs).toBe(untilMs - atMs);
          }
        }
      }),
    );
  });

  it('admit at most a few guesses in any hour, however they are spread', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 3_600_000 }), { maxLength: 400 }), (offsets) => {
        const admitted = failAt(offsets.toSorted((one, other) => one - other)).filter(
          ({ admission }) => admission.isAdmitted,
        );
        expect(admitted.length).toBeLessThanOrEqual(FREE_FAILURES + 8);
      }),
    );
  });

  it('count from one again an hour after the last', () => {
    const before = { count: 9, lastAtMs: NOW_MS, lockedUntilMs: NOW_MS + LOCK_MS_MAX };
    const admission = admitSignIn(before, NOW_MS + FAILURES_FORGOTTEN_MS);
    expect(admission).toMatchObject({ isAdmitted: true, failures: { count: 1 } });
  });
});

describe('the network of an address', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['2001:db8:0:1:2:3:4:5', '2001:db8:0:1::/64'],
    ['2001:db8:0:1::9', '2001:db8:0:1::/64'],
    ['2001:0db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('%s is %s', (ip, network) => {
    expect(networkOf(ip)).toBe(network);
  });
});
