// A class of a typed provider package in, Terraform's schema of it out. The class is asked, not its source: so blocks within blocks
// are described to the last.
import { AnyMap, BooleanMap, ComplexList, ComplexMap, ComplexObject, NumberMap, StringMap } from 'cdktf';
import { type Member, membersOf } from './class-members.ts';
import { type Attribute, type Block, type NestedBlock, type TypeNote, typeOf } from './schema.ts';

/** The schema of a resource, a data source or one of their parts. */
export function schemaOf(instance: object): Block {
  const attributes: Attribute[] = [];
  const blocks: NestedBlock[] = [];
  for (const member of membersOf(instance)) {
    const part = partOf(member.value);
    if (member.asked) attributes.push(attributeOf(member, member.asked.name, member.asked.type));
    else if (part && member.isWritable && part.instance) blocks.push(blockOf(member, part, part.instance));
    else if (part) attributes.push({ name: part.name, type: part.type(), computed: true });
  }
  return { attributes, block_types: blocks };
}

/**
 * An optional argument counts as computed too: the packages do not say so, and so a reference to it is a value that is not known yet.
 * Write-only arguments are named so (HashiCorp, "Use write-only arguments").
 */
function attributeOf({ isWritable, isRequired }: Member, name: string, type: TypeNote): Attribute {
  if (!isWritable) return { name, type, computed: true };
  const writeOnly = name.endsWith('_wo') ? { write_only: true } : {};
  if (isRequired) return { name, type, required: true, ...writeOnly };
  return { name, type, optional: true, computed: !name.endsWith('_wo'), ...writeOnly };
}

function blockOf({ isRequired }: Member, { name, nesting, isSingle }: Part, instance: object): NestedBlock {
  const items = { min_items: isRequired ? 1 : 0, max_items: isSingle ? 1 : 0 };
  const counted =
    nesting === 'MAP' || (nesting === 'SINGLE' && !isRequired) ? { min_items: 0, max_items: 0 } : items;
  const block = schemaOf(instance);
  // Terraform takes no set with something untyped in it. The package types a block that may hold itself as `any` (WAF's statements).
  const ordered = nesting === 'SET' && holdsAnything(block) ? 'LIST' : nesting;
  return { type_name: name, nesting: ordered, ...counted, block };
}

const holdsAnything = ({ attributes, block_types }: Block): boolean =>
  attributes.some(({ type }) => JSON.stringify(type).includes('"dynamic"')) ||
  block_types.some(({ block }) => holdsAnything(block));

/** An attribute with attributes below it. */
interface Part {
  readonly name: string;
  readonly nesting: NestedBlock['nesting'];
  readonly isSingle: boolean;
  /** What is inside; undefined for maps of plain values, which are never blocks. */
  readonly instance: object | undefined;
  readonly type: () => TypeNote;
}

/** Protected in cdktf's types, and the only place that has it. */
interface Inside {
  readonly terraformAttribute: string;
  readonly wrapsSet?: boolean;
  readonly complexObjectIndex?: unknown;
}

function partOf(value: unknown): Part | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { terraformAttribute: name, wrapsSet, complexObjectIndex } = value as Inside;
  const part = (nesting: Part['nesting'], isSingle: boolean, instance: object): Part => ({
    name,
    nesting,
    isSingle,
    instance,
    type: () => typeOf(nesting, schemaOf(instance)),
  });
  const plain = (type: TypeNote): Part => ({
    name,
    nesting: 'MAP',
    isSingle: false,
    instance: undefined,
    type: () => type,
  });
  if (value instanceof ComplexObject)
    return complexObjectIndex === undefined
      ? part('SINGLE', true, value)
      : part(wrapsSet ? 'SET' : 'LIST', true, value);
  if (value instanceof ComplexList)
    return part(
      wrapsSet ? 'SET' : 'LIST',
      false,
      (value as unknown as { get(index: number): object }).get(0),
    );
  if (value instanceof ComplexMap)
    return part('MAP', false, (value as unknown as { get(key: string): object }).get('key'));
  if (value instanceof StringMap) return plain(['map', 'string']);
  if (value instanceof NumberMap) return plain(['map', 'number']);
  if (value instanceof BooleanMap) return plain(['map', 'bool']);
  if (value instanceof AnyMap) return plain(['map', 'dynamic']);
  return name ? plain('dynamic') : undefined;
}
