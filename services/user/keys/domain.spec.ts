import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ACCESS_TOKEN_LIFE_MS } from '../sessions/domain.ts';
import {
  decideRotation,
  KEY_AFTERLIFE_MS,
  KEY_LEAD_MS,
  KEY_SIGNS_MS,
  type KeyTimes,
  signingKeyAt,
} from './domain.ts';

const HOUR_MS = 3_600_000;

/** Rotates at these moments; the keys after each. */
function rotateAt(timesMs: readonly number[]) {
  let keys: KeyTimes[] = [];
  let made = 0;
  const publishedAtMs = new Map<string, number>();
  return timesMs.map((nowMs) => {
    const { create, expired } = decideRotation(keys, nowMs);
    keys = keys.filter(({ kid }) => !expired.includes(kid));
    if (create) {
      made += 1;
      keys = [...keys, { kid: `k${made}`, signsFromMs: create.signsFromMs }];
      publishedAtMs.set(`k${made}`, nowMs);
    }
    return { nowMs, keys, publishedAtMs: new Map(publishedAtMs) };
  });
}

describe('signing keys', () => {
  it('begin with one that signs at once', () => {
    const [first] = rotateAt([1_000]);
    expect(first!.keys).toEqual([{ kid: 'k1', signsFromMs: 1_000 }]);
    expect(signingKeyAt(first!.keys, 1_000)?.kid).toBe('k1');
    expect(decideRotation(first!.keys, 1_000 + HOUR_MS)).toEqual({ expired: [] });
  });

  it('follow each other every 30 days, and the next is public a day before it signs', () => {
    const [, due, after, later] = rotateAt([
      0,
      KEY_SIGNS_MS - KEY_LEAD_MS,
      KEY_SIGNS_MS,
      KEY_SIGNS_MS + KEY_AFTERLIFE_MS,
    ]);
    expect(due!.keys.at(-1)).toEqual({ kid: 'k2', signsFromMs: KEY_SIGNS_MS });
    expect(signingKeyAt(due!.keys, due!.nowMs)?.kid).toBe('k1');
    expect(signingKeyAt(after!.keys, after!.nowMs)?.kid).toBe('k2');
    expect(after!.keys.map(({ kid }) => kid)).toEqual(['k1', 'k2']);
    expect(later!.keys.map(({ kid }) => kid)).toEqual(['k2']);
  });

  it('stay public after their last signature for longer than a token lives', () => {
    expect(KEY_AFTERLIFE_MS).toBeGreaterThan(2 * ACCESS_TOKEN_LIFE_MS);
  });

  it('always include one that signs and has been public for a day', () => {
    const pauses = fc.array(fc.integer({ min: 1, max: 100 * 24 }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(pauses, (hours) => {
        let nowMs = 0;
        const times = [0, ...hours.map((pause) => (nowMs += pause * HOUR_MS))];
        for (const { nowMs: atMs, keys, publishedAtMs } of rotateAt(times)) {
          const signing = signingKeyAt(keys, atMs);
          expect(signing).toBeDefined();
          const sinceMs = signing!.signsFromMs - publishedAtMs.get(signing!.kid)!;
          if (signing!.kid !== 'k1') expect(sinceMs).toBeGreaterThanOrEqual(KEY_LEAD_MS);
          expect(keys.length).toBeLessThanOrEqual(3);
        }
      }),
    );
  });
});
