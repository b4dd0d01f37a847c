// Finding resources in a synthesized stack by a part of their name.
import type { Body, StackJson } from './synth.ts';

/** All resources or data sources of a type, by name. */
export const allOf = (stack: StackJson, type: string): Readonly<Record<string, Body>> =>
  stack.resource?.[type] ?? stack.data?.[type] ?? {};

/** The only one of its type whose name holds the part. @throws Error when there is none, or more than one */
export function oneOf(stack: StackJson, type: string, part = ''): Body {
  const found = Object.entries(allOf(stack, type)).filter(([name]) => name.includes(part));
  const [first] = found;
  if (!first || found.length > 1)
    throw new Error(
      `${found.length} of ${type} have ${part || 'any name'}: ${found.map(([name]) => name).join(', ')}`,
    );
  return first[1];
}
