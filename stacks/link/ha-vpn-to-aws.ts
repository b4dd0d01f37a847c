// Four encrypted tunnels between the VPC and the Google network, two at each end's every interface, with BGP over each: any
// three may fail. Source: Google Cloud, "Create HA VPN connections between Google Cloud and AWS".
import { CustomerGateway } from '@cdktf/provider-aws/lib/customer-gateway/index.js';
import { VpnConnection } from '@cdktf/provider-aws/lib/vpn-connection/index.js';
import { VpnGateway } from '@cdktf/provider-aws/lib/vpn-gateway/index.js';
import { VpnGatewayRoutePropagation } from '@cdktf/provider-aws/lib/vpn-gateway-route-propagation/index.js';
import { ComputeExternalVpnGateway } from '@cdktf/provider-google/lib/compute-external-vpn-gateway/index.js';
import { ComputeHaVpnGateway } from '@cdktf/provider-google/lib/compute-ha-vpn-gateway/index.js';
import { ComputeRouter } from '@cdktf/provider-google/lib/compute-router/index.js';
import { Construct } from 'constructs';
import { GOOGLE_DNS_RANGE } from '../addresses.ts';
import type { AwsNetwork } from '../aws/hand-over.ts';
import type { LogGroup } from '../constructs/log-group.ts';
import type { GoogleNetwork } from '../gcp/hand-over.ts';
import type { Settings } from '../settings.ts';
import { BgpTunnel, type TunnelEnd } from './bgp-tunnel.ts';
import { tunnelOptions } from './tunnel-options.ts';

export interface HaVpnToAwsProps {
  /** Begins every name. */
  readonly prefix: string;
  readonly link: Settings['link'];
  readonly aws: AwsNetwork;
  readonly google: GoogleNetwork;
  /** Where Cloud SQL is, which is no subnet of the network. */
  readonly privateServicesRange: string;
  /** Takes what the tunnels report. */
  readonly log: LogGroup;
}

export class HaVpnToAws extends Construct {
  /** `vpn-…`, one to each address of Google's gateway. */
  readonly connectionIds: readonly string[];

  constructor(scope: Construct, id: string, props: HaVpnToAwsProps) {
    super(scope, id);
    const { prefix, link, google, privateServicesRange } = props;
    const gateway = new ComputeHaVpnGateway(this, 'google-gateway', {
      name: `${prefix}-to-aws`,
      network: google.networkId,
    });
    const vpnGateway = this.attachGateway(props);
    // One connection to each address of Google's gateway, with two tunnels each.
    const connections = [0, 1].map((index) =>
      this.connect(index, props, vpnGateway, gateway.vpnInterfaces.get(index).ipAddress),
    );
    this.connectionIds = connections.map((connection) => connection.id);
    const ends = connections.flatMap((connection, index) => tunnelEnds(connection, index));
    const awsGateway = new ComputeExternalVpnGateway(this, 'aws-gateway', {
      name: `${prefix}-aws`,
      redundancyType: 'FOUR_IPS_REDUNDANCY',
      interface: ends.map(({ awsAddress }, interfaceId) => ({ id: interfaceId, ipAddress: awsAddress })),
    });
    const router = new ComputeRouter(this, 'router', {
      name: `${prefix}-to-aws`,
      network: google.networkId,
      bgp: {
        asn: link.gcpAsn,
        advertiseMode: 'CUSTOM',
        advertisedGroups: ['ALL_SUBNETS'],
        advertisedIpRanges: rangesBesideSubnets(privateServicesRange),
      },
    });
    ends.forEach((end, awsInterface) => {
      new BgpTunnel(this, `tunnel-${awsInterface}`, {
        name: `${prefix}-aws-${awsInterface}`,
        router,
        gateway,
        awsGateway,
        awsInterface,
        awsAsn: link.awsAsn,
        end,
      });
    });
  }

  /** The VPC's end. Google's routes reach every table that has to know them, not only the main one. */
  private attachGateway({ prefix, link, aws }: HaVpnToAwsProps): VpnGateway {
    const vpnGateway = new VpnGateway(this, 'vpn-gateway', {
      vpcId: aws.vpcId,
      amazonSideAsn: String(link.awsAsn),
      tags: { Name: `${prefix}-to-google` },
    });
    aws.routedTableIds.forEach((routeTableId, index) => {
      new VpnGatewayRoutePropagation(this, `routes-${index}`, { vpnGatewayId: vpnGateway.id, routeTableId });
    });
    return vpnGateway;
  }

  private connect(
    index: number,
    props: HaVpnToAwsProps,
    vpnGateway: VpnGateway,
    googleAddress: string,
  ): VpnConnection {
    const { prefix, link, log } = props;
    const customerGateway = new CustomerGateway(this, `google-end-${index}`, {
      type: 'ipsec.1',
      bgpAsn: String(link.gcpAsn),
      ipAddress: googleAddress,
      tags: { Name: `${prefix}-google-${index}` },
    });
    return new VpnConnection(this, `connection-${index}`, {
      type: 'ipsec.1',
      customerGatewayId: customerGateway.id,
      vpnGatewayId: vpnGateway.id,
      ...tunnelOptions(1, link.insideRanges[index * 2]!, log.arn),
      ...tunnelOptions(2, link.insideRanges[index * 2 + 1]!, log.arn),
      tags: { Name: `${prefix}-google-${index}` },
    });
  }
}

const rangesBesideSubnets = (privateServicesRange: string) => [
  // Answers to Cloud DNS's own forwarders must find their way back through the tunnels.
  { range: GOOGLE_DNS_RANGE, description: 'Cloud DNS forwarders' },
  // The console on EKS asks Cloud SQL; the way back is exported to Google's services (stacks/gcp/private-services.ts).
  { range: privateServicesRange, description: 'Cloud SQL' },
];

const tunnelEnds = (connection: VpnConnection, googleInterface: number): TunnelEnd[] => [
  {
    googleInterface,
    awsAddress: connection.tunnel1Address,
    sharedSecret: connection.tunnel1PresharedKey,
    googleInsideAddress: connection.tunnel1CgwInsideAddress,
    awsInsideAddress: connection.tunnel1VgwInsideAddress,
  },
  {
    googleInterface,
    awsAddress: connection.tunnel2Address,
    sharedSecret: connection.tunnel2PresharedKey,
    googleInsideAddress: connection.tunnel2CgwInsideAddress,
    awsInsideAddress: connection.tunnel2VgwInsideAddress,
  },
];
