// Where the servers of this room answer, on a laptop's cluster as on AWS: a server that a chart replaces keeps its name there.
import { NAMESPACES } from '../namespaces.ts';

/** Ports as each program has them by default. */
export const PORTS = {
  prometheus: 9090,
  alertmanager: 9093,
  grafana: 3000,
  loki: 3100,
  tempo: 3200,
  /** OTLP over HTTP, of Alloy and of Tempo behind it. */
  otlp: 4318,
  /** Alloy's own page and probes. */
  alloy: 12_345,
  kubeStateMetrics: 8080,
} as const;

/** Host and port. */
export const inRoom = (name: string, port: number): string =>
  `${name}.${NAMESPACES.observability}.svc.cluster.local:${port}`;
