// Promises and how fast they are used up. The parts are recorded over five minutes and averaged over longer windows, which costs less
// than reading raw samples of three days; alerts, panels and specs ask what is recorded.
import { orderService } from '#contracts/shop-processes.ts';
import { ANSWERING_NAMES, ask, type Query } from './query.ts';
import { requests } from './requests.ts';

/** Over which burn rates are watched. */
export const WINDOWS = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'] as const;
export type Window = (typeof WINDOWS)[number];

/** What is promised: a part of a whole that may go wrong. */
export interface Indicator {
  /** Recorded as `process:<part>:rate<window>`. */
  readonly part: string;
  readonly whole: string;
  /** Recorded as such, for each process that promises it. */
  readonly budget: string;
}

const recorded = (what: string, window: Window): string => `process:${what}:rate${window}`;

export const FAILED: Indicator = {
  part: 'http_requests_failed',
  whole: 'http_requests',
  budget: 'process:http_requests_failed_budget:ratio',
};
export const SLOW: Indicator = {
  part: 'http_requests_slow',
  whole: 'http_requests',
  budget: 'process:http_requests_slow_budget:ratio',
};
export const EXPIRED: Indicator = {
  part: 'orders_expired',
  whole: 'orders_ended',
  budget: 'process:orders_expired_budget:ratio',
};

/** A part of the whole, over a window. */
export const ratioOver = ({ part, whole }: Indicator, window: Window): string =>
  `${recorded(part, window)} / ${recorded(whole, window)}`;
/** How often a part was recorded: a fixed pace makes a count of a sum of rates. */
export const RECORDED_EVERY_S = 60;
/** How many there were of a part. A mean times its window would include hours that are not recorded yet. */
export const countOver = ({ part }: Indicator, window: Window): string =>
  `sum_over_time(${recorded(part, '5m')}[${window}]) * ${RECORDED_EVERY_S}`;

const ENDED = 'status=~"confirmed|cancelled"';
const orderRate = (matchers: string): string =>
  `sum by (process) (rate(order_transitions_total{$scope, ${matchers}}[$window]))`;

/**
 * A bound as Prometheus has it: before version 3 as the process writes it (`1`), from then on as OpenMetrics writes it (`1.0`;
 * prometheus.io/docs/prometheus/latest/migration, "le and quantile label values", read 2026-11-28).
 */
const boundOf = (seconds: number): string =>
  Number.isInteger(seconds) ? `le=~"${seconds}(\\\\.0)?"` : `le="${seconds}"`;

/** Requests a second that took longer than they should; the bound is one of the buckets. */
const slower = (process: string, seconds: number): string => {
  const of = `process="${process}"`;
  const all = `sum by (process) (rate(http_request_duration_seconds_count{${of}}[$window]))`;
  const within = `http_request_duration_seconds_bucket{${of}, ${boundOf(seconds)}}`;
  return `${all} - sum by (process) (rate(${within}[$window]))`;
};

/** One recorded series, or one for each process. */
export interface Recorded {
  readonly record: string;
  readonly promql: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** What is recorded of parts and wholes over five minutes, by its name. */
export const recordedParts = (slowS: (process: string) => number): readonly Recorded[] => {
  const over = (promql: string): string => ask({ promql }, { window: '5m' });
  const record = (what: string): string => recorded(what, '5m');
  return [
    { record: record(FAILED.whole), promql: over(requests.rate.promql) },
    { record: record(FAILED.part), promql: over(requests.failed.promql) },
    ...ANSWERING_NAMES.map((name) => ({
      record: record(SLOW.part),
      promql: over(slower(name, slowS(name))),
      // Promises differ, so each has a rule; the label distinguishes them for a reader of the rules.
      labels: { process: name },
    })),
    { record: record(EXPIRED.whole), promql: over(orderRate(ENDED)) },
    {
      record: record(EXPIRED.part),
      promql: over(`${orderRate('reason="expired"')} or ${orderRate(ENDED)} * 0`),
    },
  ];
};

/** Longer windows are means of the shortest. */
export const recordedMeans = (): readonly Recorded[] =>
  WINDOWS.slice(1).flatMap((window) =>
    [FAILED.whole, FAILED.part, SLOW.part, EXPIRED.whole, EXPIRED.part].map((what) => ({
      record: recorded(what, window),
      promql: `avg_over_time(${recorded(what, '5m')}[${window}])`,
    })),
  );

const burn = (
  indicator: Indicator,
  window: Window,
  title: string,
  what: string,
  processes = ANSWERING_NAMES,
) =>
  ({
    title,
    promql: `(${ratioOver(indicator, window)} >= 0) / ${indicator.budget} or ${recorded(indicator.part, window)} * 0`,
    unit: 'short',
    about: `How many times faster than allowed the budget for ${what} is used up: at 1 it lasts exactly 30 days, at 14.4 a fiftieth of it goes in an hour. The promises are in k8s/observability/alerts/objectives.ts.`,
    legend: '{{process}}',
    source: { processes },
  }) as const satisfies Query;

export const objectives = {
  failed: burn(FAILED, '1h', 'Budget for failures, burn rate over 1 h', 'failed requests'),
  slow: burn(SLOW, '1h', 'Budget for slowness, burn rate over 1 h', 'slow requests'),
  failedLong: burn(FAILED, '3d', 'Budget for failures, burn rate over 3 d', 'failed requests'),
  expired: burn(EXPIRED, '1h', 'Budget for expired orders, burn rate over 1 h', 'expired orders', [
    orderService.name,
  ]),
} as const satisfies Readonly<Record<string, Query>>;
