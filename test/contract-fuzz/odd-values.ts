// In: a JSON Schema. Out: values that fit it, and values that nearly do: wrong types, bounds and their neighbours, texts that
// databases, regular expressions and parsers stumble over.
import fc from 'fast-check';
import { oddText } from './odd-texts.ts';

export type Json = Readonly<Record<string, unknown>>;

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
const matching = (pattern: RegExp, fits: (text: string) => boolean): fc.Arbitrary<string> =>
  textsOf(pattern)?.filter(fits) ??
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).map((text) => (fits(text) ? text : 'a'));

const arbitraries = new Map<string, fc.Arbitrary<string> | undefined>();
/** Made once for each pattern: fast-check lists every character of every class in it. */
function textsOf(pattern: RegExp): fc.Arbitrary<string> | undefined {
  if (!arbitraries.has(pattern.source)) arbitraries.set(pattern.source, readTexts(pattern));
  return arbitraries.get(pattern.source);
}

function readTexts(pattern: RegExp): fc.Arbitrary<string> | undefined {
  try {
    return fc.stringMatching(pattern, { size: 'small' });
  } catch {
    return undefined;
  }
}

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
