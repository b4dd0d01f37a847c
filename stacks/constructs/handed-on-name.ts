// The name of an output that one stack hands to another. cdktf names it by the path of the resource's construct, so a moved
// construct would rename it, and a stack deployed before would look for a name that is gone. Here it is called by what the
// resource is and is named in the cloud: `aws_subnet_database-eu-central-1a_id`.
import {
  DefaultTokenResolver,
  StringConcat,
  TerraformDataSource,
  TerraformResource,
  type TerraformStack,
  Tokenization,
} from 'cdktf';
import type { Settings } from '../settings.ts';

/** Where resources have their names; the first that is there counts. A description replaces a name where there is none. */
const NAMES = [
  'name',
  'cluster_name',
  'bucket',
  'identifier',
  'function_name',
  'repository_id',
  'secret_id',
  'account_id',
  'domain_name',
  'tags.Name',
  'description',
];

export interface NamingFacts {
  readonly settings: Pick<Settings, 'aws' | 'gcp'>;
  /** `shop-dev`, which every name begins with. */
  readonly prefix: string;
}

/**
 * @param identifier a reference such as `aws_vpc.network_vpc_4E8F0223.id`
 * @throws Error when it leads to no resource of the stack
 */
export function handedOnName(
  stack: TerraformStack,
  identifier: string,
  { settings, prefix }: NamingFacts,
): string {
  const [, address = '', attribute = ''] = /^((?:data\.)?[^.]+\.[^.]+)\.(.+)$/.exec(identifier) ?? [];
  const resource = resourceAt(stack, address);
  if (!resource)
    throw new Error(`${identifier} leads to no resource of ${stack.node.id}, and cannot be handed on`);
  const own = nameOf(stack, resource)
    .replace(prefix, '')
    .replace(`${settings.aws.accountId}-`, '')
    .replace(`-${settings.gcp.projectId}`, '');
  return [resource.terraformResourceType, own, attribute]
    .map((part) => part.replaceAll(/[^\w-]+/g, '-').replaceAll(/^-+|-+$/g, ''))
    .filter(Boolean)
    .join('_');
}

type Resource = TerraformResource | TerraformDataSource;
type Body = Readonly<Record<string, unknown>>;
const isResource = (one: unknown): one is Resource =>
  TerraformResource.isTerraformResource(one) || TerraformDataSource.isTerraformDataSource(one);

function resourceAt(stack: TerraformStack, address: string): Resource | undefined {
  const [, isData, type, name] = /^(data\.)?([^.]+)\.(.+)$/.exec(address) ?? [];
  // The name last: it is a hash of the path, which takes its time.
  return stack.node
    .findAll()
    .find(
      (one): one is typeof one & Resource =>
        isResource(one) &&
        one.terraformResourceType === type &&
        TerraformDataSource.isTerraformDataSource(one) === (isData !== undefined) &&
        one.friendlyUniqueId === name,
    );
}

/** A resource without a name (the validation of a certificate) gets the name of the first resource that it refers to. */
function nameOf(stack: TerraformStack, resource: Resource): string {
  const written = writtenBy(resource);
  // One at a time, and most often the first is there: resolving whole resources takes its time.
  for (const name of NAMES) {
    const value =
      name === 'tags.Name'
        ? (resolved(stack, written.tags) as Body | undefined)?.Name
        : resolved(stack, written[name]);
    // Of what only Terraform knows, such as a random end, nothing.
    const known = typeof value === 'string' ? value.replaceAll(/-?\$\{[^}]*\}/g, '') : '';
    if (known !== '') return known;
  }
  for (const one of Object.values(written)) {
    const value = String(resolved(stack, one));
    const [, address = ''] = /^\$\{((?:data\.)?[^.${}]+\.[^.${}]+)\./.exec(value) ?? [];
    const other = address === '' ? undefined : resourceAt(stack, address);
    if (other && other !== resource && other.terraformResourceType !== resource.terraformResourceType) {
      const named = nameOf(stack, other);
      if (named !== '') return named;
    }
  }
  return '';
}

/** Its arguments, with tokens in them. */
function writtenBy(resource: Resource): Body {
  const section = resource.toTerraform() as Record<string, Record<string, Record<string, Body>>>;
  const kind = TerraformResource.isTerraformResource(resource) ? 'resource' : 'data';
  return section[kind]?.[resource.terraformResourceType]?.[resource.friendlyUniqueId] ?? {};
}

/** As Terraform reads it. */
function resolved(stack: TerraformStack, value: unknown): unknown {
  if (value === undefined) return undefined;
  const resolver = new DefaultTokenResolver(new StringConcat());
  return Tokenization.resolve(value, { scope: stack, resolver, preparing: false });
}
