// Two JSON Schemas of one event type in, what the change would break out. Processes are deployed one by one and the log
// keeps old events: a major version must accept the same data for ever, optional new fields excepted.

/** A JSON Schema, as parsed. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** One reason to make a new major version. */
export interface BreakingChange {
  /** `/rendition/width`; `/` is the data itself. */
  readonly path: string;
  readonly what: string;
  /** Which side refuses: new readers the events of the log, or readers that are not yet deployed again the new events. */
  readonly breaks: 'old events' | 'old readers' | 'both';
}

const ANNOTATIONS = new Set([
  '$schema',
  '$id',
  '$comment',
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
]);
/** Keywords whose number, when raised, accepts less. */
const LOWER_BOUNDS = new Set(['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties']);
/** Keywords whose number, when raised, accepts more. */
const UPPER_BOUNDS = new Set(['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties']);

/** Everything that forbids the step from one schema to the other within a major version; empty when it is allowed. */
export function breakingChanges(before: unknown, after: unknown, path = ''): BreakingChange[] {
  if (!isSchema(before) || !isSchema(after)) return sameOr(before, after, path, 'schema');
  const keywords = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keywords].flatMap((keyword) => {
    if (ANNOTATIONS.has(keyword)) return [];
    return compareKeyword(keyword, before, after, path);
  });
}

function compareKeyword(
  keyword: string,
  before: JsonSchema,
  after: JsonSchema,
  path: string,
): BreakingChange[] {
  const [from, to] = [before[keyword], after[keyword]];
  switch (keyword) {
    case 'properties':
      return compareProperties(before, after, path);
    case 'required':
      return compareRequired(before, after, path);
    case 'enum':
      return compareEnum(from, to, path);
    case 'items':
    case 'additionalProperties':
    case 'propertyNames':
      return breakingChanges(from, to, `${path}/${keyword}`);
    case 'anyOf':
    case 'oneOf':
    case 'allOf':
    case 'prefixItems':
      return compareBranches(keyword, from, to, path);
    case '$defs':
      return compareDefinitions(from, to, path);
    default:
      return compareLimit(keyword, from, to, path);
  }
}

function compareProperties(before: JsonSchema, after: JsonSchema, path: string): BreakingChange[] {
  const [from, to] = [schemasOf(before.properties), schemasOf(after.properties)];
  const kept = Object.keys(from).flatMap((name) =>
    name in to
      ? breakingChanges(from[name], to[name], `${path}/${name}`)
      : [change(`${path}/${name}`, 'field removed or renamed', 'old readers')],
  );
  const isClosed = before.additionalProperties === false;
  const added = Object.keys(to).filter((name) => isClosed && !(name in from));
  return [
    ...kept,
    ...added.map((name) => change(`${path}/${name}`, 'field added to a closed object', 'old readers')),
  ];
}

function compareRequired(before: JsonSchema, after: JsonSchema, path: string): BreakingChange[] {
  const [from, to] = [namesOf(before.required), namesOf(after.required)];
  const remaining = schemasOf(after.properties);
  const demanded = [...to].filter((name) => !from.has(name));
  const released = [...from].filter((name) => !to.has(name) && name in remaining);
  return [
    ...demanded.map((name) => change(`${path}/${name}`, 'field newly required', 'old events')),
    ...released.map((name) => change(`${path}/${name}`, 'field no longer required', 'old readers')),
  ];
}

function compareEnum(before: unknown, after: unknown, path: string): BreakingChange[] {
  if (!Array.isArray(before)) return [change(path, 'values limited to an enum', 'old events')];
  if (!Array.isArray(after)) return [change(path, 'values no longer limited to an enum', 'old readers')];
  const removed = before.filter((value) => !after.includes(value));
  const added = after.filter((value) => !before.includes(value));
  return [
    ...removed.map((value) => change(path, `enum value removed: ${String(value)}`, 'old events')),
    ...added.map((value) => change(path, `enum value added: ${String(value)}`, 'old readers')),
  ];
}

function compareBranches(keyword: string, before: unknown, after: unknown, path: string): BreakingChange[] {
  const [from, to] = [listOf(before), listOf(after)];
  if (from.length !== to.length) return [change(path, `${keyword}: number of alternatives changed`, 'both')];
  return from.flatMap((branch, index) => breakingChanges(branch, to[index], `${path}/${keyword}/${index}`));
}

function compareDefinitions(before: unknown, after: unknown, path: string): BreakingChange[] {
  const [from, to] = [schemasOf(before), schemasOf(after)];
  return Object.keys(from)
    .filter((name) => name in to)
    .flatMap((name) => breakingChanges(from[name], to[name], `${path}/$defs/${name}`));
}

/** Bounds and all other keywords: what is not known to be harmless is a change of the accepted data. */
function compareLimit(keyword: string, before: unknown, after: unknown, path: string): BreakingChange[] {
  if (!LOWER_BOUNDS.has(keyword) && !UPPER_BOUNDS.has(keyword)) return sameOr(before, after, path, keyword);
  if (before === after) return [];
  const unbounded = LOWER_BOUNDS.has(keyword) ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const [from, to] = [Number(before ?? unbounded), Number(after ?? unbounded)];
  const isNarrower = LOWER_BOUNDS.has(keyword) ? to > from : to < from;
  const what = `${keyword}: ${show(before)} became ${show(after)}, which accepts ${isNarrower ? 'less' : 'more'}`;
  return [change(path, what, isNarrower ? 'old events' : 'old readers')];
}

function sameOr(before: unknown, after: unknown, path: string, keyword: string): BreakingChange[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (before === undefined) return [change(path, `${keyword}: ${show(after)} newly demanded`, 'old events')];
  if (after === undefined) return [change(path, `${keyword}: ${show(before)} given up`, 'old readers')];
  return [change(path, `${keyword}: ${show(before)} became ${show(after)}`, 'both')];
}

const change = (path: string, what: string, breaks: BreakingChange['breaks']): BreakingChange => ({
  path: path || '/',
  what,
  breaks,
});
const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const schemasOf = (value: unknown): JsonSchema => (isSchema(value) ? value : {});
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const namesOf = (value: unknown): ReadonlySet<string> => new Set(listOf(value).map(String));
const show = (value: unknown): string => (value === undefined ? 'none' : JSON.stringify(value));
