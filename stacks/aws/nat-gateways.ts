// The private subnets' way to the internet: a gateway in each zone, or one for all where the environment may go down with a zone.
import { Eip } from '@cdktf/provider-aws/lib/eip/index.js';
import { NatGateway } from '@cdktf/provider-aws/lib/nat-gateway/index.js';
import { Route } from '@cdktf/provider-aws/lib/route/index.js';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { PlatformStack } from '../constructs/platform-stack.ts';

export interface NatGatewaysProps {
  /** In the order of the zones. */
  readonly publicSubnetIds: readonly string[];
  /** Tables of the private subnets, in the order of the zones. */
  readonly privateTableIds: readonly string[];
  /** A gateway without it has no way out, and cannot be made. */
  readonly internetGateway: ITerraformDependable;
}

export class NatGateways extends Construct {
  /** What needs the internet as soon as it starts comes after these. */
  readonly routes: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: NatGatewaysProps) {
    super(scope, id);
    const { zones, natGateways } = PlatformStack.of(this).settings.aws;
    const gateways = zones.slice(0, natGateways === 'one' ? 1 : zones.length).map((zone, at) => {
      const subnetId = props.publicSubnetIds[at];
      if (!subnetId) throw new RangeError(`zone ${zone} has no public subnet`);
      return this.gateway(zone, subnetId, props.internetGateway);
    });
    this.routes = props.privateTableIds.map((routeTableId, at) => {
      // Its own zone's: traffic between zones costs, and fails with either of them.
      const natGatewayId = (gateways[at] ?? gateways[0])!.id;
      return new Route(this, `route-${zones[at]}`, {
        routeTableId,
        destinationCidrBlock: '0.0.0.0/0',
        natGatewayId,
      });
    });
  }

  private gateway(zone: string, subnetId: string, internetGateway: ITerraformDependable): NatGateway {
    const tags = { Name: `${PlatformStack.of(this).prefix}-nat-${zone}` };
    const address = new Eip(this, `address-${zone}`, { domain: 'vpc', tags, dependsOn: [internetGateway] });
    return new NatGateway(this, `gateway-${zone}`, {
      subnetId,
      allocationId: address.id,
      tags,
      dependsOn: [internetGateway],
    });
  }
}
