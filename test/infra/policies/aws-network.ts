// The VPC and its ways in and out: what flows is recorded, nothing is open by default, tunnels are encrypted well.
import { isRange } from '../../../stacks/addresses.ts';
import { listAt, textAt, valueAt } from '../body.ts';
import type { Model } from '../model.ts';
import { attributeRule, companionRule, first, isSubset, type Rule } from './rule.ts';

const VPC = 'aws_vpc';
const INGRESS = 'aws_vpc_security_group_ingress_rule';
const EGRESS = 'aws_vpc_security_group_egress_rule';
const VPN = 'aws_vpn_connection';
const HTTPS_PORT = 443;

const isOpen = (body: unknown): boolean =>
  valueAt(body, 'cidr_ipv4') === '0.0.0.0/0' || valueAt(body, 'cidr_ipv6') === '::/0';

const admitsPort = (body: unknown, port: number): boolean =>
  valueAt(body, 'ip_protocol') === '-1' ||
  (Number(valueAt(body, 'from_port')) <= port && Number(valueAt(body, 'to_port')) >= port);

const openPortRule = (id: string, port: number, name: string): Rule => ({
  id,
  title: `does not open ${name} to everybody`,
  types: [INGRESS],
  check: ({ body }) =>
    isOpen(body) && admitsPort(body, port) ? `everybody reaches port ${port}` : undefined,
  breaks: (model) => openTo(model, port),
  alsoBreaks: ['SHOP_SG_1'],
});

function openTo(model: Model, port: number): void {
  const { body } = first(model, INGRESS);
  delete body.referenced_security_group_id;
  Object.assign(body, { cidr_ipv4: '0.0.0.0/0', ip_protocol: 'tcp', from_port: port, to_port: port });
}

