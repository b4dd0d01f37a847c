// An operation in, requests out whose texts reach some parser behind the schema: of searches, of patterns, of dates in cursors.
// Always sent, never left to chance: of thousands of texts only one has the dashes that break a parser.
import type { PlacedOperation } from '../contracts/openapi-rules.ts';
import type { RequestSources } from './odd-headers.ts';
import type { RawRequest } from './odd-requests.ts';
import type { Json } from './odd-values.ts';
import { usualRequests } from './usual-request.ts';

const repeated = (piece: string): string[] => [33, 64, 200].map((count) => piece.repeat(count).slice(0, 200));

/** Operators of searches, regular expressions, LIKE, JSON paths and arrays, alone, in runs, and without what they stand between. */
const PARSER_TEXTS = [
  ...[
    '-',
    '- ',
    '-"',
    '-&',
    '!',
    '(',
    '"',
    '\\',
    '%',
    '_',
    '*',
    '&|',
    '<->',
    "'",
    ':*',
    '$.',
    '[',
    '{',
    '-a ',
    'or ',
  ].flatMap(repeated),
  '$$',
  "E'\\\\x00'",
  '{{}}',
  '(?:a+)+$',
  '$.**.a',
  '1e400',
  'infinity',
  'NaN',
];

/** Each in every text of the query. */
export function parserTextsTo(placed: PlacedOperation, sources: RequestSources): RawRequest[] {
  const queries = (placed.operation.parameters ?? []).filter(
    ({ in: place, schema }) =>
      place === 'query' && (schema as Json).type === 'string' && !(schema as Json).enum,
  );
  const [usual] = queries.length > 0 ? usualRequests(placed, sources, 1) : [];
  if (!usual) return [];
  return queries.flatMap(({ name }) =>
    PARSER_TEXTS.map((text) => ({ ...usual, target: `${usual.target}?${name}=${encodeURIComponent(text)}` })),
  );
}

/** What stands in for a value of a cursor: dates that no calendar or no database has, numbers beside the bounds of columns. */
const ODD_POSITIONS: readonly unknown[] = [
  '0000-01-01T00:00:00Z',
  '0001-01-01T00:00:00.000000Z',
  '2026-02-30T00:00:00Z',
  '2026-01-01T24:00:00Z',
  '9999-12-31T23:59:59.999999999Z',
  '2026-01-01T00:00:00+23:59',
  `2026-01-01T00:00:00.${'1'.repeat(120)}Z`,
  '-infinity',
  'now',
  '',
  'a\0',
  '\uD800',
  2 ** 31,
  -(2 ** 31) - 1,
  2 ** 53,
  2 ** 63,
  1e308,
  -1e308,
  5e-324,
  0.5,
  null,
  [],
  {},
];

/** Copies of a list's own cursor, each with one of its values replaced. */
export function brokenCursors(cursor: string): string[] {
  const position = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as Record<string, unknown>;
  return Object.keys(position).flatMap((name) =>
    ODD_POSITIONS.map((odd) =>
      Buffer.from(JSON.stringify({ ...position, [name]: odd })).toString('base64url'),
    ),
  );
}

export const takesCursor = ({ operation }: PlacedOperation): boolean =>
  (operation.parameters ?? []).some(({ in: place, name }) => place === 'query' && name === 'cursor');
