// How an output is called that one stack hands to another. cdktf names it by where the resource's construct stands, so a moved
// construct would rename it, and a stack deployed before would look for a name that is gone. Here it is called by what the
// resource is and is named in the cloud: `aws_subnet_database-eu-central-1a_id`.
import { TerraformDataSource, TerraformResource, type TerraformStack, Token } from 'cdktf';
import type { Settings } from '../settings.ts';

/** Where resources have their names; the first that is there counts. */
const NAMES = [
  'name',
  'cluster_name',
  'bucket',
  'identifier',
  'function_name',
  'repository_id',
  'secret_id',
  'account_id',
];

/**
 * @param identifier a reference such as `aws_vpc.network_vpc_4E8F0223.id`
 * @throws Error when it leads to no resource of the stack
 */
export function handedOnName(
  stack: TerraformStack,
  identifier: string,
  settings: Pick<Settings, 'aws' | 'gcp'>,
  prefix: string,
): string {
  const [, address = '', attribute = ''] = /^((?:data\.)?[^.]+\.[^.]+)\.(.+)$/.exec(identifier) ?? [];
  const resource = stack.node.findAll().find((one) => isResource(one) && addressOf(one) === address);
  if (!resource || !isResource(resource))
    throw new Error(`${identifier} leads to no resource of ${stack.node.id}, and cannot be handed on`);
  const own = nameOf(resource)
    .replace(new RegExp(`^${prefix}(-|$)`), '')
    .replace(`${settings.aws.accountId}-`, '')
    .replace(`-${settings.gcp.projectId}`, '');
  return [resource.terraformResourceType, own, attribute]
    .map((part) => part.replaceAll(/[^\w-]+/g, '-').replaceAll(/^-+|-+$/g, ''))
    .filter(Boolean)
    .join('_');
}

type Resource = TerraformResource | TerraformDataSource;
const isResource = (one: unknown): one is Resource =>
  TerraformResource.isTerraformResource(one) || TerraformDataSource.isTerraformDataSource(one);

const addressOf = (resource: Resource): string =>
  `${TerraformResource.isTerraformResource(resource) ? '' : 'data.'}${resource.terraformResourceType}.${resource.friendlyUniqueId}`;

/** Of what only Terraform knows, nothing. */
function nameOf(resource: Resource): string {
  const section = resource.toTerraform() as Record<
    string,
    Record<string, Record<string, Record<string, unknown>>>
  >;
  const kind = TerraformResource.isTerraformResource(resource) ? 'resource' : 'data';
  const body = section[kind]?.[resource.terraformResourceType]?.[resource.friendlyUniqueId] ?? {};
  const tags = (body.tags ?? {}) as Record<string, unknown>;
  const names = [...NAMES.map((name) => body[name]), tags.Name];
  const found = names.find((name) => typeof name === 'string' && name !== '') as string | undefined;
  return found === undefined || (Token.isUnresolved(found) && found.startsWith('${'))
    ? ''
    : found.replaceAll(/-?\$\{[^}]*\}/g, '');
}
