// The boards as Grafana gets them.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as units from '@grafana/grafana-foundation-sdk/units';
import { parser as logqlParser } from '@grafana/lezer-logql';
import { describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import { ruleGroups } from '../../k8s/observability/alerts/rules.ts';
import { lines } from '../../k8s/observability/dashboards/board.ts';
import {
  BOARDS,
  boardsOf,
  dashboardFiles,
  dashboardObjects,
} from '../../k8s/observability/dashboards/dashboards.ts';
import { dashboardOf } from '../../k8s/observability/dashboards/grafana.ts';
import { QUERIES } from '../../k8s/observability/queries/all.ts';
import { ask, type Query } from '../../k8s/observability/queries/query.ts';
import { requests } from '../../k8s/observability/queries/requests.ts';
import { type Overlay, readOverlays } from '../../k8s/overlays.ts';
import { describeWithPrometheus } from '../prometheus/with-prometheus.ts';
import { readPromql } from './promql.ts';

interface ShownPanel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: { readonly uid: string };
  readonly options?: { readonly legend?: { readonly showLegend?: boolean; readonly show?: boolean } };
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat?: string }[];
}

const overlays = readOverlays();
const [local] = overlays as [Overlay];
const shown = BOARDS.map((board) => {
  const { panels = [] } = dashboardOf(board);
  return [board.uid, panels as unknown as ShownPanel[]] as const;
});

/** As Grafana fills its variables in before it asks. */
const filledIn = (expr: string): string =>
  expr
    .replaceAll('$__rate_interval', '1m')
    .replaceAll('$__range', '1h')
    .replaceAll('$__auto', '1m')
    .replaceAll('$process', '.+');

