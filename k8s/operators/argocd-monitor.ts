// Metrics of ArgoCD. Its chart is installed before the kinds of monitors exist, so its monitor is here.
import type { IServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import type { App } from 'cdk8s';
import { ARGOCD_NAMESPACE } from '../../stacks/gitops/root.ts';
import type { AwsOverlay } from '../overlays.ts';
import { addObject, Part } from '../part.ts';

export function argocdMonitorPart(app: App, overlay: AwsOverlay): Part {
  const part = new Part(app, 'argocd-monitor', {
    overlay,
    project: 'operators',
    wave: 'operators',
    namespace: ARGOCD_NAMESPACE,
  });
  addObject(part, {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'ServiceMonitor',
    metadata: { name: 'argocd' },
    spec: {
      // As the chart calls the Services and ports of its metrics.
      selector: { matchLabels: { 'app.kubernetes.io/part-of': 'argocd' } },
      endpoints: [{ port: 'http-metrics', interval: '30s' }],
    },
  } satisfies IServiceMonitor);
  return part;
}
