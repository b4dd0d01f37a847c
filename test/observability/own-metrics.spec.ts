// Every metric of our code is used: it is in the collection that queries are checked with, and on a board or in an alert.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { SERVICES, SHOP } from '#contracts/shop-processes.ts';
import { createRegistry } from '#runtime/metrics.ts';
import { ruleGroups } from '../../k8s/observability/alerts/rules.ts';
import { QUERIES } from '../../k8s/observability/queries/all.ts';
import { jobs } from '../../k8s/observability/queries/jobs.ts';
import { FAILED, SLOW } from '../../k8s/observability/queries/objectives.ts';
import { ask } from '../../k8s/observability/queries/query.ts';
import { readOverlays } from '../../k8s/overlays.ts';
import { collectOwnMetrics } from './own-metrics.ts';
import { readPromql } from './promql.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Names that a source gives to metrics: `name: 'a_total'`, or the first text of a call of `gauge(` or `counter(`. */
function namesIn(source: string): string[] {
  if (!/\b(Counter|Gauge|Histogram)\b/.test(source)) return [];
  const pattern = /(?:\bname:\s*|\b(?:gauge|counter)\(\s*(?:registry,\s*)?)'([a-z]\w*_\w+)'/g;
  return [...source.matchAll(pattern)].map(([, name = '']) => name);
}

let collected: Set<string>;
beforeAll(async () => {
  const ofDefaults = new Set(
    createRegistry('spec')
      .getMetricsAsArray()
      .map(({ name }) => name),
  );
  const all = [...(await collectOwnMetrics()).values()].flatMap((metrics) => [...metrics.keys()]);
  collected = new Set(all.filter((name) => !ofDefaults.has(name)));
});

describe('the metrics that are collected for specs', () => {
  it('are all that the sources name', () => {
    const sources = globSync('{runtime,services,analytics,console}/**/*.ts', { cwd: ROOT }).filter(
      (path) => !path.endsWith('.spec.ts') && !path.includes('test-'),
    );
    const named = sources.flatMap((path) => namesIn(readFileSync(join(ROOT, path), 'utf8')));
    expect([...new Set(named)].toSorted()).toEqual([...collected].toSorted());
    expect(collected.size).toBeGreaterThan(40);
  });

  it('are each shown or watched', () => {
    const asked = new Set(
      [
        ...[...QUERIES.values()].map((query) => ask(query, { window: '5m' })),
        ...ruleGroups(readOverlays()[0]!).flatMap(({ rules }) => rules.map(({ expr }) => expr)),
      ].flatMap((promql) =>
        readPromql(promql).selectors.map(({ metric }) => metric.replace(/_(bucket|count|sum)$/, '')),
      ),
    );
    expect([...collected].filter((name) => !asked.has(name))).toEqual([]);
  });
});

describe('a service', () => {
  const filesOf = (name: string): string =>
    globSync(`services/${name}/**/*.ts`, { cwd: ROOT })
      .filter((path) => !path.endsWith('.spec.ts'))
      .map((path) => readFileSync(join(ROOT, path), 'utf8'))
      .join('\n');

  it('that has jobs is asked for them, and no other', () => {
    const withJobs = SERVICES.map(({ name }) => name).filter((name) =>
      /\bpurgeJob\(|\beveryMs\b/.test(filesOf(name)),
    );
    expect([...jobs.done.source.processes].toSorted()).toEqual(withJobs.toSorted());
  });

  it('of the contract has promises and is missed when it goes, without another line', () => {
    const rules = ruleGroups(readOverlays()[0]!).flatMap(({ rules: all }) => all);
    const of = (name: string) =>
      rules
        .filter(({ labels }) => labels?.process === name)
        .map((rule) => ('alert' in rule ? rule.alert : rule.record));
    for (const { name } of SHOP)
      expect(of(name)).toEqual(expect.arrayContaining([FAILED.budget, SLOW.budget, 'ProcessGone']));
  });
});

describe('negative control: a name in a source', () => {
  it('is found in each form, and nowhere else', () => {
    const source = `import { Counter } from 'prom-client';
      new Counter({ name: 'a_total', labelNames: ['outcome_of'] }); gauge('b_seconds', 'Help'); counter(registry, 'c_total', 'x', ['y_z'])`;
    expect(namesIn(source)).toEqual(['a_total', 'b_seconds', 'c_total']);
    expect(namesIn("const name = { name: 'no_metric' }")).toEqual([]);
  });
});
