// Random numbers that a seed determines.

export interface Random {
  /** From 0 up to, but not, the limit. */
  whole(limit: number): number;
  between(min: number, max: number): number;
  pick<T>(items: readonly T[]): T;
  /** The same sequence as at its own start, whatever has been taken from this one since. */
  fork(): Random;
}

/** Mulberry32, by Tommy Ettinger (public domain): small, quick, and good enough for pictures. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (limit: number): number => Math.floor(next() * limit);
  return {
    whole,
    between: (min, max) => min + next() * (max - min),
    pick: (items) => items[whole(items.length)]!,
    fork: () => createRandom(seed + 0x9e3779b9),
  };
}
