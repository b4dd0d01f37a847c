// The cluster: whether what shall run does, and with how much room. Names of kube-state-metrics (its docs/metrics/workload), of cAdvisor
// inside the kubelet (its docs/storage/prometheus.md), of the kubelet (kubernetes.io/docs/reference/instrumentation/metrics) and of the
// node exporter (its README, collectors cpu, meminfo and filesystem); read 2026-11-28.
import type { Query } from './query.ts';

const state = { exporters: ['kube-state-metrics'] } as const;
const containers = { exporters: ['cadvisor', 'kube-state-metrics'] } as const;
const nodes = { exporters: ['node-exporter'] } as const;

/** A pod has containers, and a sum over all of them as a series without a container's name. */
const CONTAINER = 'container!="", container!="POD"';

export const cluster = {
  replicasMissing: {
    title: 'Replicas missing',
    promql:
      'sum by (namespace, deployment) (kube_deployment_spec_replicas) - sum by (namespace, deployment) (kube_deployment_status_replicas_available)',
    unit: 'short',
    about: 'Pods that shall run and are not ready.',
    legend: '{{namespace}}/{{deployment}}',
    source: state,
  },
  phases: {
    title: 'Pods by phase',
    promql: 'sum by (namespace, phase) (kube_pod_status_phase)',
    unit: 'short',
    about: 'Pending pods wait for a node, an image or a volume.',
    legend: '{{namespace}} {{phase}}',
    source: state,
  },
  restarts: {
    title: 'Restarts of containers',
    promql:
      'sum by (namespace, pod, container) (increase(kube_pod_container_status_restarts_total[$window]))',
    unit: 'short',
    about: 'How often containers began again within the window. New pods of a deployment do not count.',
    legend: '{{namespace}}/{{pod}} {{container}}',
    source: state,
  },
  crashLooping: {
    title: 'Containers in a crash loop',
    promql:
      'sum by (namespace, pod, container) (max_over_time(kube_pod_container_status_waiting_reason{reason="CrashLoopBackOff"}[$window]))',
    unit: 'short',
    about: 'They end again and again, and wait longer each time before the next attempt.',
    legend: '{{namespace}}/{{pod}} {{container}}',
    source: state,
  },
  outOfMemory: {
    title: 'Containers killed for memory',
    promql:
      'sum by (namespace, pod, container) (increase(kube_pod_container_status_restarts_total[$window])) > 0 and on (namespace, pod, container) kube_pod_container_status_last_terminated_reason{reason="OOMKilled"} == 1',
    unit: 'short',
    about:
      'Containers that restarted within the window and last ended over their limit of memory. Empty while there are none.',
    legend: '{{namespace}}/{{pod}} {{container}}',
    source: state,
  },
  scalers: {
    title: 'Replicas wanted of those allowed',
    promql:
      'max by (namespace, horizontalpodautoscaler) (kube_horizontalpodautoscaler_status_desired_replicas) / max by (namespace, horizontalpodautoscaler) (kube_horizontalpodautoscaler_spec_max_replicas)',
    unit: 'percentunit',
    about: 'At one a scaler has no more to give.',
    legend: '{{namespace}}/{{horizontalpodautoscaler}}',
    source: state,
  },
  replicas: {
    title: 'Replicas',
    promql:
      'max by (namespace, horizontalpodautoscaler) (kube_horizontalpodautoscaler_status_current_replicas)',
    unit: 'short',
    about: 'As the scalers count them.',
    legend: '{{namespace}}/{{horizontalpodautoscaler}}',
    source: state,
  },
  jobsFailed: {
    title: 'Jobs of the cluster that failed',
    promql: 'max by (namespace, job_name) (kube_job_failed{condition="true"})',
    unit: 'short',
    about: 'A Job that gave up: migrations, topics, the scheduled load.',
    legend: '{{namespace}}/{{job_name}}',
    source: state,
  },
  nodesNotReady: {
    title: 'Nodes that are not ready',
    promql: 'max by (node) (kube_node_status_condition{condition="Ready", status!="true"})',
    unit: 'short',
    about: 'One where the kubelet does not report, or says that it cannot run pods.',
    legend: '{{node}}',
    source: state,
  },
  cpu: {
    title: 'Processor used of what was asked for',
    promql: `sum by (namespace, container) (rate(container_cpu_usage_seconds_total{${CONTAINER}}[$window])) / sum by (namespace, container) (kube_pod_container_resource_requests{resource="cpu"})`,
    unit: 'percentunit',
    about: 'Above one a container lives on what others leave. Far below it pays for nothing.',
    legend: '{{namespace}}/{{container}}',
    source: containers,
  },
  memory: {
    title: 'Memory used of what is allowed',
    promql: `max by (namespace, pod, container) (container_memory_working_set_bytes{${CONTAINER}}) / max by (namespace, pod, container) (kube_pod_container_resource_limits{resource="memory"})`,
    unit: 'percentunit',
    about: 'At one the container is killed.',
    legend: '{{namespace}}/{{pod}} {{container}}',
    source: containers,
  },
  nodeCpu: {
    title: 'Processor of nodes',
    promql: '1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[$window]))',
    unit: 'percentunit',
    about: 'Part of the time in which a node’s cores worked.',
    legend: '{{instance}}',
    source: nodes,
  },
  nodeMemory: {
    title: 'Memory of nodes',
    promql: '1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes',
    unit: 'percentunit',
    about: 'Part of a node’s memory that cannot be given to somebody else at once.',
    legend: '{{instance}}',
    source: nodes,
  },
  nodeDisk: {
    title: 'Disks of nodes',
    promql:
      '1 - max by (instance, mountpoint) (node_filesystem_avail_bytes{fstype=~"ext4|xfs"} / node_filesystem_size_bytes{fstype=~"ext4|xfs"})',
    unit: 'percentunit',
    about: 'Part of a disk that is used; images and logs of containers lie there.',
    legend: '{{instance}} {{mountpoint}}',
    source: nodes,
  },
  volumes: {
    title: 'Volumes',
    promql:
      '1 - max by (namespace, persistentvolumeclaim) (kubelet_volume_stats_available_bytes) / max by (namespace, persistentvolumeclaim) (kubelet_volume_stats_capacity_bytes)',
    unit: 'percentunit',
    about: 'Part of a volume that is used.',
    legend: '{{namespace}}/{{persistentvolumeclaim}}',
    source: { exporters: ['kubelet'] },
  },
  /** In days of the newest trend; negative where it empties. */
  volumesInFourDays: {
    title: 'Room of volumes in four days',
    promql:
      'min by (namespace, persistentvolumeclaim) (predict_linear(kubelet_volume_stats_available_bytes[$window], 4 * 86400) / kubelet_volume_stats_capacity_bytes)',
    unit: 'percentunit',
    about:
      'What is left of a volume in four days if it goes on as within the window; below zero it is full by then.',
    legend: '{{namespace}}/{{persistentvolumeclaim}}',
    source: { exporters: ['kubelet'] },
  },
  certificate: {
    title: 'Time until the certificate ends',
    promql: 'min by (instance) (probe_ssl_earliest_cert_expiry) - time()',
    unit: 's',
    about:
      'Of the shop’s address, as a visitor gets it. ACM renews 60 days before the end where its DNS record still stands.',
    legend: '{{instance}}',
    source: { exporters: ['blackbox'] },
  },
} as const satisfies Readonly<Record<string, Query>>;
