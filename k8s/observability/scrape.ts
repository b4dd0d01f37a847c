// What Prometheus reads, how often, and under which labels: the one source for a laptop's cluster and, by way of the rendered file, for
// `npm start`. On AWS the chart's Prometheus learns the same from ServiceMonitors (monitors.ts).
import { NAMESPACES, namespacesOf } from '../namespaces.ts';

/**
 * Rates need two samples, so the shortest window of an alert, five minutes, holds twenty of them; the worker's lag is seen within a
 * quarter of a minute. Twice as often would cost the processes twice as much and show nothing more.
 */
export const SCRAPE_SECONDS = 15;
/** An alert needs no fresher answer than the samples it is made of give, and people none within half a minute. */
export const EVALUATION_SECONDS = 30;

/** What a Service calls the port that serves `/metrics`. */
export const METRICS_PORT = 'metrics';
/** Where such ports are looked for in a laptop's cluster: all of its namespaces. */
export const SCRAPED_NAMESPACES: readonly string[] = namespacesOf({ kind: 'local' })
  .map((name) => NAMESPACES[name])
  .toSorted();
/** Of the job whose targets are all such ports. `npm start` puts its own processes there. */
export const SERVICES_JOB = 'services';

const seconds = (count: number): string => `${count}s`;

const servicesJob = () => ({
  job_name: SERVICES_JOB,
  // `job_runs_total` says by `job` which of a process's jobs ran; all else that is ours says nothing of targets.
  honor_labels: true,
  kubernetes_sd_configs: [{ role: 'endpointslice', namespaces: { names: [...SCRAPED_NAMESPACES] } }],
  relabel_configs: [
    keep('__meta_kubernetes_endpointslice_port_name', METRICS_PORT),
    // Kube-state-metrics reports on other objects, and must keep their names: see below.
    drop('__meta_kubernetes_service_name', KUBE_STATE_METRICS),
    ...TARGET_LABELS,
  ],
});

const kubeStateMetricsJob = () => ({
  job_name: KUBE_STATE_METRICS,
  // Its own `namespace`, `pod` and `container` name the object that it reports on.
  honor_labels: true,
  kubernetes_sd_configs: [{ role: 'endpointslice', namespaces: { names: [NAMESPACES.observability] } }],
  relabel_configs: [
    keep('__meta_kubernetes_endpointslice_port_name', METRICS_PORT),
    keep('__meta_kubernetes_service_name', KUBE_STATE_METRICS),
    label('job', '__meta_kubernetes_service_name'),
  ],
});

const kubeletJob = () => ({
  // What containers use, as the kubelet of each node counts it.
  job_name: 'kubelet',
  honor_labels: true,
  scheme: 'https',
  metrics_path: '/metrics/cadvisor',
  authorization: { credentials_file: '/var/run/secrets/kubernetes.io/serviceaccount/token' },
  // Kubelets of a laptop's cluster sign their own certificates; the token is for reading metrics alone.
  tls_config: { insecure_skip_verify: true },
  kubernetes_sd_configs: [{ role: 'node' }],
  relabel_configs: [label('node', '__meta_kubernetes_node_name'), label('metrics_path', '__metrics_path__')],
  metric_relabel_configs: [
    // Of some hundred names these are asked for; the others are most of what would be stored.
    keep('__name__', CADVISOR_METRICS.join('|')),
    // Sums over a pod's containers, and the pause container, would count everything twice.
    { source_labels: ['container'], regex: '', action: 'drop' as const },
  ],
});

/** The targets and what Kubernetes knows of them, in the form of Prometheus' own configuration file. */
export const scrapeConfigs = () => [servicesJob(), kubeStateMetricsJob(), kubeletJob()];

export const KUBE_STATE_METRICS = 'kube-state-metrics';

/** What is kept of the kubelets' answers. https://github.com/google/cadvisor/blob/master/docs/storage/prometheus.md */
export const CADVISOR_METRICS: readonly string[] = [
  'container_cpu_cfs_periods_total',
  'container_cpu_cfs_throttled_periods_total',
  'container_cpu_usage_seconds_total',
  'container_fs_usage_bytes',
  'container_memory_working_set_bytes',
  'container_oom_events_total',
];

interface Relabeling {
  readonly source_labels: readonly string[];
  readonly regex?: string;
  readonly target_label?: string;
  readonly action?: 'keep' | 'drop';
}

const keep = (source: string, regex: string): Relabeling => ({
  source_labels: [source],
  regex,
  action: 'keep',
});
const drop = (source: string, regex: string): Relabeling => ({
  source_labels: [source],
  regex,
  action: 'drop',
});
const label = (name: string, source: string): Relabeling => ({ source_labels: [source], target_label: name });

/** As the Prometheus operator gives them to the targets of a ServiceMonitor. */
const TARGET_LABELS: readonly Relabeling[] = [
  label('job', '__meta_kubernetes_service_name'),
  label('namespace', '__meta_kubernetes_namespace'),
  label('pod', '__meta_kubernetes_pod_name'),
];

/** Where its pod has the rules; no volume can be within that of the configuration. */
export const RULES_FOLDER = '/etc/prometheus-rules';

/** Prometheus' configuration file in a laptop's cluster. */
export const prometheusConfig = ({ alertmanager }: { readonly alertmanager: string }) => ({
  global: {
    scrape_interval: seconds(SCRAPE_SECONDS),
    // Who does not answer for that long is down.
    scrape_timeout: seconds(10),
    evaluation_interval: seconds(EVALUATION_SECONDS),
  },
  rule_files: [`${RULES_FOLDER}/*.yaml`],
  alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] },
  scrape_configs: scrapeConfigs(),
});
