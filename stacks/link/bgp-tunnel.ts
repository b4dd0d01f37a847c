// One tunnel at Google's end, and the BGP session over it.
import type { ComputeExternalVpnGateway } from '@cdktf/provider-google/lib/compute-external-vpn-gateway/index.js';
import type { ComputeHaVpnGateway } from '@cdktf/provider-google/lib/compute-ha-vpn-gateway/index.js';
import type { ComputeRouter } from '@cdktf/provider-google/lib/compute-router/index.js';
import { ComputeRouterInterface } from '@cdktf/provider-google/lib/compute-router-interface/index.js';
import { ComputeRouterPeer } from '@cdktf/provider-google/lib/compute-router-peer/index.js';
import { ComputeVpnTunnel } from '@cdktf/provider-google/lib/compute-vpn-tunnel/index.js';
import { Construct } from 'constructs';

/** One tunnel as Google's side sees it. */
export interface TunnelEnd {
  /** Interface of Google's gateway. */
  readonly googleInterface: number;
  readonly awsAddress: string;
  readonly sharedSecret: string;
  /** Inside addresses of the tunnel. */
  readonly googleInsideAddress: string;
  readonly awsInsideAddress: string;
}

export interface BgpTunnelProps {
  readonly name: string;
  readonly router: ComputeRouter;
  readonly gateway: ComputeHaVpnGateway;
  readonly awsGateway: ComputeExternalVpnGateway;
  /** Interface of AWS's gateway, 0 to 3. */
  readonly awsInterface: number;
  readonly awsAsn: number;
  readonly end: TunnelEnd;
}

export class BgpTunnel extends Construct {
  constructor(scope: Construct, id: string, props: BgpTunnelProps) {
    super(scope, id);
    const { name, router, gateway, awsGateway, awsInterface, awsAsn, end } = props;
    const tunnel = new ComputeVpnTunnel(this, 'tunnel', {
      name,
      vpnGateway: gateway.id,
      vpnGatewayInterface: end.googleInterface,
      peerExternalGateway: awsGateway.id,
      peerExternalGatewayInterface: awsInterface,
      // Google's argument has no write-only form: the key is in this stack's state, which is encrypted and private.
      sharedSecret: end.sharedSecret,
      ikeVersion: 2,
      router: router.id,
    });
    const inside = new ComputeRouterInterface(this, 'interface', {
      name,
      router: router.name,
      // The tunnel's range has two addresses: AWS gives the first to itself and the second to us.
      ipRange: `${end.googleInsideAddress}/30`,
      vpnTunnel: tunnel.name,
    });
    new ComputeRouterPeer(this, 'peer', {
      name,
      router: router.name,
      interface: inside.name,
      peerIpAddress: end.awsInsideAddress,
      peerAsn: awsAsn,
    });
  }
}
