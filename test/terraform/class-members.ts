// What a class of a typed provider package says about Terraform: its getters give an attribute's name and type, a setter or
// `put…` that it may be written, a missing `reset…` that it must be.
import type { TypeNote } from './schema.ts';

/** How the getters of the packages ask for a value, and what type that means. */
const TYPE_BY_GETTER: Readonly<Record<string, TypeNote>> = {
  getStringAttribute: 'string',
  getNumberAttribute: 'number',
  getBooleanAttribute: 'bool',
  getListAttribute: ['list', 'string'],
  getNumberListAttribute: ['list', 'number'],
  getStringMapAttribute: ['map', 'string'],
  getNumberMapAttribute: ['map', 'number'],
  getBooleanMapAttribute: ['map', 'bool'],
  getAnyMapAttribute: ['map', 'dynamic'],
  interpolationForAttribute: 'dynamic',
};

/** A property of a class, as far as it concerns Terraform. */
export interface Member {
  readonly value: unknown;
  /** What a getter asked for. */
  readonly asked: { readonly name: string; readonly type: TypeNote } | undefined;
  readonly isWritable: boolean;
  readonly isRequired: boolean;
}

/** Reads each getter once, and records what it asks for. */
export function membersOf(instance: object): Member[] {
  const prototype = Object.getPrototypeOf(instance) as object;
  const properties = Object.getOwnPropertyDescriptors(prototype);
  let asked: Member['asked'];
  const list: string[] = [];
  const listener = Object.create(instance) as object;
  for (const [getter, type] of Object.entries(TYPE_BY_GETTER))
    Object.defineProperty(listener, getter, {
      value: (name: string) => {
        asked = { name, type };
        return list;
      },
    });
  return Object.entries(properties).flatMap(([name, { get: getter, set: setter }]) => {
    if (!getter || name === 'internalValue' || (name.endsWith('Input') && name.slice(0, -5) in properties))
      return [];
    asked = undefined;
    const value: unknown = getter.call(listener);
    const capital = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
    const isWritable = setter !== undefined || `put${capital}` in properties;
    return [
      {
        value,
        asked: asked && asSet(asked, value, list),
        isWritable,
        isRequired: !(`reset${capital}` in properties),
      },
    ];
  });
}

/** Sets are made lists on the way out (`Fn.tolist`), so what comes out is not what was handed in. */
function asSet(
  asked: NonNullable<Member['asked']>,
  value: unknown,
  list: unknown,
): NonNullable<Member['asked']> {
  const { name, type } = asked;
  return value !== list && typeof type !== 'string' && type[0] === 'list'
    ? { name, type: ['set', type[1]] }
    : asked;
}
