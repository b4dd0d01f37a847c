// Alerts on promises that are used up too fast: over a long window, so that a single hiccup is none, and over a short one as well, so that
// the alert ends soon after the trouble (Google, "The Site Reliability Workbook", chapter 5, "Multiwindow, Multi-Burn-Rate Alerts";
// https://sre.google/workbook/alerting-on-slos, read 2026-11-28).
import { orderService } from '#contracts/shop-processes.ts';
import {
  countOver,
  EXPIRED,
  FAILED,
  type Indicator,
  ratioOver,
  SLOW,
  type Window,
} from '../queries/objectives.ts';
import { ANSWERING_NAMES } from '../queries/query.ts';
import type { Alert } from './alert.ts';

interface Speed {
  readonly factor: number;
  readonly long: Window;
  readonly short: Window;
  readonly for: string;
  readonly severity: 'critical' | 'warning';
  /** How long the whole budget lasts at that speed. */
  readonly lasts: string;
}

/** The budget is for 30 days. */
export const SPEEDS: readonly Speed[] = [
  { factor: 14.4, long: '1h', short: '5m', for: '2m', severity: 'critical', lasts: 'two days' },
  {
    factor: 6,
    long: '6h',
    short: '30m',
    for: '15m',
    severity: 'critical',
    lasts: 'five days',
  },
  { factor: 3, long: '1d', short: '2h', for: '1h', severity: 'warning', lasts: 'ten days' },
  {
    factor: 1,
    long: '3d',
    short: '6h',
    for: '3h',
    severity: 'warning',
    lasts: 'thirty days',
  },
];

/**
 * With fewer requests in the long window there is no alert: one failure of ten requests in a night is no reason to wake anybody.
 */
export const COUNT_MIN = 10;

interface Pledge {
  readonly name: string;
  readonly indicator: Indicator;
  readonly processes: readonly string[];
  readonly what: string;
  readonly page: string;
}

const PLEDGES: readonly Pledge[] = [
  {
    name: 'RequestsFail',
    indicator: FAILED,
    processes: ANSWERING_NAMES,
    what: 'requests fail',
    page: 'requests-fail',
  },
  {
    name: 'RequestsSlow',
    indicator: SLOW,
    processes: ANSWERING_NAMES,
    what: 'requests are slow',
    page: 'requests-slow',
  },
  {
    name: 'OrdersExpire',
    indicator: EXPIRED,
    processes: [orderService.name],
    what: 'orders expire because product or payment does not answer',
    page: 'orders-expire',
  },
];

export const burnRates: readonly Alert[] = PLEDGES.flatMap((pledge) =>
  SPEEDS.map((speed) => burnRate(pledge, speed)),
);

function burnRate({ name, indicator, processes, what, page }: Pledge, speed: Speed): Alert {
  const { factor, long, short, lasts } = speed;
  const over = (window: Window): string =>
    `${ratioOver(indicator, window)} > ${factor} * ${indicator.budget}`;
  return {
    name,
    severity: speed.severity,
    for: speed.for,
    promql: `${over(long)} and ${over(short)} and ${countOver(indicator, long)} >= ${COUNT_MIN}`,
    summary: `{{ $labels.process }}: ${what}`,
    description: `In {{ $labels.process }} ${what} so often that the error budget of 30 days lasts ${lasts}, over the last ${long} and the last ${short} alike (${factor} times as fast as allowed).`,
    page,
    sources: [{ processes }],
    labels: { window: long },
  };
}
