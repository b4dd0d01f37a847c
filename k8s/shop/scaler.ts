// Who counts a service's replicas, by the rules of `scaling.ts`. One scaler for a service: on AWS a ScaledObject, from which KEDA makes
// the one HPA with all its metrics; in a laptop's cluster, which has no KEDA, an HPA on processor time.
import type { IScaledObject } from '@kubernetes-models/keda/keda.sh/v1alpha1';
import type { Construct } from 'constructs';
import type { IHorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2';
import type { Process } from '#contracts/process.ts';
import { addObject, partOf } from '../part.ts';
import { type Scaling, scalingOf } from './scaling.ts';
import { labelsOf } from './service-pod.ts';

/** Where KEDA asks for numbers. */
export const PROMETHEUS_URL = 'http://prometheus.observability.svc.cluster.local:9090';

/** Replicas go one by one, and only when five minutes long fewer were enough: each that goes moves partitions to the others. */
const BEHAVIOUR = {
  scaleUp: {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [{ type: 'Percent', value: 100, periodSeconds: 30 }],
  },
  scaleDown: {
    stabilizationWindowSeconds: 300,
    selectPolicy: 'Max',
    policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }],
  },
};

export function addScaler(scope: Construct, service: Process): void {
  const isLocal = partOf(scope).props.overlay.kind === 'local';
  addObject(scope, isLocal ? autoscaler(service) : scaledObject(service));
}

const targetOf = ({ name }: Process) => ({ apiVersion: 'apps/v1', kind: 'Deployment', name });

function autoscaler(service: Process): IHorizontalPodAutoscaler {
  const { replicasMinLocal, replicasMax, replicasMaxLocal = replicasMax, cpuPercent } = scalingOf(service);
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: service.name, labels: labelsOf(service) },
    spec: {
      scaleTargetRef: targetOf(service),
      minReplicas: replicasMinLocal.value,
      maxReplicas: replicasMaxLocal.value,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: cpuPercent.value } },
        },
      ],
      behavior: BEHAVIOUR,
    },
  };
}

function scaledObject(service: Process): IScaledObject {
  const scaling = scalingOf(service);
  const triggers = triggersOf(service, scaling);
  return {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: { name: service.name, labels: labelsOf(service) },
    spec: {
      scaleTargetRef: targetOf(service),
      minReplicaCount: scaling.replicasMin.value,
      maxReplicaCount: scaling.replicasMax.value,
      pollingInterval: 30,
      ...(triggers.some(({ type }) => type === 'prometheus') ? { fallback: fallback(scaling) } : {}),
      advanced: {
        restoreToOriginalReplicaCount: false,
        horizontalPodAutoscalerConfig: { name: service.name, behavior: BEHAVIOUR },
      },
      triggers,
    },
  };
}

/** Without Prometheus the needed number is unknown: the present pods stay. KEDA has none for processor time. */
const fallback = ({ replicasMin }: Scaling) => ({
  failureThreshold: 3,
  replicas: replicasMin.value,
  behavior: 'currentReplicasIfHigher' as const,
});

function triggersOf(service: Process, scaling: Scaling): IScaledObject['spec']['triggers'] {
  const { cpuPercent, requestsPerSecond, lagRecords } = scaling;
  return [
    { type: 'cpu', metricType: 'Utilization', metadata: { value: String(cpuPercent.value) } },
    ...(requestsPerSecond ? [perReplica('requests', requestsQuery(service), requestsPerSecond.value)] : []),
    ...(lagRecords ? [perReplica('lag', lagQuery(service), lagRecords.value)] : []),
  ];
}

const perReplica = (name: string, query: string, threshold: number) => ({
  type: 'prometheus',
  name,
  metricType: 'AverageValue',
  metadata: {
    serverAddress: PROMETHEUS_URL,
    query,
    threshold: String(threshold),
    // An answer without a number is a fault and not a zero: else a scrape that fails would send replicas away.
    ignoreNullValues: 'false',
  },
});

/** As long as the service runs it is 0 and not nothing, also before its first request. */
const orZero = (query: string, { name }: Process): string =>
  `(${query}) or 0 * count(process_start_time_seconds{process="${name}"})`;

const requestsQuery = (service: Process): string =>
  orZero(`sum(rate(http_request_duration_seconds_count{process="${service.name}"}[2m]))`, service);

const lagQuery = (service: Process): string =>
  orZero(`sum(max by (topic, partition) (kafka_consumer_lag_records{process="${service.name}"}))`, service);
