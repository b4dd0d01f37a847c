// What is wrong with a request, field by field: Ajv's errors in, names and remedies out. Values never appear: they may be
// passwords or addresses.
import { Problem } from './problem.ts';

/** One error as Ajv reports it. */
export interface SchemaFault {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** One fault as the client reads it. */
export interface Fault {
  readonly in: string;
  /** Dotted: `lines.0.quantity`; empty for the whole. */
  readonly field: string;
  /** What to send instead. */
  readonly message: string;
}

export const FAULTS_MAX = 20;
const UNKNOWN_FIELD = 'is not a field of this request: leave it out';
const NAME_LENGTH_MAX = 64;
const PLACES: ReadonlyMap<string, string> = new Map([
  ['querystring', 'query'],
  ['params', 'path'],
  ['headers', 'header'],
]);

/** At most 20 faults: a hostile body must not become a long answer. */
export function faultsOf(errors: readonly SchemaFault[], context = 'body'): Fault[] {
  const place = PLACES.get(context) ?? context;
  const faults = errors.slice(0, FAULTS_MAX).map((error) => ({
    in: place,
    field: fieldOf(error),
    message: remedyOf(error),
  }));
  // Branches of a union repeat each other.
  return faults.filter(
    (fault, index) =>
      faults.findIndex(({ field, message }) => field === fault.field && message === fault.message) === index,
  );
}

function fieldOf({ instancePath, params }: SchemaFault): string {
  const steps = instancePath.split('/').slice(1);
  const named = params.missingProperty ?? params.additionalProperty ?? params.propertyName;
  const tag = typeof params.tag === 'string' ? params.tag : undefined;
  const last = typeof named === 'string' ? named : tag;
  return fieldName(
    [...steps, ...(last === undefined ? [] : [last])].map((step) =>
      step.replaceAll('~1', '/').replaceAll('~0', '~'),
    ),
  );
}

/** Dotted, with each step cut: names of unknown fields are a stranger's. */
export const fieldName = (path: readonly string[]): string =>
  path.map((step) => step.slice(0, NAME_LENGTH_MAX).toWellFormed()).join('.');

/** What a client reads whose request does not have the form that is asked for. */
export const invalidRequest = (faults: readonly Fault[]): Problem =>
  new Problem(400, 'invalid-request', 'The request does not have the form that is asked for: see faults.', {
    faults,
  });

/** Fields that nothing asks for, as faults. */
export const unknownFields = (place: string, names: readonly string[]): Fault[] =>
  names.slice(0, FAULTS_MAX).map((name) => ({ in: place, field: fieldName([name]), message: UNKNOWN_FIELD }));

/** By keyword: `n` is the limit that the schema sets. */
const REMEDIES: ReadonlyMap<string, (params: SchemaFault['params']) => string> = new Map<
  string,
  (params: SchemaFault['params']) => string
>(
  Object.entries({
    required: () => 'is required: add it',
    additionalProperties: () => UNKNOWN_FIELD,
    type: ({ type }) => `must be of type ${[type].flat().join(' or ')}`,
    enum: ({ allowedValues }) => `must be one of ${(allowedValues as unknown[]).join(', ')}`,
    const: ({ allowedValue }) => `must be ${String(allowedValue)}`,
    minLength: ({ limit }) => `must have at least ${String(limit)} characters`,
    maxLength: ({ limit }) => `must have at most ${String(limit)} characters`,
    minItems: ({ limit }) => `must have at least ${String(limit)} entries`,
    maxItems: ({ limit }) => `must have at most ${String(limit)} entries`,
    minimum: ({ limit }) => `must be at least ${String(limit)}`,
    maximum: ({ limit }) => `must be at most ${String(limit)}`,
    exclusiveMinimum: ({ limit }) => `must be more than ${String(limit)}`,
    exclusiveMaximum: ({ limit }) => `must be less than ${String(limit)}`,
    multipleOf: ({ multipleOf }) => `must be a multiple of ${String(multipleOf)}`,
    format: ({ format }) => `must have the form of a ${String(format)}`,
    pattern: ({ pattern }) => `must match ${String(pattern)}`,
    discriminator: () => 'must be one of the values that /openapi.json names',
  }),
);

const remedyOf = ({ keyword, params }: SchemaFault): string =>
  REMEDIES.get(keyword)?.(params) ?? 'does not have the form that /openapi.json describes';
