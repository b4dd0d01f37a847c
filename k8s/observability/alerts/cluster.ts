// What the cluster itself lacks: pods that do not stay, scalers without room, disks that fill, certificates that end.
import { cluster as state } from '../queries/cluster.ts';
import { type Alert, alertOf, alertOn, part } from './alert.ts';

const crashLoop = alertOn(state.crashLooping, '5m', '> 0', {
  name: 'PodCrashLooping',
  severity: 'critical',
  for: '5m',
  summary: '{{ $labels.namespace }}/{{ $labels.container }} ends again and again',
  description:
    'The container {{ $labels.container }} of the pod {{ $labels.pod }} in {{ $labels.namespace }} ends soon after each start.',
  page: 'pod-crash-looping',
});
const outOfMemory = alertOn(state.outOfMemory, '15m', '> 0', {
  name: 'PodOutOfMemory',
  severity: 'warning',
  for: '0m',
  summary: '{{ $labels.namespace }}/{{ $labels.container }} was killed for memory',
  description:
    'The container {{ $labels.container }} of the pod {{ $labels.pod }} in {{ $labels.namespace }} went over its limit of memory.',
  page: 'pod-out-of-memory',
});
const missing = alertOn(state.replicasMissing, '5m', '> 0', {
  name: 'ReplicasMissing',
  severity: 'warning',
  for: '15m',
  summary: '{{ $labels.namespace }}/{{ $labels.deployment }} has too few pods',
  description:
    'For a quarter of an hour fewer pods of {{ $labels.deployment }} in {{ $labels.namespace }} are ready than shall be.',
  page: 'replicas-missing',
});
const scaler = alertOn(state.scalers, '5m', '>= 1', {
  name: 'ScalerAtMaximum',
  severity: 'warning',
  for: '15m',
  summary: '{{ $labels.namespace }}/{{ $labels.horizontalpodautoscaler }} can grow no more',
  description:
    '{{ $labels.horizontalpodautoscaler }} in {{ $labels.namespace }} has wanted as many replicas as it may have for a quarter of an hour.',
  page: 'scaler-at-maximum',
});
const jobFailed = alertOn(state.jobsFailed, '5m', '> 0', {
  name: 'KubernetesJobFailed',
  severity: 'warning',
  for: '1m',
  summary: 'The Job {{ $labels.namespace }}/{{ $labels.job_name }} gave up',
  description:
    'The Job {{ $labels.job_name }} in {{ $labels.namespace }} failed as often as it may, and is not tried again.',
  page: 'kubernetes-job-failed',
});
const node = alertOn(state.nodesNotReady, '5m', '> 0', {
  name: 'NodeNotReady',
  severity: 'warning',
  for: '10m',
  summary: 'The node {{ $labels.node }} is not ready',
  description:
    'The kubelet of {{ $labels.node }} does not report for ten minutes, or says that it cannot run pods.',
  page: 'node-not-ready',
});

const FULL = 'volume-filling';
const willBeFull = alertOf(
  [state.volumesInFourDays, state.volumes],
  `${part(state.volumesInFourDays, '6h')} < 0 and on (namespace, persistentvolumeclaim) ${part(state.volumes)} > 0.6`,
  {
    name: 'VolumeFilling',
    severity: 'warning',
    for: '1h',
    summary: 'The volume {{ $labels.namespace }}/{{ $labels.persistentvolumeclaim }} fills',
    description:
      'If {{ $labels.persistentvolumeclaim }} in {{ $labels.namespace }} goes on as in the last six hours, it is full within four days.',
    page: FULL,
  },
);
const isFull = alertOn(state.volumes, '5m', '> 0.95', {
  name: 'VolumeFull',
  severity: 'critical',
  for: '1m',
  summary: 'The volume {{ $labels.namespace }}/{{ $labels.persistentvolumeclaim }} is full',
  description:
    'Less than a twentieth of {{ $labels.persistentvolumeclaim }} in {{ $labels.namespace }} is free: programs that write there stop soon.',
  page: FULL,
});

const CERTIFICATE = 'certificate-expiring';
const certificate = alertOn(state.certificate, '5m', '< 21 * 86400', {
  name: 'CertificateExpiring',
  severity: 'critical',
  for: '1h',
  summary: 'The certificate of {{ $labels.instance }} ends within three weeks',
  description:
    'ACM renews sixty days before the end; that of {{ $labels.instance }} ends within three weeks, so the renewal does not work.',
  page: CERTIFICATE,
});

/** Without reports on the cluster, the alerts above cannot fire. */
const blind = ['kube_node_info', 'probe_ssl_earliest_cert_expiry'] as const;
const EXPORTERS = {
  kube_node_info: 'kube-state-metrics',
  probe_ssl_earliest_cert_expiry: 'blackbox',
} as const;
const exportersGone = blind.map(
  (metric): Alert => ({
    name: 'ExporterGone',
    severity: 'warning',
    for: '15m',
    promql: `absent(${metric})`,
    summary: `${EXPORTERS[metric]} is gone`,
    description: `${EXPORTERS[metric]} has reported nothing for a quarter of an hour: alerts that read its metrics cannot fire meanwhile.`,
    page: 'exporter-gone',
    sources: [{ exporters: [EXPORTERS[metric]] }],
    // On a laptop without a cluster there is nothing to miss.
    only: 'aws',
    labels: { exporter: EXPORTERS[metric] },
  }),
);

export const cluster: readonly Alert[] = [
  crashLoop,
  outOfMemory,
  missing,
  scaler,
  jobFailed,
  node,
  willBeFull,
  isFull,
  certificate,
  ...exportersGone,
];
