// Private service access: the range in which Google puts its managed services (here Cloud SQL) for our network to reach.
import { ComputeGlobalAddress } from '@cdktf/provider-google/lib/compute-global-address/index.js';
import { ComputeNetworkPeeringRoutesConfig } from '@cdktf/provider-google/lib/compute-network-peering-routes-config/index.js';
import { ServiceNetworkingConnection } from '@cdktf/provider-google/lib/service-networking-connection/index.js';
import { Construct } from 'constructs';
import { hostAddress } from '../addresses.ts';
import { PlatformStack } from '../constructs/platform-stack.ts';
import type { AnalyticsVpc } from './analytics-vpc.ts';

export class PrivateServices extends Construct {
  readonly networkId: string;
  /** Name of the reserved range. */
  readonly rangeName: string;
  /** Services can be made once it exists: they refer to nothing of it, so Terraform must be given the order. */
  readonly connection: ServiceNetworkingConnection;

  constructor(scope: Construct, id: string, network: AnalyticsVpc) {
    super(scope, id);
    const { prefix, settings } = PlatformStack.of(this);
    const range = settings.gcp.privateServicesRange;
    const address = new ComputeGlobalAddress(this, 'range', {
      name: `${prefix}-private-services`,
      purpose: 'VPC_PEERING',
      addressType: 'INTERNAL',
      address: hostAddress(range, 0),
      prefixLength: Number(range.split('/')[1]),
      network: network.networkId,
    });
    this.networkId = network.networkId;
    this.rangeName = address.name;
    this.connection = new ServiceNetworkingConnection(this, 'connection', {
      network: network.networkId,
      service: 'servicenetworking.googleapis.com',
      reservedPeeringRanges: [address.name],
      // Google holds a connection for days after its last service has gone, and refuses to delete it meanwhile. The peering
      // goes with the network; a later apply finds and adopts one that stayed.
      deletionPolicy: 'ABANDON',
      updateOnCreationFail: true,
    });
    new ComputeNetworkPeeringRoutesConfig(this, 'routes', {
      network: network.networkName,
      peering: this.connection.peering,
      // Cloud SQL answers callers in the other cloud only if it learns the routes that came through the tunnels.
      exportCustomRoutes: true,
      importCustomRoutes: false,
    });
  }
}
