// Texts that databases, regular expressions, parsers and file systems stumble over.
import fc from 'fast-check';

/** Stands in every made-up text, so that an answer that repeats one is noticed. */
export const CANARY = 'canary7f3a';

/** Longest text here: below the limit of a body, so that the schema and not the limit has to refuse it. */
export const LONG = 60_000;

/** Texts that a program behind the schema may not be able to handle. */
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
  // Cursors: well-formed, and of no list.
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
    fc.constantFrom('', '\0', '\x01', '\n', '!', ' ', '\uD800', '\uFFFF'),
  )
  .map(([unit, end]) => unit.repeat(LONG) + end);

export const oddText: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...ODD_TEXTS) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 80 }) },
  { weight: 1, arbitrary: longRuns },
);
