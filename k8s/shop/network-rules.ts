// Connections that a service may open and accept, from the graph that contracts/processes.ts declares. What is not named here is refused: the
// namespace denies by default.
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { type OutsideService, type Process, usesKafka } from '#contracts/process.ts';
import { SERVICES_NAMESPACE } from '#contracts/processes.ts';
import { subnetRanges } from '../../stacks/aws/subnet-ranges.ts';
import { calledServices, K6 } from '../load/scheduled-load.ts';
import { NAMESPACES } from '../namespaces.ts';
import { PORTS } from '../observability/addresses.ts';
import type { Overlay } from '../overlays.ts';
import { processesIn } from './processes-in.ts';
import { labelsOf } from './service-pod.ts';

type Rules = NonNullable<INetworkPolicy['spec']>;
type Ingress = NonNullable<Rules['ingress']>[number];
type Egress = NonNullable<Rules['egress']>[number];
type Ports = NonNullable<Egress['ports']>;
type Peer = NonNullable<Egress['to']>[number];

const HTTPS = 443;
const DNS = 53;
const OTLP = 4_318;
/** SASL/IAM inside of AWS (AWS, "Port information" of MSK). */
const MSK = 9_098;
const KAFKA = 9_092;
const POSTGRES = 5_432;
/** Of the API server behind its Service; where a cluster has it elsewhere, 443. */
const KUBERNETES_API = 6_443;
/** Where each node gives its pods the credentials of their role (AWS, "EKS Pod Identity considerations"). */
const POD_IDENTITY = { address: '169.254.170.23/32', port: 80 };
/** What no address on the internet is in (RFC 1918, RFC 6598, RFC 3927). */
const NOT_INTERNET = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '169.254.0.0/16'];
/** Where the Ingress controllers of laptops' clusters are: k3s's, and two that people install. */
const LAPTOP_PROXIES = ['kube-system', 'ingress-nginx', 'traefik'];
/** The networks of Docker, from which the proxies of kind's own Ingress and load balancer come. */
const DOCKER_NETWORKS = '172.16.0.0/12';

/** @param services all in the namespace: some of them may be its callers */
export function networkRules(
  overlay: Overlay,
  service: Process,
  services: readonly Process[] = processesIn(overlay),
): INetworkPolicy {
  const labels = labelsOf(service);
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: service.name, labels },
    spec: {
      podSelector: { matchLabels: labels },
      policyTypes: ['Ingress', 'Egress'],
      ingress: ingressOf(overlay, service, services),
      egress: egressOf(overlay, service, services),
    },
  };
}

const tcp = (...ports: readonly number[]): Ports => ports.map((port) => ({ protocol: 'TCP', port }));
const podsOf = (namespace: string, name: string): Peer => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
  podSelector: { matchLabels: { 'app.kubernetes.io/name': name } },
});
const addresses = (...ranges: readonly string[]): Peer[] => ranges.map((cidr) => ({ ipBlock: { cidr } }));

function ingressOf(overlay: Overlay, service: Process, services: readonly Process[]): Ingress[] {
  const { name, port, opsPort = port } = service;
  const isLoaded = calledServices(overlay).some((one) => one.name === name);
  const callers = services.filter(({ calls = [] }) => calls.includes(name));
  return [
    {
      from: [
        ...(service.isInner ? [] : wayIn(overlay)),
        ...callers.map((caller) => podsOf(SERVICES_NAMESPACE, caller.name)),
        ...(isLoaded ? [podsOf(NAMESPACES.load, K6)] : []),
      ],
      ports: tcp(port!),
    },
    { from: [podsOf(NAMESPACES.observability, 'prometheus')], ports: tcp(opsPort!) },
  ];
}

/** Load balancers are in the public subnets; what a laptop has in their place is not known exactly. */
function wayIn(overlay: Overlay): Peer[] {
  if (overlay.kind === 'local')
    return [
      {
        namespaceSelector: {
          matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: LAPTOP_PROXIES }],
        },
      },
      ...addresses(DOCKER_NETWORKS),
    ];
  return addresses(...rangesOf(overlay).map((ranges) => ranges.public));
}

const rangesOf = ({ settings }: Extract<Overlay, { kind: 'aws' }>) =>
  subnetRanges(settings.aws.vpcRange, settings.aws.zones);

function egressOf(overlay: Overlay, service: Process, services: readonly Process[]): Egress[] {
  const { calls = [] } = service;
  const called = services.filter(({ name }) => calls.includes(name));
  return [
    {
      to: [
        {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
          podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
        },
      ],
      ports: [{ protocol: 'UDP', port: DNS }, ...tcp(DNS)],
    },
    ...called.map(({ name, port }) => ({ to: [podsOf(SERVICES_NAMESPACE, name)], ports: tcp(port!) })),
    { to: [podsOf(NAMESPACES.observability, 'alloy')], ports: tcp(OTLP) },
    ...(overlay.kind === 'local' ? laptopEgress(service) : awsEgress(overlay, service)),
  ];
}

/** Whether it asks anything of AWS as itself. */
const usesAws = (process: Process): boolean =>
  usesKafka(process) || process.stores.length > 0 || (process.asksOutside ?? []).includes('ses');

function laptopEgress(service: Process): Egress[] {
  const asks = new Set<OutsideService>(service.asksOutside);
  return [
    ...(usesKafka(service) ? [{ to: [podsOf(NAMESPACES.data, 'kafka')], ports: tcp(KAFKA) }] : []),
    ...(service.stores.includes('postgres')
      ? [{ to: [podsOf(NAMESPACES.data, 'postgres')], ports: tcp(POSTGRES) }]
      : []),
    // The API server is no pod: its address is that of a node.
    ...(asks.has('service-account-keys')
      ? [{ to: addresses('0.0.0.0/0'), ports: tcp(HTTPS, KUBERNETES_API) }]
      : []),
  ];
}

function awsEgress(overlay: Extract<Overlay, { kind: 'aws' }>, service: Process): Egress[] {
  const stores = addresses(...rangesOf(overlay).map((ranges) => ranges.database));
  const { asksOutside = [], looksAt } = service;
  return [
    ...(usesKafka(service) ? [{ to: stores, ports: tcp(MSK) }] : []),
    ...(service.stores.includes('postgres') ? [{ to: stores, ports: tcp(POSTGRES) }] : []),
    // Through the tunnels: Cloud SQL is the only thing that has an address there.
    ...(looksAt?.stores.includes('cloud-sql')
      ? [{ to: addresses(overlay.settings.gcp.privateServicesRange), ports: tcp(POSTGRES) }]
      : []),
    ...(looksAt?.stores.includes('tempo')
      ? [{ to: [podsOf(NAMESPACES.observability, 'tempo')], ports: tcp(PORTS.tempo) }]
      : []),
    ...(usesAws(service) ? [{ to: addresses(POD_IDENTITY.address), ports: tcp(POD_IDENTITY.port) }] : []),
    // Their addresses change and are not all published: the rule is limited by the port, and to addresses that are not private.
    ...(asksOutside.length > 0
      ? [{ to: [{ ipBlock: { cidr: '0.0.0.0/0', except: NOT_INTERNET } }], ports: tcp(HTTPS) }]
      : []),
  ];
}
