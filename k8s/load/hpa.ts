// The rule by which a HorizontalPodAutoscaler decides, as Kubernetes' documentation states it ("Algorithm details",
// kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale, read on 2026-11-28). KEDA makes an HPA of its
// ScaledObject, so the rule is the same for both.
import type { Scaling } from '../shop/scaling.ts';

/** A metric that is within a tenth of its target changes nothing: `--horizontal-pod-autoscaler-tolerance`. */
const TOLERANCE = 0.1;

/** What all replicas of a service together are seen to do. */
export interface Seen {
  readonly cpuCores: number;
  readonly requestsPerSecond: number;
  readonly lagRecords: number;
}

/** desiredReplicas = ceil(currentReplicas * currentMetricValue / desiredMetricValue), where the value is the replicas' mean. */
export function desiredReplicas(current: number, value: number, target: number): number {
  const ratio = value / target;
  return Math.abs(ratio - 1) <= TOLERANCE ? current : Math.ceil(current * ratio);
}

/** The metric that asks for most replicas decides, within minimum and maximum. @param cpuRequest of one replica, in cores */
export function replicasFor(seen: Seen, scaling: Scaling, cpuRequest: number, current = 1): number {
  const { cpuPercent, requestsPerSecond, lagRecords, replicasMin, replicasMax } = scaling;
  const wishes = [
    desiredReplicas(current, (seen.cpuCores / current / cpuRequest) * 100, cpuPercent.value),
    requestsPerSecond
      ? desiredReplicas(current, seen.requestsPerSecond / current, requestsPerSecond.value)
      : 0,
    lagRecords ? desiredReplicas(current, seen.lagRecords / current, lagRecords.value) : 0,
  ];
  return Math.min(replicasMax.value, Math.max(replicasMin.value, ...wishes));
}
