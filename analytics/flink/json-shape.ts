// A contract's data as Flink SQL can judge it: the JSON schema of a zod schema in, one regular expression for each object out.
//
// JSON_QUERY writes what a path leads to in one form, independent of the record's own: no blanks, keys in alphabetical order, of a repeated key the
// last, numbers as decimals (found on Flink 2.2.0; test/engines checks it again). A list of names in the path takes just those. So one
// expression tells whether all of an object's fields are there and of their kind, and cuts its numbers out.
import { z } from 'zod';

/** A whole number of the data. */
export interface WholeNumber {
  /** Of the column that holds it, as DOUBLE: JSON has no other numbers for JavaScript. */
  readonly column: string;
  /** Its place among the groups of the object's expression, from 1. */
  readonly group: number;
  readonly min: number;
  readonly max: number;
}

/** An object of the data, with its scalar fields. */
export interface JsonObject {
  /** Of the column that holds its text. */
  readonly column: string;
  /** Its place, as a SQL/JSON path below the root. */
  readonly path: string;
  /** Of its scalar fields, in the order in which Flink writes them. */
  readonly fields: readonly string[];
  /** Matches the object's text if each field is there and of its kind. For `java.util.regex`. */
  readonly expression: string;
  readonly numbers: readonly WholeNumber[];
}

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly minLength?: number;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
}

/** Possessive, so that a long text costs no stack. */
const SOME_TEXT = '"(?:[^"\\\\]++|\\\\.)++"';
const NUMBER = '(-?[0-9.E+-]+)';
const NAME = /^[A-Za-z]\w*$/;

/** @throws Error for what this file cannot put into an expression: a contract must not be judged by half. */
export function jsonObjects(schema: z.ZodType): JsonObject[] {
  return objectsOf(z.toJSONSchema(schema, { io: 'input' }) as Schema, []);
}

function objectsOf(schema: Schema, path: readonly string[]): JsonObject[] {
  const place = path.join('.') || '(root)';
  const properties = Object.entries(schema.properties ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (schema.type !== 'object' || properties.length === 0)
    throw new Error(`${place}: expected an object with fields`);
  for (const [name] of properties) {
    if (!NAME.test(name)) throw new Error(`${place}: ${name} cannot stand in a path`);
    if (!schema.required?.includes(name))
      throw new Error(`${place}.${name}: fields that may be missing are not supported`);
  }
  const scalars = properties.filter(([, field]) => field.type !== 'object');
  const nested = properties.filter(([, field]) => field.type === 'object');
  const inner = nested.flatMap(([name, field]) => objectsOf(field, [...path, name]));
  return scalars.length === 0 ? inner : [objectOf(scalars, path), ...inner];
}

function objectOf(scalars: readonly (readonly [string, Schema])[], path: readonly string[]): JsonObject {
  const numbers: WholeNumber[] = [];
  const patterns = scalars.map(([name, field]) => {
    if (field.type === 'integer') {
      numbers.push({
        column: columnOf([...path, name]),
        group: numbers.length + 1,
        min: field.minimum ?? field.exclusiveMinimum! + 1,
        max: field.maximum ?? Number.MAX_SAFE_INTEGER,
      });
      return `"${name}":${NUMBER}`;
    }
    return `"${name}":${textPattern(field, [...path, name])}`;
  });
  return {
    column: `json_${columnOf(path)}`,
    path: path.map((name) => `.${name}`).join(''),
    fields: scalars.map(([name]) => name),
    expression: `^\\{${patterns.join(',')}\\}\\z`,
    numbers,
  };
}

function textPattern(field: Schema, path: readonly string[]): string {
  if (field.enum?.every((value) => NAME.test(value))) return `"(?:${field.enum.join('|')})"`;
  if (field.type === 'string' && field.minLength === 1) return SOME_TEXT;
  throw new Error(`${path.join('.')}: ${JSON.stringify(field)} is not supported`);
}

/** `rendition.bytes` as `data_rendition_bytes`: never a word of SQL. */
const columnOf = (path: readonly string[]): string =>
  ['data', ...path]
    .map((name) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))
    .join('_');
