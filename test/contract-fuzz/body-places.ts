// The schema of a body in, every place that a body can have out; and the editing of one of them in a copy.
import type { Json } from './odd-values.ts';

export interface Place {
  readonly steps: readonly (string | number)[];
  readonly schema: Json;
}

/** Every field that a body can have; of lists the first entry. */
export function placesOf(schema: Json, steps: readonly (string | number)[]): Place[] {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Json>);
  const branches = ((schema.anyOf ?? schema.oneOf ?? []) as Json[]).flatMap((branch) =>
    placesOf(branch, steps),
  );
  const fields = properties.flatMap(([name, inner]) => {
    const here = [...steps, name];
    return [{ steps: here, schema: inner }, ...placesOf(inner, here)];
  });
  const first = [...steps, 0];
  const entries = schema.items
    ? [{ steps: first, schema: schema.items as Json }, ...placesOf(schema.items as Json, first)]
    : [];
  return [...fields, ...branches, ...entries];
}

/** A copy in which one place is edited, where the body has it. */
export function edit(
  body: unknown,
  steps: Place['steps'],
  change: (parent: Record<string | number, unknown>, last: string | number) => void,
): unknown {
  const copy: unknown = structuredClone(body);
  let parent = copy;
  for (const step of steps.slice(0, -1)) parent = (parent as Record<string, unknown> | undefined)?.[step];
  if (typeof parent === 'object' && parent !== null) change(parent as Record<string, unknown>, steps.at(-1)!);
  return copy;
}
