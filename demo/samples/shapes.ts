// The goods of the shop as SVG paths, each standing on the line y = 100 of a square of 100, its middle at x = 50.

/** `body` is filled with the main colour, `trim` with a darker one, `shine` with a veil of white. */
export interface Shape {
  readonly body: string;
  readonly trim?: string;
  readonly shine: string;
}

export type ShapeName = 'vase' | 'tea-tin' | 'bowl' | 'bottle' | 'lamp' | 'cup' | 'candle' | 'pot';

export const SHAPES: Readonly<Record<ShapeName, Shape>> = {
  vase: {
    body: 'M42 8 H58 C56 26 78 38 78 62 C78 84 66 94 62 100 H38 C34 94 22 84 22 62 C22 38 44 26 42 8 Z',
    trim: 'M39 6 H61 V12 H39 Z M38 96 H62 V100 H38 Z',
    shine: 'M36 42 C28 54 28 70 36 82 C32 68 33 54 36 42 Z',
  },
  'tea-tin': {
    body: 'M26 26 H74 V96 C66 101 34 101 26 96 Z',
    trim: 'M26 26 C30 18 70 18 74 26 V34 C66 38 34 38 26 34 Z M30 54 H70 V78 C62 81 38 81 30 78 Z',
    shine: 'M30 38 H36 V94 L30 93 Z',
  },
  bowl: {
    body: 'M8 46 H92 C90 78 70 92 62 94 H38 C30 92 10 78 8 46 Z',
    trim: 'M8 46 C20 38 80 38 92 46 C80 52 20 52 8 46 Z M38 94 H62 L64 100 H36 Z',
    shine: 'M18 56 C22 72 30 82 38 87 C28 74 24 66 22 56 Z',
  },
  bottle: {
    body: 'M44 10 H56 V34 C56 42 70 46 70 58 V96 C64 100 36 100 30 96 V58 C30 46 44 42 44 34 Z',
    trim: 'M43 4 H57 V12 H43 Z M30 64 H70 V86 H30 Z',
    shine: 'M35 58 C36 52 42 50 44 46 V92 L35 90 Z',
  },
  lamp: {
    body: 'M32 10 H68 L86 50 H14 Z',
    trim: 'M48 50 H52 V92 H48 Z M34 92 C40 88 60 88 66 92 L68 100 H32 Z',
    shine: 'M36 14 H42 L32 46 H22 Z',
  },
  cup: {
    body: 'M20 40 H70 V72 C70 92 60 98 54 100 H36 C30 98 20 92 20 72 Z',
    trim: 'M70 48 C90 46 92 78 67 80 V72 C80 70 80 56 70 57 Z M20 40 C28 35 62 35 70 40 C62 45 28 45 20 40 Z',
    shine: 'M26 48 H32 V74 C32 82 34 88 37 92 C28 88 26 80 26 74 Z',
  },
  candle: {
    body: 'M36 34 C42 30 58 30 64 34 V90 H36 Z',
    trim: 'M22 90 H78 C76 97 66 100 62 100 H38 C34 100 24 97 22 90 Z M49 22 H51 V33 H49 Z',
    shine: 'M50 4 C57 12 56 20 50 23 C44 20 43 12 50 4 Z M40 36 H45 V88 H40 Z',
  },
  pot: {
    body: 'M18 50 H82 L74 98 C66 101 34 101 26 98 Z',
    trim: 'M14 42 H86 V54 H14 Z M49 42 C48 24 34 20 28 10 C44 12 52 22 51 42 Z M51 42 C52 26 62 16 74 16 C70 28 60 30 53 42 Z',
    shine: 'M26 56 H34 L37 96 L31 94 Z',
  },
};
