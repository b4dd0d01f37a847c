// The VPC and its ways in and out: what flows is recorded, nothing is open by default.
import { isRange } from '../../../stacks/addresses.ts';
import { listAt, textAt, valueAt } from '../body.ts';
import type { Model } from '../model.ts';
import { attributeRule, companionRule, first, type Rule } from './rule.ts';

const VPC = 'aws_vpc';
const INGRESS = 'aws_vpc_security_group_ingress_rule';
const EGRESS = 'aws_vpc_security_group_egress_rule';
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
    title: 'admits only named sources: a security group, a prefix list or a range',
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
        openTo(model, 8_443);
        const { body } = first(model, INGRESS);
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
];
