// A walk over the parser's syntax tree that needs to know no node type but those it is asked about.

/** Any node: `type` says which kind, the other fields depend on it. */
export interface Node {
  readonly type: string;
  readonly span?: { readonly start: number; readonly end: number };
  readonly [field: string]: unknown;
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';

/** The text of an identifier, a string key or a private name. */
export function nodeName(value: unknown): string | undefined {
  if (!isNode(value)) return undefined;
  if (value.type === 'Identifier' || value.type === 'StringLiteral') return String(value.value);
  return value.type === 'PrivateName' ? `#${String(value.value)}` : undefined;
}

/** Names that a node gives to what stands below it: a declarator, a property, a class, a function. */
const ownName = (node: Node): string | undefined =>
  nodeName(node.id) ?? nodeName(node.identifier) ?? nodeName(node.key);

/** Calls back for every node, outer before inner, with the names of its surroundings. */
export function visit(
  node: Node,
  callback: (node: Node, names: readonly string[]) => void,
  names: readonly string[] = [],
): void {
  const name = ownName(node);
  const inside = name ? [...names, name] : names;
  callback(node, inside);
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) visitValue(child, callback, inside);
  }
}

/** Some fields wrap their node: the arguments of a call are `{ spread, expression }`. */
function visitValue(
  value: unknown,
  callback: (node: Node, names: readonly string[]) => void,
  names: readonly string[],
): void {
  if (isNode(value)) visit(value, callback, names);
  else if (typeof value === 'object' && value !== null && 'expression' in value)
    visitValue(value.expression, callback, names);
}