/** Faults of a panel, in words. */
function panelFaults({
  title,
  type,
  description,
  datasource,
  options,
  fieldConfig,
  targets = [],
}: ShownPanel): string[] {
  if (type === 'row') return [];
  const texts = targets.map(({ expr }) => filledIn(expr));
  const named = [...title.matchAll(/\bp(\d+)\b/g)].map(([, digits]) => Number(digits));
  const computed = texts.flatMap((text) =>
    [...text.matchAll(/histogram_quantile\(0\.(\d+),|_p(\d+)(?:_seconds)?\b/g)].map(([, one, other]) =>
      Number(one ?? other),
    ),
  );
  const legend = options?.legend;
  return [
    ...(description ? [] : ['has no description']),
    ...(targets.length > 0 ? [] : ['asks nothing']),
    ...(String(named) === String(computed)
      ? []
      : [`is called p${named.join()}, and computes p${computed.join()}`]),
    ...(type === 'logs' || fieldConfig?.defaults.unit ? [] : ['has no unit']),
    ...(type !== 'timeseries' || legend?.showLegend ? [] : ['has no legend']),
    ...(texts.some((text) => text.includes('$')) ? ['has a variable without a value'] : []),
    ...(datasource?.uid === 'prometheus' ? texts.flatMap(promqlFault) : texts.flatMap(logqlFault)),
  ];
}

function promqlFault(text: string): string[] {
  try {
    readPromql(text);
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

function logqlFault(text: string): string[] {
  const faults: string[] = [];
  logqlParser.parse(text).iterate({
    enter: ({ type, from }) => {
      if (type.isError) faults.push(`no LogQL at ${from}: ${text}`);
    },
  });
  return faults;
}

describe.each(shown)('the board %s', (_uid, panels) => {
  it('has panels that a reader and Grafana understand', () => {
    const faults = panels.flatMap((panel) => panelFaults(panel).map((fault) => `${panel.title} ${fault}`));
    expect(faults).toEqual([]);
  });

  it('has an id for each panel, and a title that no other has', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const titles = panels.filter(({ type }) => type !== 'row').map(({ title }) => title);
    expect(titles.filter((title, at) => titles.indexOf(title) !== at)).toEqual([]);
  });

  it('lays no panel over another', () => {
    for (const [at, one] of panels.entries()) {
      expect(one.gridPos.x + one.gridPos.w).toBeLessThanOrEqual(24);
      for (const other of panels.slice(at + 1)) expect(isOver(one.gridPos, other.gridPos)).toBe(false);
    }
  });
});

type Place = ShownPanel['gridPos'];
const isOver = (one: Place, other: Place): boolean =>
  one.x < other.x + other.w &&
  other.x < one.x + one.w &&
  one.y < other.y + other.h &&
  other.y < one.y + one.h;

describe('all boards', () => {
  it('come out the same each time', () => {
    expect(dashboardFiles(local)).toEqual(dashboardFiles(local));
  });

  it('have units that Grafana knows', () => {
    const known = new Set<unknown>([...Object.values(units), 'cores']);
    expect([...QUERIES.values()].map(({ unit }) => unit).filter((unit) => !known.has(unit))).toEqual([]);
  });

  it('and rules leave no query unasked', () => {
    const panels = BOARDS.flatMap(({ rows }) => rows.flatMap((row) => row.panels));
    const asked = new Set<Query>(panels.flatMap((panel) => ('queries' in panel ? panel.queries : [])));
    const conditions = overlays.flatMap((overlay) =>
      ruleGroups(overlay).flatMap(({ rules }) => rules.map(({ expr }) => expr)),
    );
    const unasked = [...QUERIES].filter(
      ([, query]) =>
        !asked.has(query) &&
        !conditions.some((promql) =>
          ['5m', '6h', '10m', '15m', '20m', '1h'].some((window) => promql.includes(ask(query, { window }))),
        ),
    );
    expect(unasked.map(([name]) => name)).toEqual([]);
  });

  it.each(overlays.map((overlay) => [overlay.name, overlay] as const))(
    'fit into their ConfigMaps, which no API server takes over 1 MiB: %s',
    (_name, overlay) => {
      for (const object of dashboardObjects(overlay))
        expect(Buffer.byteLength(JSON.stringify(object.data))).toBeLessThan(1_000_000);
    },
  );

  it('show nothing on AWS that only a laptop’s cluster reports, and nothing there that only AWS reports', () => {
    const uids = (overlay: Overlay) => boardsOf(overlay).map(({ uid }) => uid);
    expect(uids(local)).toEqual([
      'services',
      'checkout',
      'images',
      'analytics',
      'flink',
      'kafka',
      'cluster',
      'cost',
      'load',
    ]);
    expect(uids(overlays.at(-1)!)).toEqual([
      'services',
      'checkout',
      'images',
      'kafka',
      'cluster',
      'cost',
      'load',
    ]);
    expect(JSON.stringify(dashboardFiles(local))).not.toMatch(/kafka_server_|node_cpu_|kubelet_volume_/);
    expect(JSON.stringify(dashboardFiles(overlays.at(-1)!))).not.toMatch(/analytics_|flink_/);
  });

  it('are found by the sidecar of the chart on AWS', () => {
    for (const { metadata } of dashboardObjects(overlays.at(-1)!))
      expect(metadata?.labels).toEqual({ grafana_dashboard: '1' });
  });
});

describe('negative control: a panel is refused that', () => {
  const panelOf = (query: Query, title?: string): ShownPanel => {
    const rows = [{ title: 'Row', panels: [lines(query, title === undefined ? {} : { title })] }];
    const { panels = [] } = dashboardOf({
      uid: 'spec',
      title: 'Spec',
      about: '',
      hasProcessChoice: true,
      rows,
    });
    return panels[1] as unknown as ShownPanel;
  };

  it('is right', () => {
    expect(panelFaults(panelOf(requests.p95))).toEqual([]);
  });

  it('has a title of another quantile', () => {
    expect(panelFaults(panelOf(requests.p95, 'Time, p99'))).toEqual(['is called p99, and computes p95']);
  });

  it('asks what is no PromQL', () => {
    expect(panelFaults(panelOf({ ...requests.rate, promql: 'sum(rate(' }))).toEqual([
      expect.stringContaining('no PromQL at'),
    ]);
  });

  it('has no legend, unit or description', () => {
    const bare = { ...panelOf(requests.rate), options: {}, description: '', fieldConfig: { defaults: {} } };
    expect(panelFaults(bare)).toEqual(['has no description', 'has no unit', 'has no legend']);
  });

  it('has a variable without a value', () => {
    expect(panelFaults(panelOf({ ...requests.rate, promql: 'rate(a{b="$c"}[5m])' }))).toEqual([
      'has a variable without a value',
    ]);
  });
});

await describeWithPrometheus('what a panel shows of nothing', ({ promtool }) => {
  const COUNT = 'http_request_duration_seconds_count{process="cart",method="GET",route="/cart",status="200"}';

  /** What a query answers after ten minutes of these series. */
  const check = (
    query: Query,
    series: Record<string, string>,
    expected: { labels: string; value: number }[],
  ) => {
    const folder = mkdtempSync(join(tmpdir(), 'panel-'));
    const test = {
      interval: '1m',
      input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
      promql_expr_test: [{ expr: ask(query, { window: '5m' }), eval_time: '10m', exp_samples: expected }],
    };
    writeFileSync(join(folder, 'test.yaml'), stringify({ evaluation_interval: '1m', tests: [test] }));
    const { status, stdout, stderr } = spawnSync(promtool, ['test', 'rules', 'test.yaml'], {
      cwd: folder,
      encoding: 'utf8',
    });
    rmSync(folder, { recursive: true });
    return { status, text: `${stdout}${stderr}` };
  };
  const zero = [{ labels: '{process="cart"}', value: 0 }];

  it('is zero for a service without errors', () => {
    const { status, text } = check(requests.failedRatio, { [COUNT]: '0+60x20' }, zero);
    expect({ status, text }).toEqual({ status: 0, text: expect.stringContaining('SUCCESS') });
  });

  it('is zero for a service that no longer gets requests', () => {
    expect(check(requests.failedRatio, { [COUNT]: '60+0x20' }, zero).status).toBe(0);
  });

  it('is zero for what never happened to a running process', () => {
    const series = { 'process_start_time_seconds{process="cart"}': '1+0x20' };
    expect(check(requests.callerLeft, series, zero).status).toBe(0);
  });

  it('negative control: without its zero the ratio vanishes', () => {
    const bare = {
      ...requests.failedRatio,
      promql:
        'sum by (process) (rate(http_request_duration_seconds_count{status=~"5.."}[$window])) / sum by (process) (rate(http_request_duration_seconds_count[$window]))',
    };
    expect(check(bare, { [COUNT]: '0+60x20' }, zero).status).toBe(1);
  });
});
