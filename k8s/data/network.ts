// The network policy of a pod, from the declared ways alone.
import type {
  INetworkPolicy,
  INetworkPolicyEgressRule,
  INetworkPolicyPeer,
  INetworkPolicyPort,
} from 'kubernetes-models/networking.k8s.io/v1';
import { labelsOf } from './pod.ts';
import { KUBE_SYSTEM, namespaceOf, type Peer, type Pods, WAYS, type Way } from './ways.ts';

const DNS_PORT = 53;

/** What comes in and goes out of these pods. */
export function networkPolicyOf(pods: Pods, ways: readonly Way[] = WAYS) {
  const incoming = ways.filter(({ to }) => isSame(to, pods));
  const outgoing = ways.filter(({ from }) => isSame(from, pods));
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: pods.name, namespace: namespaceOf(pods) },
    spec: {
      podSelector: { matchLabels: labelsOf(pods) },
      policyTypes: ['Ingress', 'Egress'],
      ingress: incoming.map(({ from, ports }) => ({ ...sourceOf(from), ports: portsOf(ports) })),
      egress: [
        ...(outgoing.length > 0 ? [DNS] : []),
        ...outgoing.map(({ to, ports }) => ({ ...targetOf(to), ports: portsOf(ports) })),
      ],
    },
  } satisfies INetworkPolicy;
}

/** By the label that Kubernetes itself sets. */
const inNamespace = (name: string) => ({ matchLabels: { 'kubernetes.io/metadata.name': name } });

/** Names are asked of the cluster's own DNS. */
const DNS: INetworkPolicyEgressRule = {
  to: [
    {
      namespaceSelector: inNamespace(KUBE_SYSTEM),
      podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
    },
  ],
  ports: [
    { protocol: 'UDP', port: DNS_PORT },
    { protocol: 'TCP', port: DNS_PORT },
  ],
};

const isSame = (peer: Peer, { name, namespace }: Pods): boolean =>
  typeof peer === 'object' && peer.name === name && peer.namespace === namespace;

// A rule without peers holds for all of them.
const sourceOf = (peer: Peer) => (peer === 'everybody' ? {} : { from: [selectorOf(peer)] });
const targetOf = (peer: Peer) => (peer === 'everybody' ? {} : { to: [selectorOf(peer)] });

/** RFC 1918, RFC 6598, RFC 3927. */
const PRIVATE_RANGES = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '169.254.0.0/16'];

function selectorOf(peer: Exclude<Peer, 'everybody'>): INetworkPolicyPeer {
  if (peer === 'internet') return { ipBlock: { cidr: '0.0.0.0/0', except: PRIVATE_RANGES } };
  if (typeof peer === 'string') return { ipBlock: { cidr: '0.0.0.0/0' } };
  return {
    namespaceSelector: inNamespace(namespaceOf(peer)),
    podSelector: { matchLabels: labelsOf(peer) },
  };
}

const portsOf = (ports: readonly number[]): INetworkPolicyPort[] =>
  ports.map((port) => ({ protocol: 'TCP', port }));
