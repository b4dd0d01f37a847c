// What watches: in a laptop's cluster servers of our own rendering, on AWS charts and what we add to them.
import type { App } from 'cdk8s';
import type { Overlay } from '../overlays.ts';
import type { Part } from '../part.ts';
import { alertmanagerPart } from './alertmanager.ts';
import { alloyPart } from './alloy.ts';
import { certificateProbePart } from './aws/certificate-probe.ts';
import { collectorPart } from './aws/collector.ts';
import { logsPart } from './aws/logs.ts';
import { metricsPart } from './aws/metrics.ts';
import { tracesPart } from './aws/traces.ts';
import { grafanaPart } from './grafana.ts';
import { kubeStateMetricsPart } from './kube-state-metrics.ts';
import { lokiPart } from './loki.ts';
import { prometheusPart } from './prometheus.ts';
import { tempoPart } from './tempo.ts';

const LOCAL = [
  prometheusPart,
  alertmanagerPart,
  kubeStateMetricsPart,
  lokiPart,
  tempoPart,
  alloyPart,
  grafanaPart,
];

const AWS = [metricsPart, logsPart, tracesPart, collectorPart, certificateProbePart];

export const observabilityParts = (app: App, overlay: Overlay): Part[] =>
  overlay.kind === 'local' ? LOCAL.map((part) => part(app, overlay)) : AWS.map((part) => part(app, overlay));
