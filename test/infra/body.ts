// Reading and changing Terraform's JSON by paths such as `vpc_config.subnet_ids`. A nested block may be an object or a list
// with one; a path goes through both.

/** Everything at a path, lists opened: `[]` where there is nothing. */
export function listAt(body: unknown, path: string): unknown[] {
  return path
    .split('.')
    .reduce<unknown[]>(
      (values, key) =>
        values
          .flatMap((value) => opened(value))
          .map((value) => (isObject(value) ? value[key] : undefined))
          .filter((value) => value !== undefined && value !== null),
      [body],
    )
    .flatMap((value) => opened(value));
}

/** The first at a path. */
export const valueAt = (body: unknown, path: string): unknown => listAt(body, path)[0];

/** The first at a path as a text; empty where there is none. */
export function textAt(body: unknown, path: string): string {
  const value = valueAt(body, path);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : '';
}

/** Writes a value at a path, into the first of each list; what is missing on the way is made. */
export function putAt(body: Record<string, unknown>, path: string, value: unknown): void {
  const keys = path.split('.');
  const last = keys.pop()!;
  let at = body;
  for (const key of keys) {
    at[key] ??= {};
    const next: unknown = opened(at[key])[0];
    if (!isObject(next)) throw new Error(`${path}: there is no block at ${key}`);
    at = next;
  }
  at[last] = value;
}

/** Takes away what is at a path, in every block of the lists on the way. */
export function removeAt(body: Record<string, unknown>, path: string): void {
  const keys = path.split('.');
  const last = keys.pop()!;
  const parents = keys.length === 0 ? [body] : listAt(body, keys.join('.'));
  for (const parent of parents) if (isObject(parent)) delete parent[last];
}

/** All texts in a body, with the nearest key above each. */
export function leavesOf(value: unknown, key = ''): { readonly key: string; readonly text: string }[] {
  if (typeof value === 'string') return [{ key, text: value }];
  if (Array.isArray(value)) return value.flatMap((one) => leavesOf(one, key));
  if (!isObject(value)) return [];
  // Terraform interpolates the keys of maps too: IAM conditions, tags.
  return Object.entries(value).flatMap(([name, one]) => [
    ...(name.includes('${') ? [{ key, text: name }] : []),
    ...leavesOf(one, name),
  ]);
}

const opened = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
