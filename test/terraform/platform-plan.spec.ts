import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { hostAddress, overlaps } from '../../stacks/addresses.ts';
import { type Body, flinkPlatformOf, platformOf, SETTINGS, type StackJson } from '../infra/synth.ts';
import type { Answers } from './mocked-stack.ts';
import { type Plan, planOf } from './plan.ts';
import { openProviders, type Providers, testMsMax } from './terraform-run.ts';
import { describeWithTerraform } from './with-terraform.ts';

/** Both ends of the tunnels by their inside addresses: AWS takes the first of a range, and gives the other side the second. */
const insideOf = (range: unknown) => ({
  aws: hostAddress(String(range), 1),
  google: hostAddress(String(range), 2),
});

/** What AWS would answer for each VPN connection: it follows from the ranges that were asked for. */
const insideAddresses = ({ resource = {} }: StackJson): Record<string, Body> =>
  Object.fromEntries(
    Object.entries(resource.aws_vpn_connection ?? {}).map(([name, connection]) => {
      const sides = [1, 2].flatMap((side) => {
        const inside = insideOf(connection[`tunnel${side}_inside_cidr`]);
        return [
          [`tunnel${side}_vgw_inside_address`, inside.aws],
          [`tunnel${side}_cgw_inside_address`, inside.google],
        ];
      });
      return [`aws_vpn_connection.${name}`, Object.fromEntries(sides) as Body];
    }),
  );

/** What is in a block, or a list of objects. */
const parts = (body: Body | undefined, block: string): Body[] => (body?.[block] ?? []) as Body[];
/** Where the order says nothing. */
const sorted = (values: readonly unknown[]): string[] => values.map(String).toSorted();

/** Lists that a cloud fills, of which the stacks take the first. */
const CLOUD: Answers['attributes'] = {
  aws_acm_certificate: {
    domain_validation_options: [
      {
        domain_name: 'shop.example.com',
        resource_record_name: '_proof.shop.example.com.',
        resource_record_type: 'CNAME',
        resource_record_value: '_value.acm-validations.aws.',
      },
    ],
  },
  aws_sesv2_email_identity: { dkim_signing_attributes: { tokens: ['first', 'second', 'third'] } },
  aws_eks_cluster: {
    certificate_authority: [{ data: 'certificate' }],
    identity: [{ oidc: [{ issuer: 'https://issuer' }] }],
  },
  aws_db_instance: { master_user_secret: [{ secret_arn: 'arn:of:the:owner' }] },
  google_sql_database_instance: { server_ca_cert: [{ cert: 'certificate' }] },
  google_dataproc_job: { status: [{ state: 'RUNNING' }] },
};

