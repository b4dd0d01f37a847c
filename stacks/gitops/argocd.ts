// ArgoCD, and the one Application that it is given: everything else it reads from Git. Two releases, since a chart can't hold an
// object whose kind it brings itself.
import { Release } from '@cdktf/provider-helm/lib/release/index.js';
import { Construct } from 'constructs';
import type { Settings } from '../settings.ts';

export interface ArgoCdProps {
  readonly gitops: Settings['gitops'];
}

const CHARTS = 'https://argoproj.github.io/argo-helm';
const NAMESPACE = 'argocd';

/**
 * Waves reach across Applications only if an Application's own health counts, which ArgoCD leaves out by default (Argo CD,
 * "Health of Argo CD Apps").
 */
const APPLICATION_HEALTH = `hs = {}
hs.status = "Progressing"
hs.message = ""
if obj.status ~= nil and obj.status.health ~= nil then
  hs.status = obj.status.health.status
  hs.message = obj.status.health.message or ""
end
return hs`;

export class ArgoCd extends Construct {
  constructor(scope: Construct, id: string, { gitops }: ArgoCdProps) {
    super(scope, id);
    const argocd = new Release(this, 'argocd', {
      name: 'argocd',
      repository: CHARTS,
      chart: 'argo-cd',
      version: gitops.argocdChartVersion,
      namespace: NAMESPACE,
      createNamespace: true,
      // A release that failed half-way is taken back, so that the next one starts clean.
      atomic: true,
      timeout: 900,
      values: [JSON.stringify(argocdValues())],
    });
    new Release(this, 'root', {
      name: 'argocd-root',
      repository: CHARTS,
      chart: 'argocd-apps',
      version: gitops.argocdAppsChartVersion,
      namespace: NAMESPACE,
      atomic: true,
      values: [JSON.stringify({ applications: { root: rootApplication(gitops) } })],
      dependsOn: [argocd],
    });
  }
}

const argocdValues = () => ({
  configs: {
    cm: {
      'application.resourceTrackingMethod': 'annotation',
      'resource.customizations.health.argoproj.io_Application': APPLICATION_HEALTH,
      // People sign in through their own identity provider; the built-in account is for the first minute.
      'admin.enabled': true,
    },
    params: { 'server.insecure': false },
  },
  dex: { enabled: false },
  notifications: { enabled: false },
  controller: { metrics: { enabled: true } },
  repoServer: { metrics: { enabled: true } },
  server: { metrics: { enabled: true }, service: { type: 'ClusterIP' } },
});

const rootApplication = ({ repositoryUrl, revision, path }: Settings['gitops']) => ({
  namespace: NAMESPACE,
  project: 'default',
  source: { repoURL: repositoryUrl, targetRevision: revision, path },
  destination: { server: 'https://kubernetes.default.svc', namespace: NAMESPACE },
  syncPolicy: { automated: { prune: true, selfHeal: true }, syncOptions: ['ServerSideApply=true'] },
});
