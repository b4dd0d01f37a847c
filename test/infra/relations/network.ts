// Ranges and peers: who admits whom, and that addresses mean one place only.
import { Address4 } from 'ip-address';
import { GOOGLE_DNS_RANGE, isRange, overlaps } from '../../../stacks/addresses.ts';
import { routedRanges } from '../../../stacks/settings-rules.ts';
import type { Block } from '../blocks.ts';
import { textAt } from '../body.ts';
import type { Model } from '../model.ts';

const INGRESS = 'aws_vpc_security_group_ingress_rule';
const EGRESS = 'aws_vpc_security_group_egress_rule';
const GROUP = 'aws_security_group';
/** Amazon EKS makes a security group itself, which only the cluster names. */
const GROUP_OWNERS = [GROUP, 'aws_eks_cluster', 'data.aws_security_group'];

/** The range of a block. */
export interface Placed {
  readonly address: string;
  readonly range: string;
}

/** The ranges that packets are routed by: the subnets of both clouds, and what neither of them may use twice. */
export function routedPlaces(model: Model): Placed[] {
  const places = (type: string, range: (block: Block) => string) =>
    model.all(type).map((block) => ({ address: block.address, range: range(block) }));
  return [
    ...places('aws_subnet', ({ body }) => textAt(body, 'cidr_block')),
    ...places('aws_eks_cluster', ({ body }) => textAt(body, 'kubernetes_network_config.service_ipv4_cidr')),
    ...places('google_compute_subnetwork', ({ body }) => textAt(body, 'ip_cidr_range')),
    ...model
      .all('google_compute_global_address')
      .filter(({ body }) => body.purpose === 'VPC_PEERING')
      .map(({ address, body }) => ({
        address,
        range: `${textAt(body, 'address')}/${textAt(body, 'prefix_length')}`,
      })),
    { address: 'Cloud DNS', range: GOOGLE_DNS_RANGE },
  ];
}

/** Every pair that gives two places one address, and every range that a plan does not show. */
export const overlapFaults = (places: readonly Placed[]): string[] =>
  places.flatMap(({ address, range }, at) => {
    if (!isRange(range)) return [`${address}: ${range} is no range`];
    return places
      .slice(0, at)
      .filter((other) => isRange(other.range) && overlaps(range, other.range))
      .map((other) => `${address} (${range}) overlaps ${other.address} (${other.range})`);
  });

/** Peers of a rule that are neither a security group that exists nor inside a range of the settings. */
export function peerFaults(model: Model): string[] {
  const known = [...routedRanges(model.settings).map(([, range]) => range), GOOGLE_DNS_RANGE];
  return model.all(INGRESS).flatMap((rule) => {
    const range = textAt(rule.body, 'cidr_ipv4');
    if (range === '')
      return groupsAt(model, rule, 'referenced_security_group_id').length === 1
        ? []
        : [`${rule.address}: its peer is no security group of ours`];
    const isKnown = isRange(range) && known.some((one) => new Address4(range).isInSubnet(new Address4(one)));
    return isKnown ? [] : [`${rule.address}: ${range} is no range of the settings`];
  });
}

const groupsAt = (model: Model, rule: Block, path: string): Block[] =>
  GROUP_OWNERS.flatMap((type) => model.targets(rule, path, type));

/** What one group admits and the other does not let out, or the other way round: half a rule lets nothing through. */
export function halfRuleFaults(model: Model): string[] {
  const ingress = model.all(INGRESS).map((rule) => sidesOf(model, rule));
  const egress = model.all(EGRESS).map((rule) => sidesOf(model, rule));
  const missing = (ones: readonly Sides[], others: readonly Sides[], lack: string) =>
    ones
      // A group that EKS makes lets everything out and admits its own.
      .filter(({ peer, group }) => peer?.type === GROUP && group?.type === GROUP)
      .filter((one) => !others.some((other) => opens(other, one, model)))
      .map(({ rule }) => `${rule.address}: ${lack}`);
  return [
    ...missing(ingress, egress, 'its peer does not let this out'),
    ...missing(egress, ingress, 'its peer does not admit this'),
  ];
}

interface Sides {
  readonly rule: Block;
  readonly group: Block | undefined;
  readonly peer: Block | undefined;
}

const sidesOf = (model: Model, rule: Block): Sides => ({
  rule,
  group: groupsAt(model, rule, 'security_group_id')[0],
  peer: groupsAt(model, rule, 'referenced_security_group_id')[0],
});

/** The other end's rule opens what the one's asks for: to the group itself, or to the whole network. */
function opens(other: Sides, one: Sides, { settings }: Model): boolean {
  if (other.group !== one.peer) return false;
  const isForPeer = other.peer === one.group;
  const isForNetwork = textAt(other.rule.body, 'cidr_ipv4') === settings.aws.vpcRange;
  return (isForPeer || isForNetwork) && coversPorts(other.rule, one.rule);
}

function coversPorts({ body }: Block, { body: asked }: Block): boolean {
  const protocol = textAt(body, 'ip_protocol');
  if (protocol === '-1') return true;
  return (
    protocol === textAt(asked, 'ip_protocol') &&
    Number(body.from_port) <= Number(asked.from_port) &&
    Number(body.to_port) >= Number(asked.to_port)
  );
}

/** Subnets that are outside the network they belong to. */
export function strayFaults(model: Model): string[] {
  return model.all('aws_subnet').flatMap((subnet) => {
    const range = textAt(subnet.body, 'cidr_block');
    const vpcRange = textAt(model.targets(subnet, 'vpc_id', 'aws_vpc')[0]?.body, 'cidr_block');
    const isInside =
      isRange(range) && isRange(vpcRange) && new Address4(range).isInSubnet(new Address4(vpcRange));
    return isInside ? [] : [`${subnet.address}: ${range} is not in ${vpcRange}`];
  });
}