for (const [environment, engine] of [
  ['dev', 'node'],
  ['prod', 'flink'],
] as const)
  describeWithTerraform(`the plan of ${environment}, ${engine}`, (terraform) => {
    const settings = SETTINGS[environment];
    const hasFlink = engine === 'flink';
    const platform = () => (hasFlink ? flinkPlatformOf(environment) : platformOf(environment));
    let providers: Providers;
    let edge: Plan;
    let aws: Plan;
    let gcp: Plan;
    let link: Plan;
    beforeAll(async () => {
      providers = await openProviders(Object.values(platform()));
      edge = await planOf(terraform, providers, platform().edge, { attributes: CLOUD });
      aws = await planOf(terraform, providers, platform().aws, {
        outputs: { edge: edge.outputs },
        attributes: CLOUD,
      });
      gcp = await planOf(terraform, providers, platform().gcp, { attributes: CLOUD });
      link = await planOf(terraform, providers, platform().link, {
        outputs: { edge: edge.outputs, aws: aws.outputs, gcp: gcp.outputs },
        attributes: insideAddresses(platform().link),
        blocks: { google_compute_ha_vpn_gateway: { vpn_interfaces: 2 } },
      });
    }, testMsMax);
    afterAll(() => providers?.stop());

    const tunnels = () =>
      link
        .ofType('google_compute_vpn_tunnel')
        .toSorted(
          (a, b) => Number(a.peer_external_gateway_interface) - Number(b.peer_external_gateway_interface),
        );

    it('gives AWS nine subnets, three a zone, that do not overlap', () => {
      const subnets = aws.ofType('aws_subnet');
      const ranges = subnets.map(({ cidr_block }) => String(cidr_block));
      expect(sorted(subnets.map((one) => one.availability_zone))).toEqual(
        sorted(settings.aws.zones.flatMap((zone) => [zone, zone, zone])),
      );
      expect(
        ranges.filter((range, at) => ranges.slice(0, at).some((other) => overlaps(range, other))),
      ).toEqual([]);
      expect(ranges.filter((range) => !overlaps(range, settings.aws.vpcRange))).toEqual([]);
    });

    it('has two tunnels to each address of the Google gateway', () => {
      const [gateway] = link.ofType('google_compute_ha_vpn_gateway');
      const addresses = parts(gateway, 'vpn_interfaces').map(({ ip_address }) => ip_address);
      const ends = link.ofType('aws_customer_gateway').map(({ ip_address }) => ip_address);
      expect(sorted(ends)).toEqual(sorted(addresses));
      expect(tunnels().map((one) => one.vpn_gateway_interface)).toEqual([0, 0, 1, 1]);
      expect(tunnels().map((one) => one.peer_external_gateway_interface)).toEqual([0, 1, 2, 3]);
    });

    it('gives each tunnel the address and the key of the same tunnel at AWS', () => {
      const connections = link.ofType('aws_vpn_connection');
      const ends = link.ofType('aws_customer_gateway');
      const [gateway] = link.ofType('google_compute_ha_vpn_gateway');
      const [awsGateway] = link.ofType('google_compute_external_vpn_gateway');
      const addresses = parts(awsGateway, 'interface').map((one) => [one.id, one.ip_address]);
      tunnels().forEach((tunnel, at) => {
        const { ip_address } = parts(gateway, 'vpn_interfaces')[Number(tunnel.vpn_gateway_interface)] ?? {};
        const end = ends.find((one) => one.ip_address === ip_address);
        const connection = connections.find((one) => one.customer_gateway_id === end?.id);
        const side = `tunnel${(at % 2) + 1}`;
        expect(connection?.[`${side}_inside_cidr`]).toBe(settings.link.insideRanges[at]);
        expect(addresses[at]).toEqual([at, connection?.[`${side}_address`]]);
        expect(tunnel.shared_secret).toBe(connection?.[`${side}_preshared_key`]);
      });
    });

    it('speaks BGP over both inside addresses of each range', () => {
      const sessions = tunnels().map((tunnel) => {
        const inside = link
          .ofType('google_compute_router_interface')
          .find((one) => one.vpn_tunnel === tunnel.name);
        const peer = link.ofType('google_compute_router_peer').find((one) => one.interface === inside?.name);
        return {
          google: inside?.ip_range,
          aws: peer?.peer_ip_address,
          asn: peer?.peer_asn,
          router: peer?.router,
        };
      });
      const [router] = link.ofType('google_compute_router');
      expect(sessions).toEqual(
        settings.link.insideRanges.map((range) => ({
          google: `${insideOf(range).google}/30`,
          aws: insideOf(range).aws,
          asn: settings.link.awsAsn,
          router: router?.name,
        })),
      );
      expect(router).toMatchObject({ bgp: [{ asn: settings.link.gcpAsn }] });
    });

    it('attaches the gateway to the VPC, and gives every private and database table the route', () => {
      const [vpc] = aws.ofType('aws_vpc');
      expect(link.ofType('aws_vpn_gateway')).toMatchObject([
        { vpc_id: vpc?.id, amazon_side_asn: String(settings.link.awsAsn) },
      ]);
      const taught = link.ofType('aws_vpn_gateway_route_propagation').map((one) => one.route_table_id);
      const [internet] = aws.ofType('aws_internet_gateway');
      const routes = aws.ofType('aws_route').filter((one) => one.gateway_id === internet?.id);
      const publicTables = new Set(routes.map((one) => one.route_table_id));
      const tables = aws.ofType('aws_route_table').map(({ id }) => id);
      expect(publicTables.size).toBeGreaterThan(0);
      expect(sorted(taught)).toEqual(sorted(tables.filter((id) => !publicTables.has(id))));
    });

    it('sends Cloud DNS to the resolvers, which are in the database subnets', () => {
      const [endpoint] = link.ofType('aws_route53_resolver_endpoint');
      const resolvers = parts(endpoint, 'ip_address');
      for (const { ip, subnet_id } of resolvers) {
        const subnet = aws.ofType('aws_subnet').find(({ id }) => id === subnet_id);
        expect(overlaps(String(subnet?.cidr_block), `${String(ip)}/32`)).toBe(true);
      }
      const [zone] = link.ofType('google_dns_managed_zone');
      const [{ target_name_servers: servers } = {}] = parts(zone, 'forwarding_config');
      expect(sorted((servers as Body[]).map((one) => one.ipv4_address))).toEqual(
        sorted(resolvers.map(({ ip }) => ip)),
      );
      const [network] = gcp.ofType('google_compute_network');
      expect(zone).toMatchObject({
        private_visibility_config: [{ networks: [{ network_url: network?.id }] }],
      });
    });

    it('lets the Google ranges reach the brokers, and nothing else', () => {
      const rules = link
        .ofType('aws_vpc_security_group_ingress_rule')
        .filter((one) => one.from_port === 9_098);
      const groups = new Set(rules.map((one) => one.security_group_id));
      const [brokers] = aws.ofType('aws_msk_cluster').map((one) => parts(one, 'broker_node_group_info')[0]);
      expect([...groups]).toEqual(brokers?.security_groups);
      expect(sorted(rules.map((one) => one.cidr_ipv4))).toEqual(
        sorted([settings.gcp.workersRange, ...(hasFlink ? [settings.gcp.dataprocRange] : [])]),
      );
    });

    it('trusts the service accounts that the Google stack made, by their unique ids', () => {
      const accounts = new Set(gcp.ofType('google_service_account').map((one) => one.unique_id));
      const conditions = link
        .dataOfType('aws_iam_policy_document')
        .flatMap((one) => parts(one, 'statement'))
        .flatMap((one) => parts(one, 'condition'))
        .filter((one) => one.variable === 'accounts.google.com:sub');
      // A role each, for the worker and for the Flink job where there is one.
      const subjects = conditions.flatMap(({ values }) => values as unknown[]);
      expect(subjects).toHaveLength(hasFlink ? 2 : 1);
      expect(new Set(subjects).size).toBe(subjects.length);
      for (const subject of subjects) expect(accounts).toContain(subject);
    });

    it.each(['analytics', 'gitops'] as const)(
      'hands on all that %s needs',
      async (stack) => {
        const outputs = { edge: edge.outputs, aws: aws.outputs, gcp: gcp.outputs, link: link.outputs };
        const answers = { outputs, attributes: CLOUD };
        await expect(planOf(terraform, providers, platform()[stack], answers)).resolves.toBeDefined();
      },
      testMsMax,
    );
  });
