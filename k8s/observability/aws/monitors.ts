// How the operator's Prometheus finds our processes: a ServiceMonitor each, from the contract, with the labels of a laptop's cluster.
import type { IServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import { ON_EKS, SERVICES_NAMESPACE } from '#contracts/processes.ts';
import { METRICS_PORT } from '../scrape.ts';

/** Of what runs on `eks`; the worker and the function run where the cluster's Prometheus cannot read. */
export const serviceMonitors = () =>
  ON_EKS.map(
    ({ name }) =>
      ({
        apiVersion: 'monitoring.coreos.com/v1',
        kind: 'ServiceMonitor',
        metadata: { name },
        spec: {
          namespaceSelector: { matchNames: [SERVICES_NAMESPACE] },
          selector: { matchLabels: { 'app.kubernetes.io/name': name } },
          // As `job_name: services` of scrape.ts has it, and for the same reason.
          endpoints: [{ port: METRICS_PORT, honorLabels: true }],
        },
      }) satisfies IServiceMonitor,
  );
