// Random numbers that a seed determines: a picture, or a run that failed, is repeated by its seed.

export interface Random {
  /** In [0, 1). */
  next(): number;
  /** A whole number from `min` to `max`, both included. */
  whole(min: number, max: number): number;
  between(min: number, max: number): number;
  pick<Item>(items: readonly Item[]): Item;
  /** The same sequence as at its own start, whatever has been taken from this one since. */
  fork(): Random;
}

/** Mulberry32, by Tommy Ettinger (public domain): small, quick, and good enough for pictures and for choosing what fails. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  return {
    next,
    whole,
    between: (min, max) => min + next() * (max - min),
    pick: (items) => items[whole(0, items.length - 1)]!,
    fork: () => createRandom(seed + 0x9e3779b9),
  };
}
