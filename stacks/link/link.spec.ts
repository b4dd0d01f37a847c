import { describe, expect, it } from '@jest/globals';
import { analyticsWorker } from '#contracts/processes.ts';
import { productImagesProcessed } from '#contracts/topics.ts';
import { allOf, oneOf } from '../../test/infra/look-up.ts';
import { type Body, flinkPlatformOf, platformOf, SETTINGS } from '../../test/infra/synth.ts';
import { GOOGLE_DNS_RANGE } from '../addresses.ts';

const { link, aws } = platformOf('prod');
const settings = SETTINGS.prod;
const bodies = (type: string): Body[] => Object.values(allOf(link, type));

describe('the tunnels', () => {
  it('are four, two at each interface of Google’s gateway, each at another interface of AWS’s', () => {
    const tunnels = bodies('google_compute_vpn_tunnel');
    expect(tunnels.map((tunnel) => tunnel.vpn_gateway_interface)).toEqual([0, 0, 1, 1]);
    expect(tunnels.map((tunnel) => tunnel.peer_external_gateway_interface)).toEqual([0, 1, 2, 3]);
    expect(oneOf(link, 'google_compute_external_vpn_gateway')).toMatchObject({
      redundancy_type: 'FOUR_IPS_REDUNDANCY',
      interface: [{ id: 0 }, { id: 1 }, { id: 2 }, { id: 3 }],
    });
  });

  it('have a pre-shared key each, the one that AWS made for the other end', () => {
    const tunnels = bodies('google_compute_vpn_tunnel');
    expect(new Set(tunnels.map((tunnel) => tunnel.shared_secret)).size).toBe(4);
    const addresses = (oneOf(link, 'google_compute_external_vpn_gateway').interface as Body[]).map(
      (one) => one.ip_address,
    );
    tunnels.forEach((tunnel, at) => {
      const end = (text: unknown) =>
        /\{aws_vpn_connection\.([^.]+)\.tunnel(\d)_/.exec(String(text))?.slice(1);
      expect(end(tunnel.shared_secret)).toEqual(end(addresses[at]));
    });
  });

  it('speak BGP between the inside addresses of the very same tunnel', () => {
    const interfaces = bodies('google_compute_router_interface');
    const peers = bodies('google_compute_router_peer');
    expect(peers).toHaveLength(4);
    peers.forEach((peer, at) => {
      const own = /^\$\{(aws_vpn_connection\..*\.tunnel\d)_cgw_inside_address\}\/30$/.exec(
        String(interfaces[at]!.ip_range),
      )?.[1];
      expect(own).toBeDefined();
      expect(peer.peer_ip_address).toBe(`\${${own}_vgw_inside_address}`);
      expect(peer.peer_asn).toBe(settings.link.awsAsn);
    });
  });

  it('have the inside ranges of the settings', () => {
    const ranges = bodies('aws_vpn_connection').flatMap((connection) => [
      connection.tunnel1_inside_cidr,
      connection.tunnel2_inside_cidr,
    ]);
    expect(ranges).toEqual(settings.link.insideRanges);
  });

  it('bring Google’s routes into every private and database table', () => {
    const tables = Object.keys(allOf(aws, 'aws_route_table')).filter((name) => !name.includes('public'));
    expect(bodies('aws_vpn_gateway_route_propagation')).toHaveLength(tables.length);
  });
});

describe('the names of the brokers', () => {
  it('are asked through the tunnels, of addresses that the resolver really has', () => {
    const zone = oneOf(link, 'google_dns_managed_zone');
    expect(zone.dns_name).toBe('kafka.eu-central-1.amazonaws.com.');
    const asked = (zone.forwarding_config as Body).target_name_servers as Body[];
    const answering = oneOf(link, 'aws_route53_resolver_endpoint').ip_address as Body[];
    expect(asked).toEqual(answering.map(({ ip }) => ({ ipv4_address: ip, forwarding_path: 'private' })));
    expect(asked.length).toBeGreaterThanOrEqual(2);
  });

  it('are answered to Cloud DNS alone, and the answer finds its way back', () => {
    const rules = Object.entries(allOf(link, 'aws_vpc_security_group_ingress_rule')).filter(([name]) =>
      name.includes('dns'),
    );
    expect(rules.map(([, rule]) => [rule.ip_protocol, rule.from_port, rule.cidr_ipv4])).toEqual([
      ['tcp', 53, GOOGLE_DNS_RANGE],
      ['udp', 53, GOOGLE_DNS_RANGE],
    ]);
    const bgp = oneOf(link, 'google_compute_router').bgp as Body;
    expect(bgp).toMatchObject({ advertise_mode: 'CUSTOM', advertised_groups: ['ALL_SUBNETS'] });
    expect(bgp.advertised_ip_ranges).toContainEqual(expect.objectContaining({ range: GOOGLE_DNS_RANGE }));
  });
});

describe('Google’s stores from the cluster', () => {
  it('are a way for one account of this cluster’s tokens, and no key', () => {
    const provider = oneOf(link, 'google_iam_workload_identity_pool_provider');
    const subject = 'system:serviceaccount:shop:console';
    expect(provider).toMatchObject({
      attribute_mapping: { 'google.subject': 'assertion.sub' },
      attribute_condition: `assertion.sub == '${subject}'`,
      oidc: { allowed_audiences: ['google'] },
    });
    expect((provider.oidc as Body).issuer_uri).toMatch(/issuer/);
    const becomes = oneOf(link, 'google_service_account_iam_member');
    expect(becomes.role).toBe('roles/iam.workloadIdentityUser');
    expect(String(becomes.member)).toMatch(
      /^principal:\/\/iam\.googleapis\.com\/\$\{google_iam_workload_identity_pool\..*\}\/subject\/system:serviceaccount:shop:console$/,
    );
    expect(Object.keys(allOf(link, 'google_service_account_key'))).toEqual([]);
  });

  it('have a route for Cloud SQL, which no subnet of the network is', () => {
    const bgp = oneOf(link, 'google_compute_router').bgp as Body;
    expect(bgp.advertised_ip_ranges).toContainEqual(
      expect.objectContaining({ range: settings.gcp.privateServicesRange }),
    );
    expect(oneOf(link, 'aws_vpc_security_group_egress_rule')).toMatchObject({
      cidr_ipv4: settings.gcp.privateServicesRange,
      from_port: 5432,
      to_port: 5432,
    });
  });
});

describe('Kafka from Google Cloud', () => {
  const { workersRange, dataprocRange } = settings.gcp;
  it.each([
    ['the subnet of the workers', link, [workersRange]],
    [
      'that of Flink’s nodes too, where there are any',
      flinkPlatformOf('prod').link,
      [workersRange, dataprocRange],
    ],
  ])('is let in on the port of IAM, from %s', (_which, stack, ranges) => {
    const rules = Object.entries(allOf(stack, 'aws_vpc_security_group_ingress_rule')).filter(([name]) =>
      name.includes('kafka'),
    );
    expect(new Set(rules.map(([, rule]) => rule.cidr_ipv4))).toEqual(new Set(ranges));
    for (const [, rule] of rules) expect([rule.from_port, rule.to_port]).toEqual([9098, 9098]);
  });

  it('has no role for Flink while Node counts', () => {
    expect(Object.keys(allOf(link, 'aws_iam_role')).filter((name) => name.includes('flink'))).toEqual([]);
  });

  it.each([
    ['the worker', 'kafka-role', 'worker'],
    ['the Flink job', 'flink-kafka-role', 'flink'],
  ])('is for %s, by a token of its own account that was made for us', (_who, role, account) => {
    const [statement] = documentOf(`${role}_trust`).statement as Body[];
    expect(statement).toMatchObject({
      actions: ['sts:AssumeRoleWithWebIdentity'],
      principals: [{ type: 'Federated', identifiers: ['accounts.google.com'] }],
    });
    const conditions = statement!.condition as { test: string; variable: string; values: string[] }[];
    expect(conditions.map(({ test, variable }) => [test, variable])).toEqual([
      ['StringEquals', 'accounts.google.com:aud'],
      ['StringEquals', 'accounts.google.com:sub'],
      ['StringEquals', 'accounts.google.com:oaud'],
    ]);
    const [aud, sub, oaud] = conditions;
    expect(oaud!.values).toEqual([settings.link.audience]);
    expect(sub!.values).toEqual([expect.stringMatching(new RegExp(`${account}.*unique_id`))]);
    expect(aud!.values).toEqual(sub!.values);
  });

  it.each([
    ['the worker', 'kafka-role', analyticsWorker.consumes],
    ['the Flink job', 'flink-kafka-role', [productImagesProcessed]],
  ] as const)('lets %s read the topics that it counts and no other', (_who, role, topics) => {
    const statements = documentOf(`${role}_permissions`).statement as Body[];
    const readable = statements
      .filter(({ actions }) => (actions as string[]).includes('kafka-cluster:ReadData'))
      .flatMap(({ resources }) => resources as string[]);
    expect(new Set(readable.map((one) => one.split('/').at(-1)))).toEqual(
      new Set(topics.map(({ name }) => name)),
    );
    const resources = statements.flatMap(({ resources: listed }) => listed as string[]);
    expect(
      resources.filter((one) => one.endsWith('*') && !/(analytics|image-bytes)[^/]*\*$/.test(one)),
    ).toEqual([]);
  });
});

/** The only document whose name begins so. */
function documentOf(name: string): Body {
  const found = Object.entries(allOf(flinkPlatformOf('prod').link, 'aws_iam_policy_document')).filter(
    ([one]) => one.startsWith(name),
  );
  expect(found).toHaveLength(1);
  return found[0]![1];
}
