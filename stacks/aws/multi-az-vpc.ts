// The network on AWS: in each zone a public, a private and a database subnet. Only the private ones reach the internet, through NAT;
// the database ones reach S3, each other and, by the link, the other cloud.
import { DefaultSecurityGroup } from '@cdktf/provider-aws/lib/default-security-group/index.js';
import { InternetGateway } from '@cdktf/provider-aws/lib/internet-gateway/index.js';
import { Route } from '@cdktf/provider-aws/lib/route/index.js';
import { Vpc } from '@cdktf/provider-aws/lib/vpc/index.js';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import type { CustomerKey } from '../constructs/customer-key.ts';
import { PlatformStack } from '../constructs/platform-stack.ts';
import type { AwsNetwork } from './hand-over.ts';
import { NatGateways } from './nat-gateways.ts';
import { S3Endpoint } from './s3-endpoint.ts';
import { subnetRanges, type ZoneRanges } from './subnet-ranges.ts';
import { SubnetTier } from './subnet-tier.ts';
import { VpcFlowLogs } from './vpc-flow-logs.ts';

export interface MultiAzVpcProps {
  /** Encrypts the flow logs. */
  readonly logKey: CustomerKey;
}

/** Where Kubernetes puts its load balancers (AWS, "Route internet traffic with AWS Load Balancer Controller"). */
const OPEN_BALANCERS = { 'kubernetes.io/role/elb': '1' };
const INNER_BALANCERS = { 'kubernetes.io/role/internal-elb': '1' };

export class MultiAzVpc extends Construct implements AwsNetwork {
  readonly vpcId: string;
  readonly vpcRange: string;
  readonly privateSubnetIds: readonly string[];
  readonly databaseSubnetIds: readonly string[];
  readonly databaseSubnetRanges: readonly string[];
  readonly routedTableIds: readonly string[];
  /** The private subnets' ways to the internet: what needs it as soon as it starts comes after these. */
  readonly waysOut: readonly ITerraformDependable[];
  readonly #ranges: readonly ZoneRanges[];

  constructor(scope: Construct, id: string, { logKey }: MultiAzVpcProps) {
    super(scope, id);
    const { prefix, settings } = PlatformStack.of(this);
    this.vpcRange = settings.aws.vpcRange;
    this.#ranges = subnetRanges(this.vpcRange, settings.aws.zones);
    this.vpcId = new Vpc(this, 'vpc', {
      cidrBlock: this.vpcRange,
      // Names for the endpoints of EKS, MSK and RDS: all three resolve to addresses inside.
      enableDnsHostnames: true,
      enableDnsSupport: true,
      tags: { Name: prefix },
    }).id;
    // Without rules in the configuration the provider takes all away: nothing works by accident in it.
    new DefaultSecurityGroup(this, 'default-security-group', { vpcId: this.vpcId });
    new VpcFlowLogs(this, 'flow-logs', { vpcId: this.vpcId, logKey });

    const openTier = this.tier('public', 'one', OPEN_BALANCERS);
    const privateTier = this.tier('private', 'each-zone', INNER_BALANCERS);
    const databaseTier = this.tier('database', 'one');
    this.privateSubnetIds = privateTier.subnetIds;
    this.databaseSubnetIds = databaseTier.subnetIds;
    this.databaseSubnetRanges = this.#ranges.map(({ database }) => database);
    this.routedTableIds = [...privateTier.tableIds, ...databaseTier.tableIds];
    this.waysOut = this.openToInternet(openTier, privateTier).routes;
    // No interface endpoints: what calls AWS's other APIs (nodes, functions) is in the private subnets and has NAT, and what is in
    // the database subnets calls none.
    new S3Endpoint(this, 's3', { vpcId: this.vpcId, routeTableIds: this.routedTableIds });
  }

  private tier(
    kind: 'public' | 'private' | 'database',
    tables: 'one' | 'each-zone',
    tags: Readonly<Record<string, string>> = {},
  ): SubnetTier {
    return new SubnetTier(this, kind, {
      vpcId: this.vpcId,
      name: `${PlatformStack.of(this).prefix}-${kind}`,
      zones: this.#ranges.map((ranges) => ({ zone: ranges.zone, range: ranges[kind] })),
      tables,
      tags,
    });
  }

  private openToInternet(openTier: SubnetTier, privateTier: SubnetTier): NatGateways {
    const internetGateway = new InternetGateway(this, 'internet-gateway', {
      vpcId: this.vpcId,
      tags: { Name: PlatformStack.of(this).prefix },
    });
    for (const routeTableId of openTier.tableIds) {
      new Route(this, 'public-to-internet', {
        routeTableId,
        destinationCidrBlock: '0.0.0.0/0',
        gatewayId: internetGateway.id,
      });
    }
    return new NatGateways(this, 'nat', {
      publicSubnetIds: openTier.subnetIds,
      privateTableIds: privateTier.tableIds,
      internetGateway,
    });
  }
}
