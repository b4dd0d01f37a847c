// Zod in, JSON Schema out: what Fastify compiles to validate requests and to write answers, and what OpenAPI shows.
// Guarantee: what zod would refuse in a request, the JSON Schema refuses too; a schema for which that cannot be is refused. Only
// lengths of text differ: here they count characters, in zod UTF-16 units.
import { z } from 'zod';
import { AppError, messageOf } from '../errors.ts';

/** A JSON Schema. */
export type JsonSchema = Readonly<Record<string, unknown>>;

interface Allowances {
  /** `z.coerce` in query and params, whose values are read from text anyway. */
  readonly allowsCoercion?: boolean;
  /** Refinements of answers are left out: no client relies on them. */
  readonly allowsRefinement?: boolean;
}

/**
 * Refuses schemas that mean more than their JSON Schema says.
 * @throws AppError `schema-not-plain` with the place and the remedy.
 */
export function assertPlain(schema: z.ZodType, place: string, allowances: Allowances = {}): void {
  convert(schema, place, { io: 'input' }, (zodSchema, path) => {
    const fault = faultOf(zodSchema, allowances);
    if (fault) {
      const where = path.filter((step) => step !== 'properties').join('.');
      throw new AppError('schema-not-plain', `${place}${where && ` at ${where}`}: ${fault}`);
    }
  });
}

const TRANSFORMING = new Set(['pipe', 'transform', 'catch', 'custom', 'success', 'preprocess']);

/** The checks that stand in a JSON Schema. */
const WRITTEN_CHECKS = [
  z.core.$ZodCheckLessThan,
  z.core.$ZodCheckGreaterThan,
  z.core.$ZodCheckMultipleOf,
  z.core.$ZodCheckNumberFormat,
  z.core.$ZodCheckMinLength,
  z.core.$ZodCheckMaxLength,
  z.core.$ZodCheckLengthEquals,
  z.core.$ZodCheckStringFormat,
  z.core.$ZodCheckIncludes,
  z.core.$ZodCheckStartsWith,
  z.core.$ZodCheckEndsWith,
];

function faultOf({ type, def }: z.ZodType, allowances: Allowances): string | undefined {
  if (TRANSFORMING.has(type)) return `${type} does not run here: take the value as it is`;
  if (type === 'intersection') return 'an intersection cannot refuse unknown fields: use extend';
  if ((def as { coerce?: boolean }).coerce && !allowances.allowsCoercion) {
    return 'coercion does not run here: name the exact type';
  }
  for (const check of def.checks ?? []) {
    if (check instanceof z.core.$ZodCheckOverwrite) {
      return 'trim and the like do not run here: do it in the domain';
    }
    const patternFault = check instanceof z.core.$ZodCheckRegex ? patternFaultOf(check) : undefined;
    if (patternFault) return patternFault;
    if (!allowances.allowsRefinement && !WRITTEN_CHECKS.some((written) => check instanceof written)) {
      return 'a refinement does not run here: check it in the domain';
    }
  }
  return undefined;
}

/** Of each kind of character one, so that hardly any pattern matches all of them. */
const PROBES = ['', '\0', '\n', ' ', 'a', 'A', '0', '-', '\uffff'];

/**
 * A JSON Schema holds the source of a regular expression and not its flags. Zod names both in the issue for a text that does not match:
 * so a text that does not match is looked for.
 */
function patternFaultOf(check: z.core.$ZodCheckRegex): string | undefined {
  const regex = z.string().check(check);
  const [issue] = PROBES.flatMap((probe) => regex.safeParse(probe).error?.issues ?? []);
  if (issue?.code !== 'invalid_format' || !issue.pattern)
    return 'a pattern that matches any text says nothing';
  const flags = issue.pattern.slice(issue.pattern.lastIndexOf('/'));
  return /[ims]/.test(flags) ? 'flags of a regex are lost: write them out' : undefined;
}

/** For requests: unknown fields are refused, and defaults may be left out. */
export function requestSchema(
  schema: z.ZodType,
  target: 'draft-7' | 'draft-2020-12' = 'draft-7',
): JsonSchema {
  return convert(schema, 'request', { io: 'input', target }, (zodSchema, _path, json) => {
    if (json.properties) json.additionalProperties ??= false;
    if (zodSchema instanceof z.ZodDiscriminatedUnion && json.oneOf) {
      // Ajv then names the faults of the branch that was meant, not of all.
      const { discriminator: propertyName } = zodSchema.def;
      Object.assign(json, { type: 'object', required: [propertyName], discriminator: { propertyName } });
    }
    // The pattern is zod's own and stricter; checking both would only cost, and ajv knows not all formats of zod.
    if (target === 'draft-7' && json.pattern) delete json.format;
  });
}

/** For writing answers: only what is named is written. */
export function answerSchema(schema: z.ZodType): JsonSchema {
  return convert(schema, 'answer', { io: 'output', target: 'draft-7' }, (_zodSchema, _path, json) => {
    // Where a value may be one of several, the writer picks by validating: a field too many must not be a mismatch.
    if (json.additionalProperties === false) delete json.additionalProperties;
    if (json.pattern && json.format !== 'date-time') delete json.format;
    delete json.pattern;
    delete json.propertyNames;
  });
}

/** For the documentation. */
export const documentedAnswer = (schema: z.ZodType): JsonSchema =>
  convert(schema, 'answer', { io: 'output', target: 'draft-2020-12' }, () => {});

type Visit = (schema: z.ZodType, path: readonly (string | number)[], json: Record<string, unknown>) => void;

function convert(
  schema: z.ZodType,
  place: string,
  options: { io: 'input' | 'output'; target?: 'draft-7' | 'draft-2020-12' },
  visit: Visit,
): JsonSchema {
  try {
    const { $schema: _, ...json } = z.toJSONSchema(schema, {
      ...options,
      override: ({ zodSchema, jsonSchema, path }) =>
        // All that is in a schema of z's is one too.
        visit(zodSchema as unknown as z.ZodType, path, jsonSchema as Record<string, unknown>),
    });
    // Zod marks its result with a hidden property that Ajv's strict mode would stumble over.
    return JSON.parse(JSON.stringify(json)) as JsonSchema;
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('schema-not-plain', `${place}: ${messageOf(error)}`, {}, error);
  }
}
