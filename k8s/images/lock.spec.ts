import { describe, expect, it } from '@jest/globals';
import type { ImageLock } from '../images.ts';
import { lockText, readPushed, staleRows, withPushed, withTags } from './lock.ts';

const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;
const [A, B] = ['aaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbb'];
const kafka = { repository: 'docker.io/apache/kafka', tag: '4.1.2', source: 'somewhere, 2026-11-28' };
const lock: ImageLock = {
  cart: { tag: A, pushed: { tag: A, digest: digest('1') } },
  gone: { tag: A },
  kafka,
};

describe('the tags of the lock', () => {
  it('are stale where the sources give another, where an image is new, and where one is gone', () => {
    const tags = new Map([
      ['cart', B],
      ['order', A],
    ]);
    expect(staleRows(lock, tags)).toEqual(['cart', 'gone', 'order']);
    expect(staleRows(withTags(lock, tags), tags)).toEqual([]);
  });

  it('change, and what was pushed stays until something else was', () => {
    const tags = new Map([['cart', B]]);
    expect(withTags(lock, tags)).toEqual({
      cart: { tag: B, pushed: { tag: A, digest: digest('1') } },
      kafka,
    });
  });

  it('are given to no image of others', () => {
    expect(() => withTags(lock, new Map([['kafka', A]]))).toThrow(
      /kafka is an image of ours and of another publisher/,
    );
  });
});

describe('what was pushed', () => {
  it('is written with its tag and digest', () => {
    expect(withPushed(lock, readPushed(`cart ${B} ${digest('2')}\n\n`))).toEqual({
      ...lock,
      cart: { tag: A, pushed: { tag: B, digest: digest('2') } },
    });
  });

  it('is refused with a second digest for one tag: two builds gave two images', () => {
    const twice = [{ name: 'cart', tag: A, digest: digest('2') }];
    expect(() => withPushed(lock, twice)).toThrow(/cart:a+ was pushed as sha256:1+, and is sha256:2+ now/);
  });

  it.each(['kafka', 'nobody', 'constructor', '__proto__'])(
    'is refused for %s, which we do not build',
    (name) => {
      expect(() => withPushed(lock, [{ name, tag: A, digest: digest('1') }])).toThrow(/no image of ours/);
    },
  );

  it.each(['cart', `cart ${A}`, `cart ${A} ${digest('1')} more`])('is no line such as %s', (line) => {
    expect(() => readPushed(line)).toThrow(/expected a name, a tag and a digest/);
  });
});

describe('the lock as text', () => {
  it('is sorted by name, for any order of the rows', () => {
    const backwards = Object.fromEntries(Object.entries(lock).toReversed());
    expect(lockText(backwards)).toBe(lockText(lock));
    expect(Object.keys(JSON.parse(lockText(backwards)) as object)).toEqual(['cart', 'gone', 'kafka']);
  });
});
