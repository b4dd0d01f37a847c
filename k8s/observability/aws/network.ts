// The allowed connections between the programs that the charts of this room run on AWS.
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { ON_EKS } from '#contracts/processes.ts';
import { NAMESPACES } from '../../namespaces.ts';
import { PORTS } from '../addresses.ts';
import {
  from,
  type Inbound,
  namespaceOf,
  type Outbound,
  podsOf,
  TO_API_SERVER,
  TO_DNS,
  TO_KUBELETS,
  to,
} from '../network.ts';

const { observability, load, keda, shop, nodeAgents, externalSecrets } = NAMESPACES;
const inRoom = (name: string) => podsOf(observability, name);

const allow = (
  name: string,
  ingress: readonly Inbound[],
  egress: readonly Outbound[],
  matchLabels: Readonly<Record<string, string>> = { 'app.kubernetes.io/name': name },
) =>
  ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name },
    spec: {
      podSelector: { matchLabels: { ...matchLabels } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [...ingress],
      egress: [TO_DNS, ...egress],
    },
  }) satisfies INetworkPolicy;

/** Where Prometheus reads programs that export the metrics of others. */
const READ_BY_PROMETHEUS = from([inRoom('prometheus')], 3000, 8080, 9093, 10_250);

/** AWS's own services, and the address on each node where a pod gets its role's credentials. */
const TO_AWS: readonly Outbound[] = [
  { to: [{ ipBlock: { cidr: '169.254.170.23/32' } }], ports: [{ protocol: 'TCP', port: 80 }] },
  { to: [{ ipBlock: { cidr: '0.0.0.0/0' } }], ports: [{ protocol: 'TCP', port: 443 }] },
];

export const METRICS_NETWORK = [
  allow(
    'prometheus',
    [
      from([inRoom('prometheus'), inRoom('grafana'), podsOf(keda, 'keda-operator')], PORTS.prometheus),
      from([namespaceOf(load)], PORTS.prometheus),
    ],
    [
      TO_API_SERVER,
      TO_KUBELETS,
      // Everything that has a monitor.
      { to: [shop, observability, load, keda, externalSecrets, nodeAgents, 'kube-system'].map(namespaceOf) },
    ],
  ),
  allow(
    'alertmanager',
    [
      from([inRoom('prometheus'), inRoom('grafana')], PORTS.alertmanager),
      // They exchange what they have sent.
      from([inRoom('alertmanager')], 9094),
    ],
    // Alarms go out by a topic of AWS.
    [to([inRoom('alertmanager')], 9094), ...TO_AWS],
  ),
  allow(
    'grafana',
    [READ_BY_PROMETHEUS],
    [
      // Its sidecar looks for boards.
      TO_API_SERVER,
      to([inRoom('prometheus')], PORTS.prometheus),
      to([inRoom('alertmanager')], PORTS.alertmanager),
      to([inRoom('loki')], PORTS.loki),
      to([inRoom('tempo')], PORTS.tempo),
    ],
  ),
  allow('kube-state-metrics', [READ_BY_PROMETHEUS], [TO_API_SERVER]),
  allow('kube-prometheus-stack-operator', [READ_BY_PROMETHEUS], [TO_API_SERVER], {
    app: 'kube-prometheus-stack-operator',
  }),
];

export const LOGS_NETWORK = [
  allow('loki', [from([inRoom('alloy'), inRoom('grafana'), inRoom('prometheus')], PORTS.loki)], [...TO_AWS]),
];
/** Processes of the shop that show spans. */
const READERS_OF_TRACES = ON_EKS.filter(({ looksAt }) => looksAt?.stores.includes('tempo')).map(({ name }) =>
  podsOf(shop, name),
);

export const TRACES_NETWORK = [
  allow(
    'tempo',
    [
      from([inRoom('grafana'), inRoom('prometheus'), ...READERS_OF_TRACES], PORTS.tempo),
      from([inRoom('alloy')], PORTS.otlp),
    ],
    [],
  ),
];
export const COLLECTOR_NETWORK = [
  allow(
    'alloy',
    [
      from([namespaceOf(shop)], PORTS.otlp),
      from([inRoom('prometheus')], PORTS.alloy),
      // Which of them reads whose log is agreed upon among them.
      from([inRoom('alloy')], PORTS.alloy),
    ],
    [
      TO_API_SERVER,
      to([inRoom('alloy')], PORTS.alloy),
      to([inRoom('loki')], PORTS.loki),
      to([inRoom('tempo')], PORTS.otlp),
    ],
  ),
];
