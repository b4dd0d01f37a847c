// Whether the metrics of a query exist: in our processes' registries, the stand-ins of others' programs, or the rules.

import { ruleGroups } from '../../k8s/observability/alerts/rules.ts';
import type { Source } from '../../k8s/observability/queries/query.ts';
import type { Overlay } from '../../k8s/overlays.ts';
import { FIXTURES } from './fixtures/fixtures.ts';
import type { MetricsOf, OwnMetric } from './own-metrics.ts';
import { readPromql, type Selector } from './promql.ts';

/** What Prometheus adds to every series. */
const TARGET_LABELS = new Set(['process', 'job', 'instance', 'namespace', 'pod']);

type Labels = ReadonlySet<string>;

/** Each begins with the unknown name. */
export function queryFaults(
  promql: string,
  source: Source,
  own: ReadonlyMap<string, MetricsOf>,
  recorded: ReadonlyMap<string, Labels>,
): string[] {
  const { selectors, grouping } = readPromql(promql);
  const faults = selectors.flatMap((selector) => {
    const labels = recorded.get(selector.metric);
    if (labels) return labelFaults(selector, labels);
    return 'exporters' in source
      ? exporterFaults(selector, source.exporters)
      : source.processes.flatMap((name) => processFaults(selector, name, own));
  });
  const everyLabel = new Set(selectors.flatMap(({ metric }) => [...labelsAnywhere(metric, own, recorded)]));
  const strange = grouping.filter(
    (label) => !everyLabel.has(label) && !TARGET_LABELS.has(label) && label !== 'le',
  );
  return [...faults, ...strange.map((label) => `${label}: no metric that is asked for has this label`)];
}

const labelFaults = ({ metric, labels }: Selector, known: Labels): string[] =>
  labels
    .filter((label) => !known.has(label) && !TARGET_LABELS.has(label))
    .map((label) => `${metric}: has no label ${label}`);

function processFaults(selector: Selector, process: string, own: ReadonlyMap<string, MetricsOf>): string[] {
  const { metric } = selector;
  const found = seriesOf(metric, own.get(process) ?? new Map());
  if (!found) return [`${metric}: ${process} does not register it`];
  return labelFaults(selector, found);
}

/** A histogram has series under three names. */
function seriesOf(name: string, metrics: MetricsOf): Labels | undefined {
  const exact = metrics.get(name);
  if (exact) return exact.type === 'histogram' ? undefined : exact.labels;
  const [, base = '', ending] = /^(.*)_(bucket|sum|count)$/.exec(name) ?? [];
  const histogram: OwnMetric | undefined = metrics.get(base);
  if (histogram?.type !== 'histogram') return undefined;
  return ending === 'bucket' ? new Set([...histogram.labels, 'le']) : histogram.labels;
}

function exporterFaults(selector: Selector, exporters: readonly (keyof typeof FIXTURES)[]): string[] {
  const { metric } = selector;
  const found = exporters.flatMap((one) => FIXTURES[one]).find(({ name }) => name === metric);
  if (!found) return [`${metric}: no fixture of ${exporters.join(', ')} has it`];
  return labelFaults(selector, new Set(found.series.flatMap(({ labels }) => Object.keys(labels))));
}

function labelsAnywhere(
  metric: string,
  own: ReadonlyMap<string, MetricsOf>,
  recorded: ReadonlyMap<string, Labels>,
): Labels {
  const ofOwn = [...own.values()].flatMap((metrics) => [...(seriesOf(metric, metrics) ?? [])]);
  const ofOthers = Object.values(FIXTURES)
    .flat()
    .filter(({ name }) => name === metric)
    .flatMap(({ series }) => series.flatMap(({ labels }) => Object.keys(labels)));
  return new Set([...ofOwn, ...ofOthers, ...(recorded.get(metric) ?? [])]);
}

/** What the rules of an overlay record. */
export const recordedNames = (overlay: Overlay): ReadonlyMap<string, Labels> =>
  new Map(
    ruleGroups(overlay).flatMap(({ rules }) =>
      rules.flatMap((rule) => ('record' in rule ? [[rule.record, new Set(['process'])] as const] : [])),
    ),
  );
