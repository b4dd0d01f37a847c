// Query and path as text in, the numbers, booleans and lists that a schema asks for out. Text that is none stays text, and
// the schema refuses it. And which texts nobody could keep as they are.
import { type Fault, fieldName } from './faults.ts';
import type { JsonSchema } from './json-schema.ts';

type Reader = (value: unknown) => unknown;

const NUMBER = /^-?(0|[1-9]\d{0,15})(\.\d{1,15})?$/;

const readNumber: Reader = (value) =>
  typeof value === 'string' && NUMBER.test(value) ? Number(value) : value;
const readBoolean: Reader = (value) => (value === 'true' ? true : value === 'false' ? false : value);

/** Reads the fields of an object in place; undefined when the schema takes every field as text. */
export function textReader(schema: JsonSchema): ((fields: Record<string, unknown>) => void) | undefined {
  const properties = (schema.properties ?? {}) as Record<string, JsonSchema>;
  const readers = Object.entries(properties).flatMap(([name, property]) => {
    const read = readerOf(property);
    return read ? [[name, read] as const] : [];
  });
  if (readers.length === 0) return undefined;
  return (fields) => {
    for (const [name, read] of readers) {
      if (Object.hasOwn(fields, name) && fields[name] !== undefined) fields[name] = read(fields[name]);
    }
  };
}

function readerOf(property: JsonSchema): Reader | undefined {
  const types = new Set([property.type].flat());
  if (types.has('integer') || types.has('number')) return readNumber;
  if (types.has('boolean')) return readBoolean;
  if (!types.has('array')) return undefined;
  // `?status=a` is a list of one, `?status=a&status=b` of two.
  const readItem = readerOf((property.items ?? {}) as JsonSchema) ?? ((item) => item);
  return (value) => [value].flat().map(readItem);
}

/**
 * What is wrong with a text, wherever it came from. A surrogate that stands alone has no UTF-8, so that a store would keep
 * another text; Postgres keeps no U+0000.
 */
export function textFault(text: string): string | undefined {
  if (!text.isWellFormed()) return 'holds half of a surrogate pair: send whole characters';
  return text.includes('\0') ? 'holds the character U+0000: leave it out' : undefined;
}

/** One for all requests: most have none. */
export const NO_FAULTS: readonly Fault[] = [];

/** Far above what any route takes. */
const QUERY_FIELDS_MAX = 100;

/** What is wrong with a query before its schema sees it: percent-encoding that is no UTF-8 would be taken as it stands. */
export function queryFaults(url: string): readonly Fault[] {
  const at = url.indexOf('?');
  if (at < 0) return NO_FAULTS;
  const query = url.slice(at + 1);
  // Nearly all: too short for too many fields, and nothing encoded.
  if (query.length < QUERY_FIELDS_MAX && !query.includes('%')) return NO_FAULTS;
  const fields = query.split('&', QUERY_FIELDS_MAX + 1);
  if (fields.length > QUERY_FIELDS_MAX) {
    return [{ in: 'query', field: '', message: `must have at most ${QUERY_FIELDS_MAX} fields` }];
  }
  if (!query.includes('%')) return NO_FAULTS;
  return fields.flatMap((field) => {
    const parts = field.split('=');
    const message = parts.map(encodedFault).find(Boolean);
    return message ? [{ in: 'query', field: fieldName([decoded(parts[0]!) ?? parts[0]!]), message }] : [];
  });
}

const NOT_UTF8 = 'is not percent-encoded UTF-8: encode its characters anew';

function encodedFault(encoded: string): string | undefined {
  const text = decoded(encoded);
  return text === undefined ? NOT_UTF8 : textFault(text);
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** The same of the parameters of a path, which are decoded already; the first of them. */
export function pathFaults(params: Readonly<Record<string, string>>): readonly Fault[] {
  for (const [name, value] of Object.entries(params)) {
    const message = textFault(value);
    if (message) return [{ in: 'path', field: name, message }];
  }
  return NO_FAULTS;
}
