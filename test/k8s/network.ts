// Which pod may open a connection to which, as the network policies of an overlay have it: both sides must say yes.
// Kubernetes, "Network Policies", looked up on 2026-11-28: a pod that no policy of a direction selects is open in that direction, what
// several policies allow adds up.
import { at, type Content, type Labels, listAt, type Placed, type PodTemplate } from './content.ts';
import { containersOf } from './rules/rule.ts';
import { type Selector, selects } from './selectors.ts';

interface Peer {
  readonly podSelector?: Selector;
  readonly namespaceSelector?: Selector;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}
interface PolicyPort {
  readonly port?: number | string;
  readonly endPort?: number;
  readonly protocol?: string;
}
interface Allowance {
  /** Nothing: everybody. */
  readonly peers: readonly Peer[] | undefined;
  /** Nothing: every port. */
  readonly ports: readonly PolicyPort[] | undefined;
}

export type Direction = 'ingress' | 'egress';

/** One policy's say about one direction. */
export interface Policy {
  readonly placed: Placed;
  readonly direction: Direction;
  readonly allows: readonly Allowance[];
}

/** A port on which a pod may be asked. */
export interface Edge {
  /** `shop/order` */
  readonly from: string;
  readonly to: string;
  readonly port: number;
}

export const edgeText = ({ from, to, port }: Edge): string => `${from} -> ${to}:${port}`;

/** `shop/order`: how the call graph names a pod. */
export const programOf = ({ namespace, labels, owner }: PodTemplate): string =>
  `${namespace}/${labels['app.kubernetes.io/name'] ?? owner.object.metadata.name}`;

/** Every policy of a direction that selects a pod; none means that the pod is open. */
export function policiesOf(content: Content, pod: PodTemplate, direction: Direction): Policy[] {
  return content.all('NetworkPolicy').flatMap((placed) => {
    const { metadata } = placed.object;
    const selector = at(placed.object, 'spec.podSelector') as Selector | undefined;
    if (metadata.namespace !== pod.namespace || !selects(selector, pod.labels)) return [];
    return directionsOf(placed).includes(direction) ? [policyOf(placed, direction)] : [];
  });
}

function directionsOf({ object }: Placed): Direction[] {
  const types = listAt<string>(object, 'spec.policyTypes').map((type) => type.toLowerCase() as Direction);
  if (types.length > 0) return types;
  return at(object, 'spec.egress') ? ['ingress', 'egress'] : ['ingress'];
}

export function policyOf(placed: Placed, direction: Direction): Policy {
  const side = direction === 'ingress' ? 'from' : 'to';
  const rules = listAt<Record<string, unknown>>(placed.object, `spec.${direction}`);
  return {
    placed,
    direction,
    allows: rules.map((rule) => ({
      peers: rule[side] as readonly Peer[] | undefined,
      ports: rule.ports as readonly PolicyPort[] | undefined,
    })),
  };
}

/** Labels of a namespace: those that it is given, and its name, which Kubernetes writes itself. */
export const namespaceLabels = (content: Content, name: string): Labels => ({
  ...content.find('Namespace', undefined, name)?.object.metadata.labels,
  'kubernetes.io/metadata.name': name,
});

/** Whether a peer of a policy in a namespace means the pod. */
export function peerMeans(content: Content, peer: Peer, ofNamespace: string, pod: PodTemplate): boolean {
  if (peer.ipBlock) return false;
  const isThere = peer.namespaceSelector
    ? selects(peer.namespaceSelector, namespaceLabels(content, pod.namespace))
    : pod.namespace === ofNamespace;
  return isThere && selects(peer.podSelector, pod.labels);
}

function portMeans(one: PolicyPort, { containerPort, name, protocol = 'TCP' }: PodPort): boolean {
  if ((one.protocol ?? 'TCP') !== protocol) return false;
  if (one.port === undefined) return true;
  if (typeof one.port === 'string') return one.port === name;
  return containerPort >= one.port && containerPort <= (one.endPort ?? one.port);
}

interface PodPort {
  readonly containerPort: number;
  readonly name?: string | undefined;
  readonly protocol?: string | undefined;
}

export const portsOf = (pod: PodTemplate): PodPort[] =>
  containersOf(pod).flatMap(({ ports = [] }) => ports as PodPort[]);

/** `named`: a policy means exactly this pod; `open`: any pod. */
type Say = 'named' | 'open' | 'closed';

/** What one side says of a connection; a pod that nothing restricts is open. */
function sayOf(
  content: Content,
  direction: Direction,
  pod: PodTemplate,
  other: PodTemplate,
  port: PodPort,
): Say {
  const policies = policiesOf(content, pod, direction);
  if (policies.length === 0) return 'open';
  const fitting = policies
    .flatMap(({ allows }) => allows)
    .filter(({ ports }) => !ports || ports.some((one) => portMeans(one, port)));
  const meaning = fitting.flatMap(({ peers }) =>
    (peers ?? [{}]).filter((peer) => peers === undefined || peerMeans(content, peer, pod.namespace, other)),
  );
  if (meaning.length === 0) return 'closed';
  return meaning.some(({ podSelector }) => podSelector) ? 'named' : 'open';
}

/** All connections between pods of an overlay: those that are open, and those that one side alone opens on purpose. */
export interface Graph {
  readonly open: readonly Edge[];
  readonly half: readonly (Edge & { readonly openedBy: Direction })[];
}

export function graphOf(content: Content): Graph {
  const pods = content.pods();
  const open: Edge[] = [];
  const half: (Edge & { openedBy: Direction })[] = [];
  for (const asking of pods)
    for (const asked of pods)
      for (const port of portsOf(asked)) {
        const out = sayOf(content, 'egress', asking, asked, port);
        const into = sayOf(content, 'ingress', asked, asking, port);
        const edge = { from: programOf(asking), to: programOf(asked), port: port.containerPort };
        if (out !== 'closed' && into !== 'closed') open.push(edge);
        else if (out === 'named') half.push({ ...edge, openedBy: 'egress' });
        else if (into === 'named') half.push({ ...edge, openedBy: 'ingress' });
      }
  return { open, half };
}

/** Whether a pod may ask names of the cluster's DNS, by UDP and by TCP (long answers). */
export function mayAskNames(content: Content, pod: PodTemplate): boolean {
  const policies = policiesOf(content, pod, 'egress');
  const mayBy = (protocol: string): boolean =>
    policies.some(({ allows }) =>
      allows.some(
        ({ peers, ports }) =>
          (!peers || peers.some(({ namespaceSelector }) => isOfDns(namespaceSelector))) &&
          (!ports || ports.some((one) => one.port === 53 && (one.protocol ?? 'TCP') === protocol)),
      ),
    );
  return policies.length === 0 || (mayBy('UDP') && mayBy('TCP'));
}

const isOfDns = (selector: Selector | undefined): boolean =>
  selector !== undefined && selects(selector, { 'kubernetes.io/metadata.name': 'kube-system' });
