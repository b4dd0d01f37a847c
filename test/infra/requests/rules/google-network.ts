// Network of Google Cloud. A parameter of a method's address is written with `@`.
import { ON_DELETION, oneRequest, STEERS_PROVIDER, type TypeRule } from '../request-rule.ts';

/** In region and project of the provider. */
const regional = { '@project': '{project}', '@region': '{region}' };
const global = { '@project': '{project}' };

export const GOOGLE_NETWORK: Readonly<Record<string, TypeRule>> = {
  google_compute_network: oneRequest(
    'google/compute.v1.networks.insert',
    { routing_mode: 'routingConfig.routingMode' },
    { given: global, unsent: { delete_default_routes_on_create: STEERS_PROVIDER } },
  ),
  google_compute_subnetwork: oneRequest(
    'google/compute.v1.subnetworks.insert',
    {
      log_config: 'logConfig',
      private_ip_google_access: 'privateIpGoogleAccess',
      secondary_ip_range: 'secondaryIpRanges',
    },
    { given: { ...regional, 'logConfig.enable': true } },
  ),
  google_compute_firewall: oneRequest(
    'google/compute.v1.firewalls.insert',
    {
      allow: 'allowed',
      'allow.protocol': 'IPProtocol',
      deny: 'denied',
      'deny.protocol': 'IPProtocol',
    },
    { given: global },
  ),
  google_compute_global_address: oneRequest(
    'google/compute.v1.globalAddresses.insert',
    {},
    { given: global },
  ),
  google_compute_network_peering_routes_config: oneRequest(
    'google/compute.v1.networks.updatePeering',
    {
      network: '@network',
      peering: 'networkPeering.name',
      import_custom_routes: 'networkPeering.importCustomRoutes',
      export_custom_routes: 'networkPeering.exportCustomRoutes',
    },
    { given: global },
  ),
  google_compute_router: oneRequest('google/compute.v1.routers.insert', {}, { given: regional }),
  google_compute_router_interface: oneRequest(
    'google/compute.v1.routers.patch',
    {
      router: '@router',
      name: 'interfaces.name',
      ip_range: 'interfaces.ipRange',
      vpn_tunnel: 'interfaces.linkedVpnTunnel',
    },
    { given: regional },
  ),
  google_compute_router_peer: oneRequest(
    'google/compute.v1.routers.patch',
    {
      router: '@router',
      name: 'bgpPeers.name',
      interface: 'bgpPeers.interfaceName',
      peer_asn: 'bgpPeers.peerAsn',
      peer_ip_address: 'bgpPeers.peerIpAddress',
      advertised_route_priority: 'bgpPeers.advertisedRoutePriority',
      bfd: 'bgpPeers.bfd',
    },
    { given: regional },
  ),
  google_compute_router_nat: oneRequest(
    'google/compute.v1.routers.patch',
    {
      router: '@router',
      name: 'nats.name',
      log_config: 'nats.logConfig',
      nat_ip_allocate_option: 'nats.natIpAllocateOption',
      source_subnetwork_ip_ranges_to_nat: 'nats.sourceSubnetworkIpRangesToNat',
      subnetwork: 'nats.subnetworks',
    },
    { given: regional },
  ),
  google_compute_ha_vpn_gateway: oneRequest('google/compute.v1.vpnGateways.insert', {}, { given: regional }),
  google_compute_external_vpn_gateway: oneRequest(
    'google/compute.v1.externalVpnGateways.insert',
    {},
    { given: global },
  ),
  google_compute_vpn_tunnel: oneRequest(
    'google/compute.v1.vpnTunnels.insert',
    { 'cipher_suite.phase1': 'phase1', 'cipher_suite.phase2': 'phase2' },
    { given: regional },
  ),
  google_dns_managed_zone: oneRequest(
    'google/dns.v1.managedZones.create',
    {},
    { given: global, unsent: { force_destroy: ON_DELETION } },
  ),
  google_service_networking_connection: oneRequest(
    'google/servicenetworking.v1.services.connections.create',
    {},
    {
      given: { '@parent': 'services/{service}' },
      unsent: {
        deletion_policy: ON_DELETION,
        service: 'stands in the address',
        update_on_creation_fail: STEERS_PROVIDER,
      },
    },
  ),
};
