// The part of a Google discovery document that some methods need, in our own short form. The parameters of a method's address
// become members with `@` before their names.
import type { ServiceModel, Shape } from './service-model.ts';

/** As discovery documents write it (Google, "Discovery Document", a JSON Schema draft 3). */
interface Described {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Described>>;
  readonly additionalProperties?: Described;
  readonly items?: Described;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly required?: boolean;
  readonly readOnly?: boolean;
  readonly description?: string;
  readonly annotations?: { readonly required?: readonly string[] };
}
interface Method {
  readonly id: string;
  readonly parameters?: Readonly<Record<string, Described>>;
  readonly request?: { readonly $ref: string };
}
interface Resource {
  readonly resources?: Readonly<Record<string, Resource>>;
  readonly methods?: Readonly<Record<string, Method>>;
}
interface Description extends Resource {
  readonly revision?: string;
  readonly schemas: Readonly<Record<string, Described>>;
}

/** @throws Error when the service has no such method */
export function extractGoogle(
  description: Description,
  operations: readonly string[],
  source: string,
): ServiceModel {
  const shapes: Record<string, Shape> = {};
  const methods = operations.map(
    (operation) => [operation, methodAt(description, operation, source)] as const,
  );
  const ids = methods.map(([, { id }]) => id);
  const named = (described: Described, place: string): string => {
    const name = described.$ref ?? place;
    const whole = described.$ref ? description.schemas[described.$ref] : described;
    if (!whole) throw new Error(`${source} has no schema ${described.$ref}`);
    const basic = basicName(whole);
    if (basic) return basic;
    if (!(name in shapes)) {
      shapes[name] = { type: 'any' };
      shapes[name] = shortForm(whole, name, named, ids);
    }
    return name;
  };
  const inputs = methods.map(([operation, method]) => {
    const name = `${operation} request`;
    const body = method.request && description.schemas[method.request.$ref];
    const address = Object.entries(method.parameters ?? {}).map(
      ([parameter, described]) => [`@${parameter}`, described] as const,
    );
    shapes[name] = shortForm(
      { type: 'object', properties: { ...body?.properties, ...Object.fromEntries(address) } },
      method.request?.$ref ?? name,
      named,
      [method.id],
    );
    return [operation, name] as const;
  });
  return {
    source: `${source}${description.revision ? `, revision ${description.revision}` : ''}`,
    operations: Object.fromEntries(inputs),
    shapes,
  };
}

function methodAt(description: Resource, operation: string, source: string): Method {
  const steps = operation.split('.');
  const last = steps.pop()!;
  const resource = steps.reduce<Resource | undefined>((at, step) => at?.resources?.[step], description);
  const method = resource?.methods?.[last];
  if (!method) throw new Error(`${source} has no method ${operation}`);
  return method;
}

type Named = (described: Described, place: string) => string;

function shortForm(described: Described, name: string, named: Named, ids: readonly string[]): Shape {
  const { properties, additionalProperties, items, enum: allowed, pattern } = described;
  if (items) return { type: 'list', member: named(items, `${name}[]`) };
  if (properties) {
    const all = Object.entries(properties);
    const having = (holds: (one: Described) => boolean) =>
      all.filter(([, one]) => holds(one)).map(([member]) => member);
    const outputOnly = having(isOutputOnly);
    const required = having((one) => !isOutputOnly(one) && isRequired(one, ids));
    return {
      type: 'structure',
      members: Object.fromEntries(all.map(([member, one]) => [member, named(one, `${name}.${member}`)])),
      ...(required.length > 0 && { required }),
      ...(outputOnly.length > 0 && { outputOnly }),
    };
  }
  if (additionalProperties)
    return { type: 'map', key: 'string', value: named(additionalProperties, `${name}{}`) };
  if (described.type === 'object') return { type: 'structure', members: {} };
  return { type: 'string', ...(allowed && { enum: allowed }), ...(pattern && { pattern }) };
}

function basicName({ type, format, properties, additionalProperties, enum: allowed, pattern }: Described) {
  if (type === 'string' && /^u?int(32|64)$/.test(format ?? '')) return 'integer';
  if (type === 'string') return allowed || pattern ? undefined : 'string';
  if (type === 'integer' || type === 'number' || type === 'boolean' || type === 'any') return type;
  return type === undefined && !properties && !additionalProperties ? 'any' : undefined;
}

const isOutputOnly = ({ readOnly, description = '' }: Described): boolean =>
  readOnly === true || /^\[?output only/i.test(description);

/** Compute says for which methods; others say it in words. */
const isRequired = (
  { required, annotations, description = '' }: Described,
  ids: readonly string[],
): boolean =>
  required === true ||
  /^required\b(?! (if|when|for|only))/i.test(description) ||
  (annotations?.required?.some((id) => ids.includes(id)) ?? false);
