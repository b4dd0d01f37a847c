// One service of the shop as the cluster runs it: its pods and their number, its account, its address, and its allowed connections.
import { Construct } from 'constructs';
import type { IDeployment } from 'kubernetes-models/apps/v1';
import type { IPodDisruptionBudget } from 'kubernetes-models/policy/v1';
import type { IService, IServiceAccount } from 'kubernetes-models/v1';
import type { Process } from '#contracts/process.ts';
import type { Overlay } from '../overlays.ts';
import { addObject, partOf } from '../part.ts';
import { networkRules } from './network-rules.ts';
import { addScaler } from './scaler.ts';
import { labelsOf, servicePod } from './service-pod.ts';
import { ServiceSettings } from './service-settings.ts';
import { addressAnnotations } from './way-in.ts';

export interface ServiceWorkloadProps {
  readonly service: Process;
  /** All of the shop: some of them may be its callers. @default those of the contracts */
  readonly services?: readonly Process[];
}

/** A new pod counts once it has been ready for that long: one that falls over at its first request holds the rollout up. */
const MIN_READY_SECONDS = 10;

export class ServiceWorkload extends Construct {
  constructor(scope: Construct, id: string, { service, services }: ServiceWorkloadProps) {
    super(scope, id);
    const { overlay } = partOf(this).props;
    const labels = labelsOf(service);
    const metadata = { name: service.name, labels };
    addObject(this, {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata,
      automountServiceAccountToken: false,
    } satisfies IServiceAccount);
    const settings = new ServiceSettings(this, 'settings', service);
    addObject(this, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      // No `replicas`: that number is the scaler's.
      spec: {
        selector: { matchLabels: labels },
        minReadySeconds: MIN_READY_SECONDS,
        revisionHistoryLimit: 3,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
        template: servicePod({ overlay, service, settings }),
      },
    } satisfies IDeployment);
    this.addAddress(overlay, service);
    // Nodes are emptied one pod at a time; a pod that is not ready anyway holds up no node.
    addObject(this, {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata,
      spec: {
        maxUnavailable: 1,
        selector: { matchLabels: labels },
        unhealthyPodEvictionPolicy: 'AlwaysAllow',
      },
    } satisfies IPodDisruptionBudget);
    addScaler(this, service);
    addObject(this, networkRules(overlay, service, services));
  }

  private addAddress(overlay: Overlay, service: Process): void {
    const { name, port, opsPort = port } = service;
    const labels = labelsOf(service);
    const annotations = addressAnnotations(overlay, service);
    addObject(this, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, labels, ...(annotations ? { annotations } : {}) },
      spec: {
        type: 'ClusterIP',
        selector: labels,
        ports: [
          { name: 'http', port: port!, targetPort: 'http', protocol: 'TCP', appProtocol: 'http' },
          { name: 'metrics', port: opsPort!, targetPort: 'metrics', protocol: 'TCP', appProtocol: 'http' },
        ],
      },
    } satisfies IService);
  }
}
