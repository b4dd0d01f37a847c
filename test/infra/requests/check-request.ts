// One request against the cloud's description of it: required members, kinds, enums, patterns, lengths. A value that only Terraform
// knows (`${…}`) is taken to be right.
import { type ServiceModel, type Shape, shapeOf } from './service-model.ts';

/** Every fault of the request, each with the path to the value. */
export function requestFaults(model: ServiceModel, operation: string, request: unknown): string[] {
  const input = model.operations[operation];
  if (!input) return [`${model.source} has no operation ${operation}`];
  return valueFaults(model, input, request, operation);
}

export const isUnknown = (value: unknown): value is string =>
  typeof value === 'string' && value.includes('${');

function valueFaults(model: ServiceModel, shapeName: string, value: unknown, path: string): string[] {
  if (isUnknown(value)) return [];
  const shape = shapeOf(model, shapeName);
  switch (shape.type) {
    case 'structure':
      return isObject(value)
        ? structureFaults(model, shape, value, path)
        : [`${path} is ${shown(value)}, not a structure`];
    case 'list':
      return Array.isArray(value)
        ? [
            ...boundFaults(shape, value.length, `${path} has`, 'elements'),
            ...value.flatMap((one, at) => valueFaults(model, shape.member, one, `${path}[${at}]`)),
          ]
        : [`${path} is ${shown(value)}, not a list`];
    case 'map':
      return isObject(value)
        ? mapFaults(model, shape, value, path)
        : [`${path} is ${shown(value)}, not a map`];
    default:
      return scalarFaults(shape, value, path);
  }
}

function structureFaults(
  model: ServiceModel,
  shape: Extract<Shape, { type: 'structure' }>,
  value: Readonly<Record<string, unknown>>,
  path: string,
): string[] {
  const { members, required = [], outputOnly = [], isUnion } = shape;
  const names = Object.keys(value);
  return [
    ...required
      .filter((name) => value[name] === undefined)
      .map((name) => `${path}.${name} is required, and missing`),
    ...(isUnion && names.length !== 1
      ? [`${path} takes exactly one of ${Object.keys(members).join(', ')}: it has ${names.length}`]
      : []),
    ...names.flatMap((name) => {
      if (!(name in members)) return [`${path} has no member ${name}`];
      if (outputOnly.includes(name)) return [`${path}.${name} is set by the cloud alone`];
      return valueFaults(model, members[name]!, value[name], `${path}.${name}`);
    }),
  ];
}

const mapFaults = (
  model: ServiceModel,
  shape: Extract<Shape, { type: 'map' }>,
  value: Readonly<Record<string, unknown>>,
  path: string,
): string[] => [
  ...boundFaults(shape, Object.keys(value).length, `${path} has`, 'entries'),
  ...Object.entries(value).flatMap(([key, one]) => [
    ...valueFaults(model, shape.key, key, `${path}, the key`),
    ...valueFaults(model, shape.value, one, `${path}.${key}`),
  ]),
];

type Scalar = Exclude<Shape, { type: 'structure' | 'list' | 'map' }>;

/** Terraform turns numbers and texts into each other, so `"5"` is a number and `5` a text. */
function scalarFaults(shape: Scalar, value: unknown, path: string): string[] {
  if (shape.type === 'any') return [];
  if (!isScalar(value)) return [`${path} is ${shown(value)}, not one value`];
  if (shape.type === 'boolean')
    return /^(true|false)$/.test(String(value)) ? [] : [`${path} is ${shown(value)}, neither true nor false`];
  if (shape.type === 'string') return textFaults(shape, String(value), path);
  const number = typeof value === 'boolean' || value === '' ? Number.NaN : Number(value);
  if (Number.isNaN(number) || (shape.type === 'integer' && !Number.isInteger(number)))
    return [`${path} is ${shown(value)}, no ${shape.type}`];
  return 'min' in shape || 'max' in shape ? boundFaults(shape, number, `${path} is`, '') : [];
}

function textFaults(shape: Extract<Shape, { type: 'string' }>, text: string, path: string): string[] {
  const { enum: allowed, pattern } = shape;
  return [
    ...(allowed && !allowed.includes(text)
      ? [`${path} is ${shown(text)}, none of ${shortened(allowed.join(', '))}`]
      : []),
    ...(pattern && !patternOf(pattern).test(text) ? [`${path} is ${shown(text)}, not like ${pattern}`] : []),
    ...boundFaults(shape, Array.from(text).length, `${path} has`, 'characters'),
  ];
}

const boundFaults = (
  { min, max }: { readonly min?: number; readonly max?: number },
  value: number,
  subject: string,
  unit: string,
): string[] => [
  ...(min !== undefined && value < min
    ? [`${subject} ${value} ${unit}: at least ${min}`.replace(' :', ':')]
    : []),
  ...(max !== undefined && value > max
    ? [`${subject} ${value} ${unit}: at most ${max}`.replace(' :', ':')]
    : []),
];

/** Java's names for ASCII classes (java.util.regex.Pattern, "POSIX character classes"). */
const JAVA_CLASSES: Readonly<Record<string, string>> = {
  Alnum: 'A-Za-z0-9',
  Alpha: 'A-Za-z',
  ASCII: '\\x00-\\x7F',
  Digit: '0-9',
  Graph: '!-~',
  Print: ' -~',
  Punct: '!-\\/:-@\\[-`{-~',
};
const patterns = new Map<string, RegExp>();
/**
 * The whole text must match: older descriptions write their patterns without `^` and `$` and mean the same (IAM's names).
 * They are written for Java.
 * @throws SyntaxError when JavaScript cannot read it
 */
export function patternOf(pattern: string): RegExp {
  let found = patterns.get(pattern);
  if (!found) {
    // Java sets a flag in the middle of a pattern; here it is for all of it.
    const source = withAsciiClasses(pattern.replaceAll(/\(\?[is]\)/g, ''));
    found = compiled(`^(?:${source})$`, pattern.includes('(?i)') ? 'si' : 's');
    patterns.set(pattern, found);
  }
  return found;
}

/** By characters; where a pattern escapes more than that allows (`\-`), by UTF-16 units, which know no `\p{…}`. */
function compiled(source: string, flags: string): RegExp {
  try {
    return new RegExp(source, `${flags}u`);
  } catch (cause) {
    if (source.includes('\\p{')) throw cause;
    return new RegExp(source, flags);
  }
}

function withAsciiClasses(pattern: string): string {
  let isInClass = false;
  return pattern.replaceAll(/\\p\{(\w+)\}|\\.|[[\]]/gs, (part, name: string | undefined) => {
    if (part === '[' || part === ']') isInClass = part === '[';
    const characters = name && JAVA_CLASSES[name];
    if (!characters) return part;
    return isInClass ? characters : `[${characters}]`;
  });
}

/** What Terraform can turn into a text. */
export const isScalar = (value: unknown): value is string | number | boolean =>
  ['string', 'number', 'boolean'].includes(typeof value);
const shown = (value: unknown): string => shortened(JSON.stringify(value) ?? 'undefined');
const shortened = (text: string): string => (text.length > 160 ? `${text.slice(0, 157)}…` : text);
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
