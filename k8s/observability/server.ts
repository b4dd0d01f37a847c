// One server of this room as a laptop's cluster runs it: its account, files, volume, pod, Service and network rules.
import type { App } from 'cdk8s';
import { Construct } from 'constructs';
import type { IDeployment, IStatefulSet } from 'kubernetes-models/apps/v1';
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import type { IConfigMap, IService, IServiceAccount } from 'kubernetes-models/v1';
import { imageOf } from '../images.ts';
import { NAMESPACES } from '../namespaces.ts';
import type { Overlay } from '../overlays.ts';
import { addObject, Part, partOf } from '../part.ts';
import { type Inbound, type Outbound, TO_DNS } from './network.ts';
import { claimOf, podTemplate, type ServerPodProps } from './server-pod.ts';

export interface ServerProps extends ServerPodProps {
  readonly inbound: readonly Inbound[];
  readonly outbound: readonly Outbound[];
}

/** A part of this room. */
export const roomPart = (app: App, id: string, overlay: Overlay): Part =>
  new Part(app, id, {
    overlay,
    project: 'observability',
    wave: 'watch',
    namespace: NAMESPACES.observability,
  });

type Metadata = { readonly name: string; readonly labels: Record<string, string> };

export class Server extends Construct {
  constructor(scope: Construct, id: string, props: ServerProps) {
    super(scope, id);
    const { overlay, namespace } = partOf(this).props;
    const { name, folders = [] } = props;
    const labels = { 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': namespace };
    for (const { name: map, files, isOurs = true } of folders)
      if (isOurs) addConfigMap(this, { name: map, labels }, files);
    addObject(this, {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name, labels },
      automountServiceAccountToken: false,
    } satisfies IServiceAccount);
    this.addWorkload(props, { name, labels }, imageOf(overlay, name));
    this.addService(props, { name, labels });
    this.addNetworkPolicy(props, { name, labels });
  }

  /** With data it has one pod at a time, and each pod gets the same volume. */
  private addWorkload(props: ServerProps, metadata: Metadata, image: string): void {
    const { name, labels } = metadata;
    const selector = { matchLabels: { 'app.kubernetes.io/name': name } };
    const template = podTemplate(props, image, labels);
    const kept = { apiVersion: 'apps/v1', metadata } as const;
    if (!props.data)
      return void addObject(this, {
        ...kept,
        kind: 'Deployment',
        spec: { replicas: 1, selector, template },
      } satisfies IDeployment);
    const claims = { volumeClaimTemplates: [claimOf(props.data.size)], serviceName: name };
    addObject(this, {
      ...kept,
      kind: 'StatefulSet',
      spec: { replicas: 1, selector, template, ...claims },
    } satisfies IStatefulSet);
  }

  private addService({ ports }: ServerProps, metadata: Metadata): void {
    addObject(this, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: {
        selector: { 'app.kubernetes.io/name': metadata.name },
        ports: Object.entries(ports).map(([name, port]) => ({
          name,
          port,
          targetPort: name,
          protocol: 'TCP',
        })),
      },
    } satisfies IService);
  }

  private addNetworkPolicy({ inbound, outbound }: ServerProps, metadata: Metadata): void {
    addObject(this, {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata,
      spec: {
        podSelector: { matchLabels: { 'app.kubernetes.io/name': metadata.name } },
        policyTypes: ['Ingress', 'Egress'],
        ingress: [...inbound],
        egress: [TO_DNS, ...outbound],
      },
    } satisfies INetworkPolicy);
  }
}

/** A part of this room that is one server and nothing else. */
export function serverPart(app: App, overlay: Overlay, props: ServerProps): Part {
  const part = roomPart(app, props.name, overlay);
  new Server(part, 'server', props);
  return part;
}

export function addConfigMap(
  scope: Construct,
  metadata: Metadata,
  files: Readonly<Record<string, string>>,
): void {
  addObject(scope, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata,
    data: { ...files },
  } satisfies IConfigMap);
}
