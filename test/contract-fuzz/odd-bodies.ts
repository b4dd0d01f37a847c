// The body of an operation in, bodies out: as its schema asks, with one field changed, and such as are no JSON at all.
import fc from 'fast-check';
import type { PlacedOperation } from '../contracts/openapi-rules.ts';
import { edit, type Place, placesOf } from './body-places.ts';
import { CANARY } from './odd-texts.ts';
import { fitting, type Json, odd } from './odd-values.ts';

export interface Content {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

const NO_BODY: Content = { headers: {}, body: undefined };

/** Bodies with the type that they claim to have. */
export function contents(
  { method, operation }: PlacedOperation,
  known: readonly string[],
): fc.Arbitrary<Content> {
  const schema = operation.requestBody?.content?.['application/json']?.schema as Json | undefined;
  const raw = fc.tuple(types, rawBodies).map(([type, body]) => withType(type, body));
  const nothing = fc.oneof(
    fc.constant(NO_BODY),
    types.map((type) => withType(type, Buffer.alloc(0))),
  );
  if (!schema) {
    // What no schema asks for may be sent all the same.
    const other = method === 'post' ? 2 : 1;
    return fc.oneof({ weight: 12, arbitrary: fc.constant(NO_BODY) }, { weight: other, arbitrary: raw });
  }
  const usual = fitting(schema, known);
  const json = fc.oneof({ weight: 4, arbitrary: usual }, { weight: 7, arbitrary: changed(schema, usual) });
  return fc.oneof(
    { weight: 14, arbitrary: json.map((value) => withType('application/json', textOf(value))) },
    { weight: 1, arbitrary: fc.tuple(types, usual).map(([type, value]) => withType(type, textOf(value))) },
    { weight: 3, arbitrary: raw },
    { weight: 1, arbitrary: nothing },
  );
}

const withType = (type: string, body: Buffer): Content => ({
  headers: type ? { 'content-type': type } : {},
  body,
});

const textOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value) ?? '');

const types = fc.oneof(
  { weight: 3, arbitrary: fc.constant('application/json') },
  fc.constantFrom(
    '',
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json; charset=utf-16',
    'APPLICATION/JSON',
    'application/problem+json',
    'application/json, text/plain',
    'nonsense',
    '/',
    'application/json;'.repeat(60),
  ),
);

const rawBodies = fc.oneof(
  fc.constantFrom(
    ...[
      '{',
      '{"a":',
      '[',
      'null',
      '[]',
      '""',
      '0',
      'true',
      ' ',
      '\0',
      '{"a":1}{"b":2}',
      '{"a":1e99999}',
      '{"__proto__":{"x":1}}',
      '{"constructor":{"prototype":{"x":1}}}',
      '{"quantity":1,"quantity":2}',
      '{"a":"\\ud800"}',
      '\uFEFF{}',
      "{'a':1}",
      '{"a":NaN}',
      '['.repeat(30_000),
      '{"a":'.repeat(10_000),
      `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
      `{"email":"${CANARY}"`,
      `{${Array.from({ length: 4_000 }, (_, n) => `"f${n}":${n}`).join()}}`,
      `[${'1,'.repeat(30_000)}1]`,
      `"${'a'.repeat(65_534)}"`,
      `"${'a'.repeat(70_000)}"`,
      ' '.repeat(300_000),
    ].map((text) => Buffer.from(text)),
  ),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  fc.constant(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])),
);

const ODD_NAMES = [
  '__proto__',
  'constructor',
  'toString',
  '',
  '\0',
  'userId',
  'role',
  'x'.repeat(2_000),
  'a.b',
  'a/b',
  '~',
];

/** A fitting body in which one thing is not as it was. */
function changed(schema: Json, usual: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const places = placesOf(schema, []);
  if (places.length === 0) return odd(schema);
  return fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...places).chain((place) => replaced(usual, place)) },
    {
      weight: 2,
      arbitrary: fc.tuple(usual, fc.constantFrom(...places)).map(([body, { steps }]) => without(body, steps)),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(usual, fc.constantFrom(...ODD_NAMES)).map(([body, name]) => withField(body, name)),
    },
    { weight: 1, arbitrary: odd(schema) },
  );
}

const replaced = (usual: fc.Arbitrary<unknown>, { steps, schema }: Place): fc.Arbitrary<unknown> =>
  fc
    .tuple(usual, odd(schema))
    .map(([body, value]) => edit(body, steps, (parent, last) => void (parent[last] = value)));

const without = (body: unknown, steps: Place['steps']): unknown =>
  edit(body, steps, (parent, last) => void delete parent[last]);

const withField = (body: unknown, name: string): unknown =>
  typeof body === 'object' && body !== null && !Array.isArray(body)
    ? Object.fromEntries([...Object.entries(body), [name, CANARY]])
    : body;
