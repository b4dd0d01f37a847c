// Kafka's brokers by name from Google Cloud: Cloud DNS forwards their zone through the tunnels to resolvers in the VPC.
import { Route53ResolverEndpoint } from '@cdktf/provider-aws/lib/route53-resolver-endpoint/index.js';
import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group/index.js';
import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule/index.js';
import { DnsManagedZone } from '@cdktf/provider-google/lib/dns-managed-zone/index.js';
import { Construct } from 'constructs';
import { GOOGLE_DNS_RANGE, hostAddress } from '../addresses.ts';
import type { AwsNetwork } from '../aws/hand-over.ts';
import type { GoogleNetwork } from '../gcp/hand-over.ts';

export interface BrokerDnsProps {
  readonly prefix: string;
  readonly awsRegion: string;
  readonly aws: AwsNetwork;
  readonly google: GoogleNetwork;
}

const DNS_PORT = 53;
/** AWS keeps the first four addresses of a subnet and hands the rest out from the bottom: this one is out of their way. */
const RESOLVER_ADDRESS_INDEX = 10;

export class BrokerDns extends Construct {
  constructor(scope: Construct, id: string, props: BrokerDnsProps) {
    super(scope, id);
    const { prefix, awsRegion, aws, google } = props;
    const resolvers = aws.databaseSubnetRanges.slice(0, 2).map((range, index) => ({
      ip: hostAddress(range, RESOLVER_ADDRESS_INDEX),
      subnetId: aws.databaseSubnetIds[index]!,
    }));
    new Route53ResolverEndpoint(this, 'inbound', {
      name: `${prefix}-from-google`,
      direction: 'INBOUND',
      securityGroupIds: [this.admitForwarders(prefix, aws.vpcId).id],
      ipAddress: resolvers,
    });
    new DnsManagedZone(this, 'brokers', {
      name: `${prefix}-kafka`,
      description: 'Brokers of Amazon MSK, resolved in the VPC',
      // What `aws_msk_cluster` names its brokers under.
      dnsName: `kafka.${awsRegion}.amazonaws.com.`,
      visibility: 'private',
      privateVisibilityConfig: { networks: [{ networkUrl: google.networkId }] },
      forwardingConfig: {
        // Private: without it Cloud DNS asks such addresses over the internet when they are not of RFC 1918.
        targetNameServers: resolvers.map(({ ip }) => ({ ipv4Address: ip, forwardingPath: 'private' })),
      },
    });
  }

  private admitForwarders(prefix: string, vpcId: string): SecurityGroup {
    const group = new SecurityGroup(this, 'security-group', {
      name: `${prefix}-dns-from-google`,
      description: 'Resolvers that Cloud DNS asks for the names of the brokers',
      vpcId,
    });
    for (const protocol of ['tcp', 'udp']) {
      new VpcSecurityGroupIngressRule(this, `dns-${protocol}`, {
        securityGroupId: group.id,
        description: `DNS over ${protocol} from the forwarders of Cloud DNS`,
        ipProtocol: protocol,
        fromPort: DNS_PORT,
        toPort: DNS_PORT,
        cidrIpv4: GOOGLE_DNS_RANGE,
      });
    }
    return group;
  }
}
