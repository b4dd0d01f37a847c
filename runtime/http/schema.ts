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
  /** Refinements of answers: nobody relies on them there. */
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

/** The parts of a zod schema that tell what it does beside describing. */
interface Inside {
  readonly _zod: {
    readonly def: {
      readonly type: string;
      readonly coerce?: boolean;
      readonly checks?: readonly { readonly _zod: { readonly def: { check: string; pattern?: RegExp } } }[];
    };
  };
}

const TRANSFORMING = new Set(['pipe', 'transform', 'catch', 'custom', 'success', 'preprocess']);

function faultOf({ _zod: { def } }: Inside, allowances: Allowances): string | undefined {
  if (TRANSFORMING.has(def.type)) return `${def.type} does not run here: take the value as it is`;
  if (def.type === 'intersection') return 'an intersection cannot refuse unknown fields: use extend';
  if (def.coerce && !allowances.allowsCoercion) return 'coercion does not run here: name the exact type';
  for (const { _zod: check } of def.checks ?? []) {
    if (check.def.check === 'custom' && !allowances.allowsRefinement) {
      return 'a refinement does not run here: check it in the domain';
    }
    if (check.def.check === 'overwrite') return 'trim and the like do not run here: do it in the domain';
    if (/[ims]/.test(check.def.pattern?.flags ?? '')) return 'flags of a regex are lost: write them out';
  }
  return undefined;
}

/** For requests: unknown fields are refused, and defaults may be left out. */
export function requestSchema(
  schema: z.ZodType,
  target: 'draft-7' | 'draft-2020-12' = 'draft-7',
): JsonSchema {
  return convert(schema, 'request', { io: 'input', target }, ({ _zod: zod }, _path, json) => {
    const def = zod.def as { type: string; discriminator?: string };
    if (def.type === 'object') json.additionalProperties ??= false;
    if (def.discriminator && json.oneOf) {
      // Ajv then names the faults of the branch that was meant, not of all.
      json.type = 'object';
      json.required = [def.discriminator];
      json.discriminator = { propertyName: def.discriminator };
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

type Visit = (
  schema: z.core.$ZodTypes,
  path: readonly (string | number)[],
  json: Record<string, unknown>,
) => void;

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
        visit(zodSchema, path, jsonSchema as Record<string, unknown>),
    });
    // Zod marks its result with a hidden property that Ajv's strict mode would stumble over.
    return JSON.parse(JSON.stringify(json)) as JsonSchema;
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('schema-not-plain', `${place}: ${messageOf(error)}`, {}, error);
  }
}
