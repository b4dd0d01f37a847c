// Stacks in, the schema of each provider that they use out: only of the types that are in them, so only those classes are loaded.
import { TerraformStack } from 'cdktf';
import { RootConstruct } from 'constructs';
import { AppError } from '#runtime/errors.ts';
import type { Body, StackJson } from '../infra/synth.ts';
import type { Attribute, Block } from './schema.ts';
import { schemaOf } from './schema-of-class.ts';

/** What a provider answers when Terraform asks for its schema; the field names are the protocol's. */
export interface ProviderSchema {
  readonly provider: Schema;
  readonly resource_schemas: Record<string, Schema>;
  readonly data_source_schemas: Record<string, Schema>;
  readonly ephemeral_resource_schemas: Record<string, Schema>;
}
interface Schema {
  readonly block: Block;
}

const KINDS = ['resource', 'data', 'ephemeral'] as const;
type Kind = (typeof KINDS)[number];
const FIELD_BY_KIND = {
  resource: 'resource_schemas',
  data: 'data_source_schemas',
  ephemeral: 'ephemeral_resource_schemas',
} as const satisfies Record<Kind, keyof ProviderSchema>;

/** By the provider's local name, which is also its package's: `google-beta`. */
export type Schemas = ReadonlyMap<string, ProviderSchema>;

/** Types that no package has get no schema: Terraform then says that the provider does not know them. */
export async function providerSchemas(stacks: readonly StackJson[]): Promise<Schemas> {
  const schemas = new Map<string, ProviderSchema>();
  const scope = new TerraformStack(new RootConstruct(), 'schemas');
  for (const name of new Set(stacks.flatMap(providersOf)))
    schemas.set(name, {
      provider: { block: await providerBlock(scope, name) },
      resource_schemas: {},
      data_source_schemas: {},
      ephemeral_resource_schemas: {},
    });
  for (const { kind, type, provider } of stacks.flatMap(usesOf)) {
    const known = schemas.get(provider)?.[FIELD_BY_KIND[kind]];
    if (!known || type in known) continue;
    const block = await blockFor(scope, kind, type, provider);
    if (block) known[type] = { block };
  }
  return schemas;
}

const providersOf = ({ terraform }: StackJson): string[] => Object.keys(terraform.required_providers ?? {});

/** A resource type of a stack, with its provider there. */
interface Use {
  readonly kind: Kind;
  readonly type: string;
  readonly provider: string;
}

const usesOf = (stack: StackJson): Use[] =>
  KINDS.flatMap((kind) =>
    Object.entries((stack[kind] ?? {}) as Record<string, Record<string, Body>>).flatMap(([type, bodies]) =>
      Object.values(bodies).map(({ provider }) => ({ kind, type, provider: ownerOf(type, provider) })),
    ),
  );

/** `provider = google-beta.alias`, or the first word of the type. */
const ownerOf = (type: string, named: unknown): string =>
  String(typeof named === 'string' ? named : type.split('_')[0]).split('.')[0] ?? '';

/** There are no classes of ephemeral resources: they have the arguments of what they are named after, and are not kept. */
const ephemeralFields = ({ attributes, block_types }: Block): Block => ({
  attributes: attributes.filter(({ name }) => name !== 'id' && name !== 'keepers'),
  block_types,
});

async function blockFor(scope: TerraformStack, kind: Kind, type: string, provider: string) {
  if (kind !== 'ephemeral') return ofClass(scope, kind, type, provider);
  const namesake =
    (await ofClass(scope, 'resource', type, provider)) ?? (await ofClass(scope, 'data', type, provider));
  return namesake && ephemeralFields(namesake);
}

type Class = (new (
  scope: TerraformStack,
  id: string,
  config: object,
) => object) & {
  readonly tfResourceType?: string;
};

async function ofClass(scope: TerraformStack, kind: 'resource' | 'data', type: string, provider: string) {
  const folder = folderOf(kind, type, provider);
  const classes = await loadModule(provider, folder);
  const found = classes?.find(({ tfResourceType }) => tfResourceType === type);
  return found && schemaOf(new found(scope, `${provider}-${folder}`, {}));
}

/** `aws_s3_bucket` is in `s3-bucket`, its data source in `data-aws-s3-bucket`; the beta package keeps the `google-`. */
function folderOf(kind: 'resource' | 'data', type: string, provider: string): string {
  const words = type.split('_').join('-');
  if (kind === 'data') return `data-${words}`;
  const own = words.startsWith(`${provider}-`) ? words.slice(provider.length + 1) : words;
  // `random_string`, `time_static`: the packages avoid words of TypeScript.
  return own === 'string' || own === 'static' ? `${own}-resource` : own;
}

async function loadModule(provider: string, folder: string): Promise<Class[] | undefined> {
  const specifier = `@cdktf/provider-${provider}/lib/${folder}/index.js`;
  try {
    const { default: exported } = (await import(specifier)) as { default: Record<string, Class> };
    return Object.values(exported).filter((one) => typeof one === 'function');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code?.endsWith('MODULE_NOT_FOUND')) return undefined;
    throw error;
  }
}

/** A provider's class has no typed getters: its arguments' names are checked, and what is in them is not. */
async function providerBlock(scope: TerraformStack, name: string): Promise<Block> {
  const classes = await loadModule(name, 'provider');
  const provider = classes?.find((one) => one.tfResourceType === name);
  if (!provider)
    throw new AppError('provider-unknown', `no package @cdktf/provider-${name} is installed`, { name });
  const instance = new provider(scope, name, {}) as unknown as { synthesizeAttributes(): object };
  const attributes = Object.keys(instance.synthesizeAttributes()).map(
    (argument): Attribute => ({ name: argument, type: 'dynamic', optional: true }),
  );
  // Terraform's own.
  return { attributes: attributes.filter(({ name: argument }) => argument !== 'alias'), block_types: [] };
}
