// ArgoCD, and the one Application that it is given: everything else it reads from Git. Two releases, since a chart can't hold an
// object whose kind it brings itself.
import { Release } from '@cdktf/provider-helm/lib/release/index.js';
import { Construct } from 'constructs';
import type { Settings } from '../settings.ts';
import { argocdValues } from './argocd-values.ts';
import { ARGOCD_NAMESPACE, overlayOf, ROOT, rootApplication, rootProject } from './root.ts';

export interface ArgoCdProps {
  readonly settings: Settings;
}

const CHARTS = 'https://argoproj.github.io/argo-helm';

export class ArgoCd extends Construct {
  constructor(scope: Construct, id: string, { settings }: ArgoCdProps) {
    super(scope, id);
    const { gitops } = settings;
    const argocd = new Release(this, 'argocd', {
      name: 'argocd',
      repository: CHARTS,
      chart: 'argo-cd',
      version: gitops.argocdChartVersion,
      namespace: ARGOCD_NAMESPACE,
      createNamespace: true,
      // A release that failed half-way is taken back, so that the next one starts clean.
      atomic: true,
      timeout: 900,
      values: [JSON.stringify(argocdValues(gitops))],
    });
    new Release(this, 'root', {
      name: 'argocd-root',
      repository: CHARTS,
      chart: 'argocd-apps',
      version: gitops.argocdAppsChartVersion,
      namespace: ARGOCD_NAMESPACE,
      atomic: true,
      values: [JSON.stringify(rootValues(settings))],
      dependsOn: [argocd],
    });
  }
}

function rootValues(settings: Settings) {
  const { repositoryUrl, revision } = settings.gitops;
  const { finalizers, spec } = rootApplication({ repositoryUrl, revision, overlay: overlayOf(settings) });
  return {
    projects: { [ROOT]: { namespace: ARGOCD_NAMESPACE, ...rootProject({ repositoryUrl }) } },
    applications: { [ROOT]: { namespace: ARGOCD_NAMESPACE, finalizers, ...spec } },
  };
}
