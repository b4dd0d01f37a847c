// The analytics side's network: subnets without public addresses, a way out to the internet, and nothing that comes in.
import { ComputeFirewall } from '@cdktf/provider-google/lib/compute-firewall/index.js';
import { ComputeNetwork } from '@cdktf/provider-google/lib/compute-network/index.js';
import { ComputeRouter } from '@cdktf/provider-google/lib/compute-router/index.js';
import { ComputeRouterNat } from '@cdktf/provider-google/lib/compute-router-nat/index.js';
import { ComputeSubnetwork } from '@cdktf/provider-google/lib/compute-subnetwork/index.js';
import { Construct } from 'constructs';
import { PlatformStack } from '../constructs/platform-stack.ts';
import type { GoogleNetwork } from './hand-over.ts';

export class AnalyticsVpc extends Construct implements GoogleNetwork {
  readonly networkId: string;
  readonly networkName: string;
  readonly workersSubnetId: string;
  readonly dataprocSubnetId: string;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const { prefix, settings } = PlatformStack.of(this);
    const network = new ComputeNetwork(this, 'network', {
      name: `${prefix}-analytics`,
      autoCreateSubnetworks: false,
      // Routes to AWS stay in the region of the tunnels: a subnet elsewhere has no business with the brokers.
      routingMode: 'REGIONAL',
    });
    this.networkId = network.id;
    this.networkName = network.name;
    const workers = this.subnet('workers', settings.gcp.workersRange);
    const dataproc = this.subnet('dataproc', settings.gcp.dataprocRange);
    this.workersSubnetId = workers.id;
    this.dataprocSubnetId = dataproc.id;
    this.openWayOut([workers, dataproc]);
    this.closeWayIn();
  }

  private subnet(purpose: string, range: string): ComputeSubnetwork {
    return new ComputeSubnetwork(this, purpose, {
      name: `${PlatformStack.of(this).prefix}-${purpose}`,
      network: this.networkId,
      ipCidrRange: range,
      // Google's own APIs without a public address.
      privateIpGoogleAccess: true,
      logConfig: {
        aggregationInterval: 'INTERVAL_5_SEC',
        flowSampling: 0.5,
        metadata: 'INCLUDE_ALL_METADATA',
      },
    });
  }

  /** Dataproc's nodes ask AWS STS for a role's credentials, which is on the internet only. */
  private openWayOut(subnets: readonly ComputeSubnetwork[]): void {
    const { prefix } = PlatformStack.of(this);
    const router = new ComputeRouter(this, 'way-out', {
      name: `${prefix}-way-out`,
      network: this.networkId,
    });
    new ComputeRouterNat(this, 'nat', {
      name: `${prefix}-nat`,
      router: router.name,
      natIpAllocateOption: 'AUTO_ONLY',
      sourceSubnetworkIpRangesToNat: 'LIST_OF_SUBNETWORKS',
      subnetwork: subnets.map(({ id }) => ({ name: id, sourceIpRangesToNat: ['ALL_IP_RANGES'] })),
      // Refused for want of ports; what went through is in the flow logs.
      logConfig: { enable: true, filter: 'ERRORS_ONLY' },
    });
  }

  /** Every network denies the rest by default, but does not log it. */
  private closeWayIn(): void {
    new ComputeFirewall(this, 'deny-ingress', {
      name: `${PlatformStack.of(this).prefix}-deny-ingress`,
      description: 'Whatever no other rule allows: refused, and logged',
      network: this.networkId,
      direction: 'INGRESS',
      priority: 65_534,
      sourceRanges: ['0.0.0.0/0'],
      deny: [{ protocol: 'all' }],
      logConfig: { metadata: 'INCLUDE_ALL_METADATA' },
    });
  }
}
