// The allowed connections of this room: the namespace forbids everything, and each server names its callers and what it calls.
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { NAMESPACES } from '../namespaces.ts';

type Rules = NonNullable<INetworkPolicy['spec']>;
export type Inbound = NonNullable<Rules['ingress']>[number];
export type Outbound = NonNullable<Rules['egress']>[number];
type Peer = NonNullable<Inbound['from']>[number];

const tcp = (port: number) => ({ protocol: 'TCP', port }) as const;

/** Pods of a name, in a namespace. */
export const podsOf = (namespace: string, name: string): Peer => ({
  ...namespaceOf(namespace),
  podSelector: { matchLabels: { 'app.kubernetes.io/name': name } },
});

/** Pods of this room by their names. */
export const roomPods = (...names: readonly string[]): Peer[] =>
  names.map((name) => podsOf(NAMESPACES.observability, name));

/** All pods of a namespace; Kubernetes itself gives each this label. */
export const namespaceOf = (namespace: string): Peer => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
});

export const from = (peers: readonly Peer[], ...ports: number[]): Inbound => ({
  from: [...peers],
  ports: ports.map(tcp),
});

export const to = (peers: readonly Peer[], ...ports: number[]): Outbound => ({
  to: [...peers],
  ports: ports.map(tcp),
});

/** Names are asked of the cluster's own servers. */
export const TO_DNS: Outbound = {
  to: [{ ...namespaceOf('kube-system'), podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } }],
  ports: [{ protocol: 'UDP', port: 53 }, tcp(53)],
};

/**
 * To the API server. It runs on a node's own network, where no label reaches it; by port alone, and the token decides what may be
 * asked: 443 of its Service, 6443 where most clusters have it behind that.
 */
export const TO_API_SERVER: Outbound = { ports: [tcp(443), tcp(6443)] };

/** To the kubelets, which likewise have no labels. */
export const TO_KUBELETS: Outbound = { ports: [tcp(10_250)] };
