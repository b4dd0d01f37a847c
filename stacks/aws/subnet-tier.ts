// Subnets of one purpose, one a zone, and the tables by which they route.
import { RouteTable } from '@cdktf/provider-aws/lib/route-table/index.js';
import { RouteTableAssociation } from '@cdktf/provider-aws/lib/route-table-association/index.js';
import { Subnet } from '@cdktf/provider-aws/lib/subnet/index.js';
import { Construct } from 'constructs';

export interface SubnetTierProps {
  readonly vpcId: string;
  /** Begins the names, such as `shop-dev-private`. */
  readonly name: string;
  readonly zones: readonly { readonly zone: string; readonly range: string }[];
  /** `each-zone` where zones have ways out of their own. */
  readonly tables: 'one' | 'each-zone';
  /** @default none */
  readonly tags?: Readonly<Record<string, string>>;
}

export class SubnetTier extends Construct {
  /** In the order of the zones. */
  readonly subnetIds: readonly string[];
  /** One, or one a zone in their order. */
  readonly tableIds: readonly string[];

  constructor(scope: Construct, id: string, props: SubnetTierProps) {
    super(scope, id);
    const { vpcId, name, zones, tables, tags } = props;
    // No inline routes: the link to the other cloud propagates its own into these tables.
    const table = (ofWhat: string) =>
      new RouteTable(this, `table-${ofWhat}`, { vpcId, tags: { Name: `${name}-${ofWhat}` } });
    const ofAll = tables === 'one' ? table('all') : undefined;
    const parts = zones.map(({ zone, range }) => {
      const subnet = new Subnet(this, zone, {
        vpcId,
        availabilityZone: zone,
        cidrBlock: range,
        mapPublicIpOnLaunch: false,
        tags: { Name: `${name}-${zone}`, ...tags },
      });
      const { id: routeTableId } = ofAll ?? table(zone);
      new RouteTableAssociation(this, `association-${zone}`, { subnetId: subnet.id, routeTableId });
      return { subnetId: subnet.id, routeTableId };
    });
    this.subnetIds = parts.map(({ subnetId }) => subnetId);
    this.tableIds = ofAll ? [ofAll.id] : parts.map(({ routeTableId }) => routeTableId);
  }
}
