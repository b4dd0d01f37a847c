// Texts as keys of plain objects: `SCRIPTS[paymentMethod]` finds `Object.prototype.constructor` for the text "constructor". A rule over the
// syntax, since the compiler sees nothing wrong in it: code that looks up by a text uses a Map, or asks `Object.hasOwn` first.
import type { SourceFile } from './source-files.ts';
import { type Node, nodeName, visit } from './syntax.ts';

/** Where the rule holds: what runs for others. */
const HELD = /^(services|contracts|analytics|runtime|lambda|local)\/(?!.*\.spec\.ts$)(?!.*\/test-)/;

/** Names of the whole repository: a field or a type is declared in one file and read in another. */
interface Names {
  /** Of fields that hold a plain object with texts for keys. */
  readonly fields: ReadonlySet<string>;
  /** Of types that are one. */
  readonly types: ReadonlySet<string>;
}

/** Lookups by a text in objects that were declared `Record<string, …>` or with an index signature. */
export function textKeyFaults(files: readonly SourceFile[]): string[] {
  const held = files.filter(({ path }) => HELD.test(path));
  const types = new Set(held.flatMap((file) => typesOf(file)));
  const names = { types, fields: new Set(held.flatMap((file) => fieldsOf(file, types))) };
  return held.flatMap((file) => faultsOf(file, names));
}

function typesOf({ syntax }: SourceFile): string[] {
  const types: string[] = [];
  visit(syntax as unknown as Node, (node) => {
    const name = nodeName(node.id);
    if (node.type !== 'TsTypeAliasDeclaration' || !name) return;
    if (isTextKeyed(node.typeAnnotation as Node, new Set())) types.push(name);
  });
  return types;
}

function fieldsOf({ syntax }: SourceFile, types: ReadonlySet<string>): string[] {
  const fields: string[] = [];
  visit(syntax as unknown as Node, (node) => {
    const name = nodeName(node.key);
    if (node.type === 'TsPropertySignature' && name && isTextKeyed(annotationOf(node), types))
      fields.push(name);
  });
  return fields;
}

function faultsOf({ path, syntax }: SourceFile, { fields, types }: Names): string[] {
  const variables = new Set<string>();
  const bares = new Set<string>();
  const asked = new Set<string>();
  const lookups: Lookup[] = [];
  visit(syntax as unknown as Node, (node) => {
    for (const name of declaredTextKeyed(node, types)) variables.add(name);
    for (const name of takenOut(node, fields)) variables.add(name);
    const bare = bareOf(node);
    if (bare) bares.add(bare);
    const own = askedOf(node);
    if (own) asked.add(own);
    const lookup = lookupOf(node, types) ?? containmentOf(node);
    if (lookup) lookups.push(lookup);
  });
  return lookups
    .filter(
      ({ object, isCast }) =>
        isCast || (object.includes('.') ? fields.has(object.split('.').at(-1)!) : variables.has(object)),
    )
    .filter(({ object, key }) => !bares.has(object) && !asked.has(`${object}, ${key}`))
    .map(
      ({ object, key }) =>
        `${path}: ${object}[${key}] takes a text for a key: use a Map, or ask Object.hasOwn first`,
    );
}

interface Lookup {
  readonly object: string;
  readonly key: string;
  /** The object is said to be one on the spot: `(fields as Record<string, unknown>)[name]`. */
  readonly isCast?: boolean;
}

const WRITTEN_OUT = new Set(['NumericLiteral', 'StringLiteral', 'BinaryExpression']);

/** `object[key]` with a key that is neither written out nor a number. */
function lookupOf(node: Node, types: ReadonlySet<string>): Lookup | undefined {
  const property = node.property as Node | undefined;
  if (node.type !== 'MemberExpression' || property?.type !== 'Computed') return undefined;
  const key = property.expression as Node;
  if (WRITTEN_OUT.has(key.type)) return undefined;
  const holder = node.object as Node;
  const object = textOf(holder) ?? '…';
  return { object, key: textOf(key) ?? '…', isCast: isCastTextKeyed(holder, types) };
}

