// Whether the tables themselves are right: a name that leads nowhere would be noticed only when a stack uses the argument.
import type { RequestRule } from './request-rule.ts';
import { REQUEST_RULES } from './rules/rules.ts';
import { type ServiceModel, shapeOf, splitOperation } from './service-model.ts';

type Models = Readonly<Record<string, ServiceModel>>;

/** Every name of the first level, and everything given, that its request has no member for. */
export const nameFaults = (models: Models, rules = REQUEST_RULES): string[] =>
  Object.entries(rules).flatMap(([type, { requests }]) =>
    requests.flatMap((request) => requestFaults(models, type, request)),
  );

function requestFaults(
  models: Models,
  type: string,
  { operation, names = {}, given = {} }: RequestRule,
): string[] {
  const [service, method] = splitOperation(operation);
  const model = models[service]!;
  const places = [
    ...Object.entries(names).flatMap(([name, at]) => (name.includes('.') ? [] : [at])),
    ...Object.keys(given),
  ];
  return places
    .filter(
      (at) =>
        at !== '' && !leadsSomewhere(model, model.operations[method]!, at.replace(/^\//, '').split('.')),
    )
    .map((at) => `${type}: ${operation} has no ${at}`);
}

function leadsSomewhere(model: ServiceModel, shapeName: string, [step, ...rest]: readonly string[]): boolean {
  if (step === undefined) return true;
  const shape = shapeOf(model, shapeName);
  if (shape.type === 'list') return leadsSomewhere(model, shape.member, [step, ...rest]);
  if (shape.type === 'map') return isKey(model, shape.key, step) && leadsSomewhere(model, shape.value, rest);
  if (shape.type !== 'structure') return false;
  const member = shape.members[step];
  return member !== undefined && leadsSomewhere(model, member, rest);
}

function isKey(model: ServiceModel, shapeName: string, key: string): boolean {
  const shape = shapeOf(model, shapeName);
  return shape.type === 'string' && (shape.enum?.includes(key) ?? true);
}
