// What a question to Prometheus is: written once, and asked by panels, alerts and specs alike.
import { analyticsWorker } from '#contracts/processes.ts';
import { SERVICES, SHOP } from '#contracts/shop-processes.ts';

/** As Grafana names units (`@grafana/grafana-foundation-sdk/units`). */
export type Unit =
  | 'short'
  | 'reqps'
  | 'cps'
  | 'percentunit'
  | 's'
  | 'bytes'
  | 'binBps'
  | 'cores'
  | 'currencyUSD';

/** Programs of others whose metrics are asked for; test/observability/fixtures stands in for each where it does not run. */
export type Exporter =
  | 'flink'
  | 'kube-state-metrics'
  | 'cadvisor'
  | 'node-exporter'
  | 'msk-jmx'
  | 'k6'
  | 'kubelet'
  | 'blackbox';

/** Who has the metrics that a query reads. */
export type Source =
  /** Processes of ours: each must have a series in the answer while the shop is used. */
  { readonly processes: readonly string[] } | { readonly exporters: readonly Exporter[] };

export interface Query {
  /** Of a panel. */
  readonly title: string;
  /** `$scope` is a place for label matchers that choose processes, `$window` for a duration: see `ask`. */
  readonly promql: string;
  readonly unit: Unit;
  /** What a reader of the panel or the alert must know: what it counts, and when to worry. */
  readonly about: string;
  /** Of a series, as Grafana writes it: `{{process}}`. */
  readonly legend: string;
  readonly source: Source;
}

export interface Asking {
  /** Label matchers. @default of every process */
  readonly scope?: string;
  /** Over which a rate is taken, such as `5m`. */
  readonly window: string;
}

/** A query as Prometheus or Grafana is asked. */
export const ask = ({ promql }: Pick<Query, 'promql'>, { scope = EVERY_PROCESS, window }: Asking): string =>
  promql.replaceAll('$scope', () => scope).replaceAll('$window', () => window);

/** Matches every series of ours, and none of others. */
const EVERY_PROCESS = 'process!=""';

/** What answers customers: the services and the storefront. */
export const ANSWERING_NAMES: readonly string[] = SHOP.map(({ name }) => name);
/** The services of the shop, which answer requests and publish from an outbox. */
export const SERVICE_NAMES: readonly string[] = SERVICES.map(({ name }) => name);
/** Services that consume events by the careful consumer. */
export const CONSUMER_NAMES: readonly string[] = SERVICES.filter(({ consumes }) => consumes.length > 0).map(
  ({ name }) => name,
);
export const ANALYTICS: readonly string[] = [analyticsWorker.name];
/** Everything that answers `/metrics`, but for the console: that is on AWS alone. */
export const SCRAPED_NAMES: readonly string[] = [...ANSWERING_NAMES, ...ANALYTICS];

/**
 * Zero where an expression has no series of a running process: what never happened has no series, and a panel would be
 * empty where it should say none. The expression must keep the label `process`.
 */
export const orZero = (promql: string): string =>
  `(${promql}) or on (process) max by (process) (process_start_time_seconds{$scope}) * 0`;

/**
 * By how much a counter grew over the window, its first value included: `increase` alone takes a series that appears, with the first
 * event of its kind, for one that did not grow.
 * @param selector of series, such as `job_runs_total{$scope, outcome="failed"}`
 */
export const grown = (selector: string): string =>
  `((${selector} unless ${selector} offset $window) or increase(${selector}[$window]))`;
