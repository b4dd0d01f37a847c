// The network of AWS as it is synthesized: who reaches what, and by which way.
import { describe, expect, it } from '@jest/globals';
import type { Block } from '../../test/infra/blocks.ts';
import { listAt, textAt } from '../../test/infra/body.ts';
import { Model } from '../../test/infra/model.ts';
import { platformOf, SETTINGS } from '../../test/infra/synth.ts';
import { ENVIRONMENTS } from '../settings.ts';

const MODELS = {
  dev: new Model(platformOf('dev'), SETTINGS.dev),
  staging: new Model(platformOf('staging'), SETTINGS.staging),
  prod: new Model(platformOf('prod'), SETTINGS.prod),
};
/** `network_private_eu-central-1a_…` */
const tierOf = ({ name }: Block) => name.split('_')[1];
const ofTier = (model: Model, type: string, tier: string): Block[] =>
  model.all(type).filter((block) => block.stack === 'aws' && tierOf(block) === tier);

/** Where a subnet's packets for the internet go. */
function wayOut(model: Model, subnet: Block): Block[] {
  return model
    .companions(subnet, 'aws_route_table_association', 'subnet_id')
    .flatMap((association) => model.targets(association, 'route_table_id', 'aws_route_table'))
    .flatMap((table) => model.companions(table, 'aws_route', 'route_table_id'))
    .filter(({ body }) => body.destination_cidr_block === '0.0.0.0/0')
    .flatMap((route) => [
      ...model.targets(route, 'gateway_id', 'aws_internet_gateway'),
      ...model.targets(route, 'nat_gateway_id', 'aws_nat_gateway'),
    ]);
}
const zoneOfGateway = (model: Model, gateway: Block): string | undefined => {
  const [subnet] = model.targets(gateway, 'subnet_id', 'aws_subnet');
  expect(subnet && tierOf(subnet)).toBe('public');
  return subnet && textAt(subnet.body, 'availability_zone');
};

describe.each(ENVIRONMENTS)('the network of %s', (environment) => {
  const model = MODELS[environment];
  const { zones, natGateways } = SETTINGS[environment].aws;

  it('has a public, a private and a database subnet in each zone', () => {
    for (const tier of ['public', 'private', 'database']) {
      const subnets = ofTier(model, 'aws_subnet', tier);
      expect(subnets.map(({ body }) => body.availability_zone)).toEqual(zones);
    }
  });

  it('gives public addresses to nothing that only starts in it', () => {
    const subnets = model.all('aws_subnet').filter(({ stack }) => stack === 'aws');
    expect(subnets.filter(({ body }) => body.map_public_ip_on_launch !== false)).toEqual([]);
  });

  it('routes public subnets to the internet gateway', () => {
    const ways = ofTier(model, 'aws_subnet', 'public').map((subnet) => wayOut(model, subnet));
    expect(ways.map((way) => way.map(({ type }) => type))).toEqual(zones.map(() => ['aws_internet_gateway']));
  });

  it('routes each private subnet through one NAT gateway, its own zone’s where each has one', () => {
    const ways = ofTier(model, 'aws_subnet', 'private').map((subnet) => wayOut(model, subnet));
    expect(ways.map((way) => way.map((gateway) => zoneOfGateway(model, gateway)))).toEqual(
      zones.map((zone) => [natGateways === 'one' ? zones[0] : zone]),
    );
  });

  it('gives no database subnet a route to the internet', () => {
    const subnets = ofTier(model, 'aws_subnet', 'database');
    expect(subnets.flatMap((subnet) => wayOut(model, subnet))).toEqual([]);
    const tables = ofTier(model, 'aws_route_table', 'database');
    expect(tables.flatMap((table) => model.companions(table, 'aws_route', 'route_table_id'))).toEqual([]);
  });

  it('puts every subnet on the route table of its tier, never on the main one', () => {
    for (const subnet of model.all('aws_subnet').filter(({ stack }) => stack === 'aws')) {
      const tables = model
        .companions(subnet, 'aws_route_table_association', 'subnet_id')
        .flatMap((association) => model.targets(association, 'route_table_id', 'aws_route_table'));
      expect(tables.map(tierOf)).toEqual([tierOf(subnet)]);
    }
  });

  it('reaches S3 from private and database subnets without leaving, and only our buckets and its nodes’ sources', () => {
    const [endpoint] = model.all('aws_vpc_endpoint');
    const tables = model.targets(endpoint!, 'route_table_ids', 'aws_route_table');
    expect(new Set(tables)).toEqual(
      new Set(['private', 'database'].flatMap((tier) => ofTier(model, 'aws_route_table', tier))),
    );
    const statements = model.statementsAt(endpoint!, 'policy');
    const open = statements.filter(({ conditions }) => conditions.length === 0);
    expect(open.flatMap(({ actions }) => actions)).toEqual(['s3:GetObject']);
    expect(
      open.flatMap(({ resources }) => resources).filter((one) => one.startsWith('arn:aws:s3:::*')),
    ).toEqual([]);
  });

  it('tags the subnets of public and internal load balancers for Kubernetes', () => {
    const tagged = (tag: string) =>
      model.all('aws_subnet').filter(({ body }) => listAt(body, 'tags').some((tags) => tag in Object(tags)));
    expect(tagged('kubernetes.io/role/elb').map(tierOf)).toEqual(zones.map(() => 'public'));
    expect(tagged('kubernetes.io/role/internal-elb').map(tierOf)).toEqual(zones.map(() => 'private'));
  });

  it('makes gateways only once the internet gateway exists', () => {
    for (const { body } of model.all('aws_nat_gateway', 'aws_eip'))
      expect(listAt(body, 'depends_on')).toEqual([expect.stringMatching(/^aws_internet_gateway\./)]);
  });
});
