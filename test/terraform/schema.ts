// What may be configured, as Terraform's plugin protocol says it; the field names are the protocol's.

/** A type in Terraform's JSON notation. */
export type TypeNote = string | readonly [string, TypeNote | Readonly<Record<string, TypeNote>>];

export interface Attribute {
  readonly name: string;
  readonly type: TypeNote;
  readonly required?: boolean;
  readonly optional?: boolean;
  readonly computed?: boolean;
  readonly write_only?: boolean;
}
export interface NestedBlock {
  readonly type_name: string;
  readonly nesting: 'SINGLE' | 'LIST' | 'SET' | 'MAP';
  readonly min_items: number;
  /** 0: any number. */
  readonly max_items: number;
  readonly block: Block;
}
export interface Block {
  readonly attributes: readonly Attribute[];
  readonly block_types: readonly NestedBlock[];
}

const COLLECTIONS = { LIST: 'list', SET: 'set', MAP: 'map' } as const;

/** The type of a block's value, where the block is an attribute that only Terraform writes. */
export function typeOf(nesting: NestedBlock['nesting'], { attributes, block_types }: Block): TypeNote {
  const object: TypeNote = [
    'object',
    Object.fromEntries([
      ...attributes.map(({ name, type }) => [name, type]),
      ...block_types.map((inner) => [inner.type_name, typeOf(inner.nesting, inner.block)]),
    ]),
  ];
  return nesting === 'SINGLE' ? object : [COLLECTIONS[nesting], object];
}
