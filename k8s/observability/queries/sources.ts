// Which metrics the Prometheus of an overlay has: metrics without a source are neither shown nor watched there.
import { PROCESSES, platformConsole } from '#contracts/processes.ts';
import type { Overlay } from '../../overlays.ts';
import type { LogQuery } from './logs.ts';
import type { Exporter, Query } from './query.ts';

const EXPORTERS: Readonly<Record<Overlay['kind'], readonly Exporter[]>> = {
  // Kubelets of a laptop's cluster report on containers only; volumes there are folders of the laptop's disk.
  local: ['kube-state-metrics', 'cadvisor', 'flink', 'k6'],
  aws: ['kube-state-metrics', 'cadvisor', 'kubelet', 'node-exporter', 'msk-jmx', 'blackbox', 'k6'],
};

/**
 * Processes that are scraped. The worker of AWS's environments runs on Google Cloud, where nothing of AWS can ask it: Google's own alarms
 * watch it there (stacks/analytics/worker-alarms.ts). Prometheus does not read a function. A laptop's cluster has no console.
 */
export const processesOf = ({ kind }: Pick<Overlay, 'kind'>): readonly string[] =>
  PROCESSES.filter(({ port }) => port !== undefined)
    .filter(({ name, runsOn }) => (kind === 'local' ? name !== platformConsole.name : runsOn === 'eks'))
    .map(({ name }) => name);

/** Whether an overlay has the sources of a query's metrics. */
export const isAnswered = ({ source }: Pick<Query, 'source'>, overlay: Pick<Overlay, 'kind'>): boolean =>
  'exporters' in source
    ? source.exporters.every((one) => EXPORTERS[overlay.kind].includes(one))
    : source.processes.every((name) => processesOf(overlay).includes(name));

/** Whether the Loki of an overlay has the lines that a query reads. */
export const isLogged = ({ isOfFunction }: LogQuery, { kind }: Pick<Overlay, 'kind'>): boolean =>
  !isOfFunction || kind === 'local';
