// The configuration that a cluster's Prometheus has in, the same for this machine's processes out: the same intervals, relabelings and
// rules, so that every series has the same labels as there. Only the targets are found in another way: here they are listed.
import { AppError } from '#runtime/errors.ts';

/** A process as Kubernetes would know it. */
export interface Target {
  /** Host and port of its `/metrics`. */
  readonly address: string;
  /** Also the name of its Service. */
  readonly process: string;
  readonly namespace: string;
}

export interface ScrapeConfig {
  readonly job_name: string;
  readonly [setting: string]: unknown;
}

export interface PrometheusConfig {
  readonly global: Readonly<Record<string, string>>;
  readonly rule_files: readonly string[];
  readonly scrape_configs: readonly ScrapeConfig[];
  readonly [setting: string]: unknown;
}

/** Of k8s/observability/scrape.ts: our own processes. Other jobs are of what only a cluster has. */
const SERVICES_JOB = 'services';

/** What discovery would say of a target, as far as the relabelings ask; a spec holds it against them. */
export const discoveredLabels = ({ process, namespace }: Target): Record<string, string> => ({
  __meta_kubernetes_namespace: namespace,
  __meta_kubernetes_service_name: process,
  __meta_kubernetes_endpointslice_port_name: 'metrics',
  __meta_kubernetes_pod_name: process,
});

/** @throws AppError `overlay-unusable` when the job of our processes is not there */
export function laptopConfig(
  cluster: PrometheusConfig,
  { targets, ruleFiles }: { readonly targets: readonly Target[]; readonly ruleFiles: readonly string[] },
): PrometheusConfig {
  const job = cluster.scrape_configs.find(({ job_name }) => job_name === SERVICES_JOB);
  if (!job) throw new AppError('overlay-unusable', `the overlay's Prometheus has no job ${SERVICES_JOB}`);
  const { kubernetes_sd_configs: _discovery, ...settings } = job;
  const { global } = cluster;
  return {
    global,
    rule_files: [...ruleFiles],
    scrape_configs: [
      {
        ...settings,
        job_name: job.job_name,
        static_configs: targets.map((target) => ({
          targets: [target.address],
          labels: discoveredLabels(target),
        })),
      },
    ],
  };
}
