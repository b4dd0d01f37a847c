// A JSON Schema in, values out that fit it, and values that nearly do: wrong types, bounds and what lies beside them, texts that
// databases, regular expressions and parsers stumble over.
import fc from 'fast-check';

export type Json = Readonly<Record<string, unknown>>;

/** Stands in every made-up text, so that an answer that repeats one is noticed. */
export const CANARY = 'canary7f3a';

/** Longest text here: below the limit of a body, so that the schema and not the limit has to refuse it. */
export const LONG = 60_000;

/** Values that fit a schema; `known` are texts that mean something to the service, tried before made-up ones. */
export function fitting(schema: Json, known: readonly string[]): fc.Arbitrary<unknown> {
  if ('const' in schema) return fc.constant(schema.const);
  if (Array.isArray(schema.enum)) return fc.constantFrom(...(schema.enum as unknown[]));
  const branches = (schema.anyOf ?? schema.oneOf) as readonly Json[] | undefined;
  if (branches) return fc.oneof(...branches.map((branch) => fitting(branch, known)));
  switch (schema.type) {
    case 'object':
      return fittingObject(schema, known);
    case 'array':
      return fc.array(fitting((schema.items ?? {}) as Json, known), {
        minLength: Number(schema.minItems ?? 0),
        maxLength: Math.min(Number(schema.maxItems ?? 4), 4),
      });
    case 'integer':
      return fittingInteger(schema);
    case 'number':
      return fc.double({ noNaN: true, noDefaultInfinity: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return fittingText(schema, known);
  }
}

function fittingObject({ properties = {}, required = [] }: Json, known: readonly string[]) {
  const fields = Object.entries(properties as Record<string, Json>).map(
    ([name, schema]) => [name, fitting(schema, known)] as const,
  );
  return fc.record(Object.fromEntries(fields), { requiredKeys: required as string[] });
}

function fittingInteger(schema: Json): fc.Arbitrary<number> {
  const { min, max } = boundsOf(schema);
  const common = fc.integer({ min, max: Math.min(max, min + 20) });
  return fc.oneof({ weight: 6, arbitrary: common }, fc.constantFrom(min, max));
}

const boundsOf = (schema: Json) => ({
  min: Number(schema.minimum ?? Number(schema.exclusiveMinimum ?? -1_000_001) + 1),
  max: Number(schema.maximum ?? Number(schema.exclusiveMaximum ?? 1_000_001) - 1),
});

function fittingText(schema: Json, known: readonly string[]): fc.Arbitrary<string> {
  const [minLength, maxLength] = [Number(schema.minLength ?? 0), Number(schema.maxLength ?? 200)];
  const pattern = typeof schema.pattern === 'string' ? new RegExp(schema.pattern, 'u') : undefined;
  const fits = (text: string) =>
    text.length >= minLength && text.length <= maxLength && (pattern?.test(text) ?? true);
  const familiar = known.filter(fits);
  const madeUp = pattern ? matching(pattern, fits) : fc.string({ unit: 'grapheme', minLength, maxLength });
  if (familiar.length === 0) return madeUp;
  return fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...familiar) }, madeUp);
}

/** The texts of a pattern; of one that fast-check cannot read, some that happen to match. */
function matching(pattern: RegExp, fits: (text: string) => boolean): fc.Arbitrary<string> {
  try {
    return fc.stringMatching(pattern, { size: 'small' }).filter(fits);
  } catch {
    return fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
      .map((text) => (fits(text) ? text : 'a'));
  }
}

/** Texts that something behind the schema may not bear. */
const ODD_TEXTS = [
  '',
  ' ',
  '\0',
  `${CANARY}\0`,
  'a\0b',
  '\uD800',
  'a\uDFFF',
  '\u202E',
  '\uFEFF',
  'İ',
  'ﷺ',
  '👩‍👩‍👧‍👦',
  '../../etc/passwd',
  '..\\..\\',
  '%00',
  '%ff',
  `'; DROP TABLE ${CANARY}; --`,
  `" OR 1=1 -- ${CANARY}`,
  '${7*7}{{7*7}}',
  '<script>alert(1)</script>',
  '__proto__',
  'constructor',
  'toString',
  'NaN',
  '-0',
  '1e999',
  '0x10',
  '9007199254740993',
  '00000000-0000-0000-0000-000000000000',
  '0000-01-01T00:00:00Z',
  '+275760-09-13T00:00:00.000Z',
  'a@b',
  `${CANARY}@mail.example`,
  `${'a'.repeat(64)}@${'b'.repeat(186)}.at`,
  // Cursors: well-formed, and of nobody's list.
  ...[null, 1, [], {}, { placedAt: '2026-02-30T00:00:00Z', orderId: 'x' }, { entryId: 1e300 }].map(cursorOf),
  ...[
    { rank: 1e308, name: 'a\0', productId: 'x' },
    { rank: 0, name: '\uD800', productId: 'x' },
    { createdAt: '0000-01-01T00:00:00Z', notificationId: 'x' },
    { createdAt: '2026-01-01T00:00:00Z', notificationId: 'x\0' },
    { placedAt: '9999-12-31T23:59:59.999999999Z', orderId: 'x' },
    { categoryId: 'x', name: '\0' },
    { entryId: 9_007_199_254_740_991 },
    { entryId: -1 },
  ].map(cursorOf),
];

function cursorOf(position: unknown): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** A long run that matches, then what does not: a regular expression that backtracks needs minutes for it. */
const longRuns = fc
  .tuple(
    fc.constantFrom('a', ' ', '0', '-', 'é', '\t', 'A'),
    fc.constantFrom('', '\0', '\n', '!', ' ', '\uD800'),
  )
  .map(([unit, end]) => unit.repeat(LONG) + end);

export const oddText: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...ODD_TEXTS) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 80 }) },
  { weight: 1, arbitrary: longRuns },
);

const nested = fc
  .tuple(
    fc.constantFrom<(inner: unknown) => unknown>(
      (x) => [x],
      (x) => ({ a: x }),
    ),
    fc.integer({ min: 2, max: 3_000 }),
  )
  .map(([wrap, depth]) => {
    let value: unknown = 0;
    for (let n = 0; n < depth; n += 1) value = wrap(value);
    return value;
  });

const ODD_NUMBERS = [-1, 0, -0, 0.5, 2 ** 31, 2 ** 53, -(2 ** 53), 2 ** 63, 1e308, -1e308, 5e-324];

/** A value in the place of one of this schema, which it may or may not fit. */
export function odd(schema: Json): fc.Arbitrary<unknown> {
  const { min, max } = boundsOf(schema);
  const limit = Number(schema.maxLength ?? 64);
  return fc.oneof(
    { weight: 6, arbitrary: oddText },
    { weight: 3, arbitrary: fc.constantFrom<unknown>(min - 1, max + 1, min, max, ...ODD_NUMBERS) },
    { weight: 2, arbitrary: fc.constantFrom('x'.repeat(limit), 'x'.repeat(limit + 1), '€'.repeat(limit)) },
    { weight: 2, arbitrary: fc.constantFrom<unknown>(null, true, [], {}, [[]], [null], { a: 1 }) },
    { weight: 1, arbitrary: fc.jsonValue() },
    { weight: 1, arbitrary: nested },
  );
}
