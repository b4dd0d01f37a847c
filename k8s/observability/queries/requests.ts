// RED of what answers requests: how many, how many fail, how long they take. From `runtime/http/metrics.ts`.
import { ANSWERING_NAMES, orZero, type Query } from './query.ts';

const source = { processes: ANSWERING_NAMES };
const COUNT = 'http_request_duration_seconds_count';
const BUCKET = 'http_request_duration_seconds_bucket';

const rateOf = (matchers: string, by = 'process'): string =>
  `sum by (${by}) (rate(${COUNT}{${matchers}}[$window]))`;

/** Requests that ended in a fault of ours; while there are none, zero for each service that is asked. */
const ALL = rateOf('$scope');
const FAILED = `(${rateOf('$scope, status=~"5.."')} or ${ALL} * 0)`;

/** Of a whole that may be zero. */
const ratio = (part: string, whole: string): string => `${part} / (${whole} > 0) or ${whole} * 0`;

/** A title that names its quantile, which a spec holds against the query. */
const quantile = (percent: 50 | 95 | 99): Query => ({
  title: `Time to answer, p${percent}`,
  promql: `histogram_quantile(0.${percent}, sum by (process, le) (rate(${BUCKET}{$scope}[$window])))`,
  unit: 's',
  about: `${percent} % of requests were answered within this time. It is interpolated within a bucket, and a service that nobody asked has none.`,
  legend: '{{process}}',
  source,
});

export const requests = {
  rate: {
    title: 'Requests',
    promql: ALL,
    unit: 'reqps',
    about: 'Requests answered each second; probes and scrapes do not count.',
    legend: '{{process}}',
    source,
  },
  failed: {
    title: 'Failed requests',
    promql: FAILED,
    unit: 'reqps',
    about: 'Requests each second that ended with a status of 500 or more; zero while there are none.',
    legend: '{{process}}',
    source,
  },
  failedRatio: {
    title: 'Failed requests of all',
    promql: ratio(FAILED, ALL),
    unit: 'percentunit',
    about:
      'Part of the requests that ended with a status of 500 or more. The objectives are in alerts/objectives.ts.',
    legend: '{{process}}',
    source,
  },
  refusedRatio: {
    title: 'Refused requests of all',
    promql: ratio(`(${rateOf('$scope, status=~"4..", status!="499"')} or ${ALL} * 0)`, ALL),
    unit: 'percentunit',
    about:
      'Part of the requests that ended with a status from 400 to 498: a caller’s fault, or a limit that was reached (429).',
    legend: '{{process}}',
    source,
  },
  callerLeft: {
    title: 'Callers that left',
    promql: orZero(rateOf('$scope, status="499"')),
    unit: 'reqps',
    about:
      'Requests each second whose caller went away before the answer was out: often a sign that answers take too long.',
    legend: '{{process}}',
    source,
  },
  byRoute: {
    title: 'Requests by route',
    promql: rateOf('$scope', 'process, method, route'),
    unit: 'reqps',
    about: 'Requests each second by the route’s template.',
    legend: '{{process}} {{method}} {{route}}',
    source,
  },
  byStatus: {
    title: 'Requests by status',
    promql: rateOf('$scope', 'process, status'),
    unit: 'reqps',
    about: 'Requests each second by the status of their answer; 499: the caller left.',
    legend: '{{process}} {{status}}',
    source,
  },
  p50: quantile(50),
  p95: quantile(95),
  p99: quantile(99),
  p95ByRoute: {
    title: 'Time to answer by route, p95',
    promql: `histogram_quantile(0.95, sum by (process, method, route, le) (rate(${BUCKET}{$scope}[$window])))`,
    unit: 's',
    about: '95 % of the requests of a route were answered within this time.',
    legend: '{{process}} {{method}} {{route}}',
    source,
  },
  /** For a heat map. */
  durations: {
    title: 'Time to answer, all requests',
    promql: `sum by (le) (increase(${BUCKET}{$scope}[$window]))`,
    unit: 's',
    about: 'How many requests took how long: two bands mean that two kinds of requests are served.',
    legend: '{{le}}',
    source,
  },
  inFlight: {
    title: 'Requests in progress',
    promql: 'sum by (process) (http_requests_in_flight{$scope})',
    unit: 'short',
    about:
      'Requests that have arrived and are not yet answered. It grows without bound where a service waits for something that is away.',
    legend: '{{process}}',
    source,
  },
} as const satisfies Readonly<Record<string, Query>>;
