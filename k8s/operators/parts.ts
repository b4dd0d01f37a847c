// What others make and the clusters on AWS run: a chart each. A laptop's cluster has none.
import type { App } from 'cdk8s';
import { NAMESPACES } from '../namespaces.ts';
import type { AwsOverlay, Overlay } from '../overlays.ts';
import type { Part } from '../part.ts';
import { argocdMonitorPart } from './argocd-monitor.ts';
import { ChartPart } from './chart-part.ts';
import { clusterAutoscalerPart } from './cluster-autoscaler.ts';
import { externalDnsPart } from './external-dns.ts';
import { externalSecretsPart } from './external-secrets.ts';
import { kedaPart } from './keda.ts';
import { loadBalancerControllerPart } from './load-balancer-controller.ts';

export const operatorsParts = (app: App, overlay: Overlay): Part[] =>
  overlay.kind === 'local'
    ? []
    : [
        monitorKindsPart(app, overlay),
        argocdMonitorPart(app, overlay),
        externalSecretsPart(app, overlay),
        kedaPart(app, overlay),
        loadBalancerControllerPart(app, overlay),
        externalDnsPart(app, overlay),
        clusterAutoscalerPart(app, overlay),
      ];

/** The kinds alone: operators and services declare their monitors long before the operator of Prometheus exists. */
const monitorKindsPart = (app: App, overlay: AwsOverlay): ChartPart =>
  new ChartPart(app, 'prometheus-operator-crds', {
    overlay,
    project: 'operators',
    wave: 'kinds',
    namespace: NAMESPACES.observability,
    chart: 'prometheus-operator-crds',
    values: {},
  });
