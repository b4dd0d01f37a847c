import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { ORDER_PLACED } from '#contracts/orders.ts';
import { PRODUCT_CHANGED } from '#contracts/products.ts';
import { createLogger } from '../log.ts';
import { createRegistry } from '../metrics.ts';
import { requestSchema } from './json-schema.ts';
import { createHttp } from './server.ts';

const everything = z.object({
  id: z.uuid(),
  email: z.email(),
  at: z.iso.datetime(),
  day: z.iso.date(),
  code: z.string().regex(/^[A-Z]{3}$/),
  name: z.string().min(2).max(5),
  size: z.number().gt(0).lte(10),
  step: z.int().multipleOf(5),
  kind: z.enum(['a', 'b']),
  fixed: z.literal(7),
  note: z.string().nullable(),
  list: z.array(z.boolean()).min(1).max(3),
  byName: z.record(z.string().max(3), z.int()),
  choice: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('x'), x: z.int() }),
    z.object({ kind: z.literal('y'), y: z.string() }),
  ]),
  either: z.union([z.int(), z.string().max(2)]),
});

const samples: [string, z.ZodType, object][] = [
  [
    'of every type',
    everything,
    {
      id: '5f0c5c3e-6a2b-4f5e-9d7e-0a1b2c3d4e5f',
      email: 'a@example.org',
      at: '2026-11-24T13:00:00Z',
      day: '2026-02-28',
      code: 'EUR',
      name: 'abc',
      size: 2.5,
      step: 10,
      kind: 'a',
      fixed: 7,
      note: null,
      list: [true],
      byName: { a: 1 },
      choice: { kind: 'y', y: '' },
      either: 'ab',
    },
  ],
  [
    'of an order',
    ORDER_PLACED.schema,
    {
      orderId: 'o',
      userId: 'u',
      lines: [{ productId: 'p', quantity: 1, unitPriceMinor: 5 }],
      total: { amountMinor: 5, currency: 'EUR' },
    },
  ],
  [
    'of a product',
    PRODUCT_CHANGED.schema,
    { productId: 'p', version: 1, name: 'n', price: { amountMinor: 5, currency: 'EUR' }, isActive: true },
  ],
];

let app: FastifyInstance;
beforeAll(async () => {
  app = createHttp({ log: createLogger('spec', 'silent'), registry: createRegistry('spec') });
  // Fastify makes its compiler when the first route needs it.
  app.post('/', { schema: { body: { type: 'object' } } }, () => '');
  await app.ready();
});
afterAll(() => app.close());

/** As the server checks it. */
function validatorOf(schema: z.ZodType): (value: unknown) => boolean {
  const compile = app.validatorCompiler!;
  const validate = compile({ schema: requestSchema(schema), method: 'POST', url: '/', httpPart: 'body' });
  // Defaults are filled in, so each value is checked as a copy.
  return (value) => (validate as (value: unknown) => boolean)(structuredClone(value));
}

type Path = readonly (string | number)[];

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inside = Object.entries(value).flatMap(([key, field]) => pathsOf(field, [...path, key]));
  return path.length === 0 ? inside : [path, ...inside];
}

function changed(value: object, path: Path, change: unknown): unknown {
  const copy = structuredClone(value) as Record<string | number, unknown>;
  const holder = path.slice(0, -1).reduce((at, key) => at[key] as Record<string | number, unknown>, copy);
  const last = path.at(-1)!;
  if (change === undefined) delete holder[last];
  else holder[last] = change;
  return copy;
}

const oddities = fc.oneof(
  fc.constantFrom(
    undefined,
    null,
    '',
    'a',
    'EUR',
    'eur',
    'EUR\n',
    '2026-02-30',
    '2026-02-29',
    '2026-11-24T25:00:00Z',
  ),
  fc.constantFrom(
    0,
    -1,
    1.5,
    5,
    7,
    11,
    100,
    2 ** 53,
    true,
    'x@y',
    'a@b.co',
    'x'.repeat(300),
    [],
    {},
    { kind: 'x' },
  ),
  // Lengths are counted in characters here and in UTF-16 units by zod: only beyond the basic plane do they differ.
  fc.jsonValue({ maxDepth: 2 }),
);

describe.each(samples)('the JSON Schema %s', (_name, schema, sample) => {
  it('takes what is valid', () => {
    expect(schema.safeParse(sample).success).toBe(true);
    expect(validatorOf(schema)(sample)).toBe(true);
  });

  it('refuses whatever zod refuses, wherever one value is another', () => {
    const isValid = validatorOf(schema);
    const paths = pathsOf(sample);
    fc.assert(
      fc.property(fc.constantFrom(...paths), oddities, (path, change) => {
        const value = changed(sample, path, change);
        if (!schema.safeParse(value).success) expect(isValid(value)).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });

  it('refuses a field that is not named, at every depth', () => {
    const isValid = validatorOf(schema);
    const objects = pathsOf(sample).filter((path) => path.length === 1 && path[0] !== 'byName');
    for (const path of [['extra'], ...objects.map((path) => [...path, 'extra'])]) {
      const holder = path
        .slice(0, -1)
        .reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], sample);
      if (typeof holder !== 'object' || holder === null || Array.isArray(holder)) continue;
      expect(isValid(changed(sample, path, 1))).toBe(false);
    }
  });
});
