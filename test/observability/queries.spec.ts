// Every query, of panels and alerts alike, asks for metrics that exist.

import { parser as logqlParser } from '@grafana/lezer-logql';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { ALERTS, ruleGroups } from '../../k8s/observability/alerts/rules.ts';
import { QUERIES } from '../../k8s/observability/queries/all.ts';
import { logs } from '../../k8s/observability/queries/logs.ts';
import { ANSWERING_NAMES, ask, type Source } from '../../k8s/observability/queries/query.ts';
import { readOverlays } from '../../k8s/overlays.ts';
import { queryFaults, recordedNames } from './known-metrics.ts';
import { collectOwnMetrics, type MetricsOf } from './own-metrics.ts';
import { readPromql } from './promql.ts';

let own: ReadonlyMap<string, MetricsOf>;
beforeAll(async () => {
  own = await collectOwnMetrics();
});
// Where everything is recorded, the price of a node among it.
const recorded = recordedNames(readOverlays().at(-1)!);
const faultsOf = (promql: string, source: Source): string[] => queryFaults(promql, source, own, recorded);

describe.each([...QUERIES])('the query %s', (_name, query) => {
  const promql = ask(query, { window: '5m' });

  it('asks for metrics and labels that exist', () => {
    expect(faultsOf(promql, query.source)).toEqual([]);
  });

  it('has no placeholder left, and accepts a scope and a window', () => {
    expect(promql).not.toContain('$');
    expect(() => readPromql(ask(query, { scope: 'process=~"a|b"', window: '1m30s' }))).not.toThrow();
  });

  it('names the quantile that it computes in its title', () => {
    const computed = [...promql.matchAll(/histogram_quantile\(0?\.(\d+),/g)].map(([, digits]) => digits);
    const named = [...query.title.matchAll(/\bp(\d+)\b/g)].map(([, digits]) => digits);
    // What programs and k6 compute themselves has it in its name.
    const inNames = [...promql.matchAll(/_p(\d+)(?:_seconds)?\b/g)].map(([, digits]) => digits);
    expect(named).toEqual([...computed, ...inNames]);
  });

  it('gives its series the labels that its legend shows', () => {
    const { grouping, selectors } = readPromql(promql);
    const known = new Set([
      ...grouping,
      ...selectors.flatMap(({ labels }) => labels),
      'instance',
      'process',
      'le',
    ]);
    const shown = [...query.legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
    expect(shown.filter((label) => !known.has(label))).toEqual([]);
  });

  it('says what it is about in a sentence', () => {
    expect(query.about).toMatch(/^[\p{L}\p{N}].{24,}[.)]$/u);
  });
});

describe('the expression of an alert', () => {
  const alerts = ALERTS.flatMap(([, all]) => all);
  it.each(
    alerts.map((alert) => [alert.name, alert.labels?.window ?? alert.labels?.process ?? '', alert] as const),
  )('asks for metrics and labels that exist: %s %s', (_name, _of, { promql, sources }) => {
    const processes = sources.flatMap((source) => ('processes' in source ? source.processes : []));
    const exporters = sources.flatMap((source) => ('exporters' in source ? source.exporters : []));
    const source: Source = exporters.length > 0 ? { exporters } : { processes: common(sources, processes) };
    expect(faultsOf(promql, source)).toEqual([]);
    expect(promql).not.toContain('$');
  });
});

describe('what is recorded', () => {
  const rules = ruleGroups(readOverlays()[0]!).flatMap(({ rules: all }) => all);
  const recordings = rules.flatMap((rule) => ('record' in rule ? [rule] : []));

  it.each(recordings.map((rule) => [rule.record, rule.labels?.process ?? '', rule] as const))(
    'is made of metrics that exist: %s %s',
    (record, _of, { expr, labels }) => {
      const processes = record.includes('orders_')
        ? ['order']
        : labels?.process
          ? [labels.process]
          : ANSWERING_NAMES;
      expect(faultsOf(expr, { processes })).toEqual([]);
    },
  );

  it('is much', () => {
    expect(recordings.length).toBeGreaterThan(40);
  });
});

/** An alert on two queries yields the processes that both are about. */
const common = (sources: readonly Source[], processes: readonly string[]): readonly string[] =>
  [...new Set(processes)].filter((name) =>
    sources.every((source) => !('processes' in source) || source.processes.includes(name)),
  );

describe.each(Object.entries(logs))('the query %s of logs', (_name, { logql }) => {
  it('is LogQL', () => {
    const text = ask({ promql: logql }, { window: '5m' });
    expect(isLogql(text)).toBe(true);
    expect(text).not.toContain('$');
  });
});

function isLogql(text: string): boolean {
  let isRight = true;
  logqlParser.parse(text).iterate({
    enter: ({ type }) => {
      if (type.isError) isRight = false;
    },
  });
  return isRight;
}

describe('negative control: a query is refused that', () => {
  const order: Source = { processes: ['order'] };

  it.each([
    [
      'asks for a metric that is none',
      'rate(http_requests_total[5m])',
      order,
      'http_requests_total: order does not register it',
    ],
    ['asks another process for it', 'payment_waiting', order, 'payment_waiting: order does not register it'],
    [
      'asks by a label that is none',
      'payment_waiting{state="charging"}',
      { processes: ['payment'] },
      'payment_waiting: has no label state',
    ],
    [
      'groups by a label that is none',
      'sum by (topic) (http_requests_in_flight)',
      order,
      'topic: no metric that is asked for has this label',
    ],
    [
      'takes a histogram for a number',
      'sum(http_request_duration_seconds)',
      order,
      'http_request_duration_seconds: order does not register it',
    ],
    [
      'asks an exporter for a metric that it does not have',
      'kube_pod_status_ready',
      { exporters: ['kube-state-metrics'] },
      'kube_pod_status_ready: no fixture of kube-state-metrics has it',
    ],
  ] satisfies [string, string, Source, string][])('%s', (_rule, promql, source, fault) => {
    expect(faultsOf(promql, source)).toEqual([fault]);
  });

  it('is no PromQL', () => {
    expect(() => readPromql('sum by (process (rate(a[5m]))')).toThrow(SyntaxError);
  });

  it('is no LogQL', () => {
    expect(isLogql('{process="order" | json')).toBe(false);
  });
});
