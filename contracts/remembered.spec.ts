import { describe, expect, it } from '@jest/globals';
import { remembered } from './remembered.ts';

describe('what is remembered', () => {
  it('is made once for the same texts, and anew for others', () => {
    let count = 0;
    const made = remembered((one: string, other: string) => `${one}-${other}-${++count}`);
    expect([made('a', 'b'), made('a', 'b'), made('ab', ''), made('', 'ab')]).toEqual([
      'a-b-1',
      'a-b-1',
      'ab--2',
      '-ab-3',
    ]);
  });

  it('has a limit, after which it is made anew', () => {
    let count = 0;
    const made = remembered((_key: string) => ++count);
    const first = made('0');
    for (let n = 1; n < 500; n += 1) made(String(n));
    expect(made('0')).toBe(first);
    made('one more');
    expect(made('0')).not.toBe(first);
  });
});
