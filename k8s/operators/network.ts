// Connections that an operator may open and accept. The API server is outside of the cluster, on addresses of the VPC.
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { NAMESPACES } from '../namespaces.ts';
import type { AwsOverlay } from '../overlays.ts';

type Rules = NonNullable<INetworkPolicy['spec']>;
type Ingress = NonNullable<Rules['ingress']>[number];
type Egress = NonNullable<Rules['egress']>[number];
type Peer = NonNullable<Egress['to']>[number];

export interface OperatorRules {
  readonly name: string;
  /** @default the part's */
  readonly namespace?: string;
  /** The pods it is about. */
  readonly labels: Readonly<Record<string, string>>;
  /** Where the API server calls it: webhooks, and APIs that it serves. @default none */
  readonly servesApiOn?: readonly number[];
  /** Where Prometheus reads. */
  readonly metricsOn: number;
  /** Whether it asks AWS, as the pod identity of its account. */
  readonly asksAws?: boolean;
  readonly more?: { readonly ingress?: readonly Ingress[]; readonly egress?: readonly Egress[] };
}

const tcp = (...ports: readonly number[]) => ports.map((port) => ({ protocol: 'TCP' as const, port }));
const ranges = (...cidrs: readonly string[]): Peer[] => cidrs.map((cidr) => ({ ipBlock: { cidr } }));

/** Pods of a name in a namespace. */
export const podsIn = (namespace: string, labels: Readonly<Record<string, string>>): Peer => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
  podSelector: { matchLabels: { ...labels } },
});

/** Everything that is not named here is refused. */
export function operatorRules({ settings }: AwsOverlay, rules: OperatorRules): INetworkPolicy {
  const { name, namespace, labels, servesApiOn = [], metricsOn, asksAws = false, more = {} } = rules;
  const { vpcRange, serviceRange } = settings.aws;
  const prometheus = podsIn(NAMESPACES.observability, { 'app.kubernetes.io/name': 'prometheus' });
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    spec: {
      podSelector: { matchLabels: { ...labels } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [
        { from: [prometheus], ports: tcp(metricsOn) },
        ...(servesApiOn.length > 0 ? [{ from: ranges(vpcRange), ports: tcp(...servesApiOn) }] : []),
        ...(more.ingress ?? []),
      ],
      egress: [
        {
          to: [podsIn('kube-system', { 'k8s-app': 'kube-dns' })],
          ports: [{ protocol: 'UDP', port: 53 }, ...tcp(53)],
        },
        // Its Service's address too: whether a rule sees that or what is behind it is the network add-on's choice.
        { to: ranges(vpcRange, serviceRange), ports: tcp(443) },
        ...(asksAws ? awsEgress() : []),
        ...(more.egress ?? []),
      ],
    },
  };
}

const awsEgress = (): Egress[] => [
  // Where each node gives its pods the credentials of their role (AWS, "EKS Pod Identity considerations").
  { to: ranges('169.254.170.23/32'), ports: tcp(80) },
  // The addresses of AWS's APIs change: the port bounds it.
  { to: ranges('0.0.0.0/0'), ports: tcp(443) },
];
