// Query and path as text in, the numbers, booleans and lists that a schema asks for out. Text that is none stays text, and
// the schema refuses it.
import type { JsonSchema } from './api-schema.ts';

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
