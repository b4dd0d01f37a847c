import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { IMAGE_PROCESSED, type ImageProcessed } from './images.ts';

const sample: ImageProcessed = {
  productId: 'p-1',
  source: { bucket: 'raw', key: 'uploads/p-1/u-1.jpg', version: 'v1' },
  rendition: {
    bucket: 'out',
    key: 'p-1/u-1/small.webp',
    format: 'webp',
    width: 480,
    height: 320,
    bytes: 9_000,
  },
  sizeTable: 1,
};
const paths = [
  ['productId'],
  ['source'],
  ['source', 'bucket'],
  ['source', 'key'],
  ['source', 'version'],
  ['rendition'],
  ['rendition', 'bucket'],
  ['rendition', 'key'],
  ['rendition', 'format'],
  ['rendition', 'width'],
  ['rendition', 'height'],
  ['rendition', 'bytes'],
  ['sizeTable'],
  ['added'],
];
/** Values that tell strict rules from lax ones. */
const awkward: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    null,
    '',
    'x',
    'jpeg',
    'toString',
    '1',
    0,
    -0,
    1,
    -1,
    0.5,
    2 ** 53 - 1,
    2 ** 53,
  ),
  fc.constantFrom<unknown>(true, [], {}, [1], { bucket: 'b' }, '__proto__', 99, 1e308),
  fc.jsonValue(),
);

function withValue(path: readonly string[], value: unknown): unknown {
  const copy = structuredClone(sample) as unknown as Record<string, unknown>;
  const parent = path.slice(0, -1).reduce((node, name) => node[name] as Record<string, unknown>, copy);
  parent[path.at(-1)!] = value;
  return JSON.parse(JSON.stringify(copy));
}

describe('the fast check of a processed image', () => {
  const isPlainlyValid = IMAGE_PROCESSED.isPlainlyValid!;

  it('knows a valid event', () => {
    expect(isPlainlyValid(sample)).toBe(true);
  });

  it.each(paths.slice(0, -1))('says the same as the schema, with any value in %s', (...path) => {
    fc.assert(
      fc.property(awkward, (value) => {
        const data = withValue(path.filter(Boolean), value);
        expect(isPlainlyValid(data)).toBe(IMAGE_PROCESSED.schema.safeParse(data).success);
      }),
      { numRuns: 300 },
    );
  });

  it('says the same as the schema of two changed fields and of anything at all', () => {
    const path = fc.constantFrom(...paths);
    fc.assert(
      fc.property(path, awkward, awkward, (at, value, whole) => {
        for (const data of [withValue(at, value), whole])
          expect(isPlainlyValid(data)).toBe(IMAGE_PROCESSED.schema.safeParse(data).success);
      }),
      { numRuns: 500 },
    );
  });
});