function isCastTextKeyed(node: Node, types: ReadonlySet<string>): boolean {
  if (node.type === 'ParenthesisExpression') return isCastTextKeyed(node.expression as Node, types);
  return node.type === 'TsAsExpression' && isTextKeyed(node.typeAnnotation as Node, types);
}

/** `key in object`. */
function containmentOf(node: Node): Lookup | undefined {
  if (node.type !== 'BinaryExpression' || node.operator !== 'in') return undefined;
  const key = node.left as Node;
  const object = textOf(node.right as Node);
  return object === undefined || WRITTEN_OUT.has(key.type) ? undefined : { object, key: textOf(key) ?? '…' };
}

/** Variables that a destructuring takes out of such fields. */
function takenOut(node: Node, fields: ReadonlySet<string>): string[] {
  if (node.type === 'AssignmentPatternProperty') {
    const name = nodeName(node.key);
    return name && fields.has(name) ? [name] : [];
  }
  if (node.type !== 'KeyValuePatternProperty') return [];
  const [field, local] = [nodeName(node.key), nodeName(node.value)];
  return field && local && fields.has(field) ? [local] : [];
}

/** `Object.hasOwn(object, key)`, as the pair. */
function askedOf(node: Node): string | undefined {
  if (node.type !== 'CallExpression' || textOf(node.callee as Node) !== 'Object.hasOwn') return undefined;
  const [object, key] = (node.arguments as { expression: Node }[]).map(({ expression }) =>
    textOf(expression),
  );
  return `${object}, ${key ?? '…'}`;
}

/** Variables and parameters that are declared so. */
function declaredTextKeyed(node: Node, types: ReadonlySet<string>): string[] {
  const name = node.type === 'Identifier' ? nodeName(node) : undefined;
  return name !== undefined && isTextKeyed(annotationOf(node), types) ? [name] : [];
}

/** A variable that begins as an object without a prototype is a map. */
function bareOf(node: Node): string | undefined {
  const isBare =
    node.type === 'VariableDeclarator' && textOf((node.init as Node | null) ?? undefined) === 'Object.create';
  return isBare ? nodeName(node.id) : undefined;
}

const annotationOf = (node: Node): Node | undefined =>
  (node.typeAnnotation as { typeAnnotation?: Node } | null)?.typeAnnotation;

/** `Record<string, …>`, an index signature of texts, a type that is one, and what wraps them. */
function isTextKeyed(type: Node | undefined, types: ReadonlySet<string>): boolean {
  if (!type) return false;
  if (type.type === 'TsTypeLiteral')
    return (type.members as Node[]).some(
      (member) =>
        member.type === 'TsIndexSignature' && isTextType(annotationOf((member.params as Node[])[0]!)),
    );
  if (type.type === 'TsUnionType' || type.type === 'TsIntersectionType')
    return (type.types as Node[]).some((one) => isTextKeyed(one, types));
  if (type.type !== 'TsTypeReference') return false;
  const parameters = (type.typeParams as { params?: Node[] } | null)?.params ?? [];
  const name = nodeName(type.typeName);
  if (name === 'Record') return isTextType(parameters[0]);
  if (name && types.has(name)) return true;
  return ['Readonly', 'Partial', 'Required'].includes(name ?? '') && isTextKeyed(parameters[0], types);
}

const isTextType = (type: Node | undefined): boolean =>
  type?.type === 'TsKeywordType' && type.kind === 'string';

/** `a`, `a.b`, `this.a`; undefined for anything longer. */
function textOf(node: Node | undefined): string | undefined {
  if (!node) return undefined;
  if (node.type === 'Identifier') return nodeName(node);
  if (node.type === 'ThisExpression') return 'this';
  if (node.type === 'CallExpression') return textOf(node.callee as Node);
  if (
    node.type === 'TsNonNullExpression' ||
    node.type === 'ParenthesisExpression' ||
    node.type === 'TsAsExpression'
  )
    return textOf(node.expression as Node);
  if (node.type !== 'MemberExpression') return undefined;
  const [object, property] = [textOf(node.object as Node), nodeName(node.property)];
  return object && property ? `${object}.${property}` : undefined;
}