/** 22 to 24 are greater than 14 by number only: their subgroups are small (RFC 8247 §2.4). */
const DH_GROUPS: ReadonlySet<unknown> = new Set([14, 15, 16, 17, 18, 19, 20, 21]);
/** What AWS offers and nobody calls weak (RFC 8247 §2; BSI TR-02102-3). */
const TUNNEL_OPTIONS: readonly [option: string, wanted: ReadonlySet<unknown>][] = [
  ['ike_versions', new Set(['ikev2'])],
  ...[1, 2].flatMap((phase): [string, ReadonlySet<unknown>][] => [
    [`phase${phase}_encryption_algorithms`, new Set(['AES256', 'AES256-GCM-16'])],
    [`phase${phase}_integrity_algorithms`, new Set(['SHA2-256', 'SHA2-384', 'SHA2-512'])],
    [`phase${phase}_dh_group_numbers`, DH_GROUPS],
  ]),
];
export const awsNetwork: readonly Rule[] = [
  companionRule({
    id: 'CKV2_AWS_11',
    title: 'records what flows',
    type: VPC,
    companion: 'aws_flow_log',
    by: 'vpc_id',
    check: ({ body }) => (body.traffic_type === 'ALL' ? undefined : 'it does not record everything'),
  }),
  companionRule({
    id: 'CKV2_AWS_12',
    title: 'has a default security group that admits nothing',
    type: VPC,
    companion: 'aws_default_security_group',
    by: 'vpc_id',
    check: ({ body }) =>
      [...listAt(body, 'ingress'), ...listAt(body, 'egress')].length === 0
        ? undefined
        : 'it admits something',
    breaks: ({ body }) => {
      body.ingress = [{ protocol: '-1', self: true, from_port: 0, to_port: 0 }];
    },
  }),
  openPortRule('CKV_AWS_24', 22, 'SSH'),
  openPortRule('CKV_AWS_260', 80, 'HTTP'),
  {
    id: 'SHOP_SG_1',
    title: 'admits nobody without a name: a security group, a prefix list or a range',
    types: [INGRESS],
    check({ body }) {
      if (isOpen(body)) return 'it admits everybody';
      const range = textAt(body, 'cidr_ipv4');
      if (isRange(range) || range.startsWith('${')) return undefined;
      return body.referenced_security_group_id || body.prefix_list_id ? undefined : 'it names no peer';
    },
    breaks: [
      (model) => openTo(model, 8_443),
      (model) => {
        const { body } = first(model, INGRESS);
        delete body.referenced_security_group_id;
        delete body.cidr_ipv4;
        body.cidr_ipv6 = '::/0';
      },
    ],
  },
  {
    id: 'CKV_AWS_382',
    title: 'lets nothing out to everywhere on every port',
    types: [EGRESS],
    check: ({ body }) =>
      isOpen(body) && body.ip_protocol === '-1' ? 'everything goes out to everywhere' : undefined,
    breaks: (model) => {
      const { body } = first(model, EGRESS);
      delete body.referenced_security_group_id;
      Object.assign(body, { cidr_ipv4: '0.0.0.0/0', ip_protocol: '-1' });
    },
    alsoBreaks: ['SHOP_SG_2'],
  },
  {
    id: 'SHOP_SG_2',
    title: 'lets out to the internet nothing but HTTPS',
    types: [EGRESS],
    check: ({ body }) =>
      !isOpen(body) ||
      (body.ip_protocol === 'tcp' && body.from_port === HTTPS_PORT && body.to_port === HTTPS_PORT)
        ? undefined
        : 'more than HTTPS goes out to everywhere',
    breaks: (model) => {
      const { body } = first(model, EGRESS);
      delete body.referenced_security_group_id;
      Object.assign(body, { cidr_ipv4: '0.0.0.0/0', ip_protocol: 'tcp', from_port: 0, to_port: 65_535 });
    },
  },
  {
    id: 'SHOP_SG_3',
    title: 'has its rules as resources of their own, which the rules above judge',
    types: ['aws_security_group', 'aws_security_group_rule'],
    check: ({ type, body }) =>
      type === 'aws_security_group' && listAt(body, 'ingress').length + listAt(body, 'egress').length === 0
        ? undefined
        : 'its rules are written in a way that no policy judges',
    breaks: (model) => {
      first(model, 'aws_security_group').body.ingress = [{ protocol: '-1', from_port: 0, to_port: 0 }];
    },
  },
  {
    id: 'CKV_AWS_23',
    title: 'says what it is for',
    types: ['aws_security_group', INGRESS, EGRESS],
    check: ({ body }) =>
      textAt(body, 'description').length >= 10 ? undefined : 'its description says nothing',
    breaks: (model) => {
      delete first(model, INGRESS).body.description;
    },
  },
  attributeRule({
    id: 'CKV_AWS_130',
    title: 'gives its machines no public addresses',
    type: 'aws_subnet',
    path: 'map_public_ip_on_launch',
    wanted: (value) => value !== true,
    bad: true,
  }),
  {
    id: 'SHOP_VPN_1',
    title: 'is encrypted by nothing weak, in both tunnels',
    types: [VPN],
    check({ body }) {
      const weak = ['tunnel1', 'tunnel2'].flatMap((tunnel) =>
        TUNNEL_OPTIONS.map(([option, wanted]) => ({ path: `${tunnel}_${option}`, wanted })).filter(
          ({ path, wanted }) => !isSubset(body, path, wanted),
        ),
      );
      return weak.length > 0 ? weak.map(({ path }) => path).join(', ') : undefined;
    },
    // Each argument that is left out: AWS then offers the weak ones as well.
    breaks: ['tunnel1', 'tunnel2'].flatMap((tunnel) =>
      TUNNEL_OPTIONS.map(([option]) => (model: Model) => {
        delete first(model, VPN).body[`${tunnel}_${option}`];
      }),
    ),
  },
  attributeRule({
    id: 'SHOP_VPN_2',
    title: 'speaks IKEv2',
    type: 'google_compute_vpn_tunnel',
    path: 'ike_version',
    wanted: 2,
    bad: 1,
  }),
];
