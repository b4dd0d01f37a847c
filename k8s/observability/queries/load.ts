// The load that k6 makes, by its remote-write output (grafana.com/docs/k6/latest/results-output/real-time/prometheus-remote-write,
// "Metrics mapping", read 2026-11-28).
import type { Query } from './query.ts';

const source = { exporters: ['k6'] } as const;

export const load = {
  users: {
    title: 'Virtual users',
    promql: 'max by (testid) (k6_vus)',
    unit: 'short',
    about: 'Users that k6 plays at the moment.',
    legend: '{{testid}}',
    source,
  },
  requests: {
    title: 'Requests made',
    promql: 'sum by (name) (rate(k6_http_reqs_total[$window]))',
    unit: 'reqps',
    about: 'Requests each second that k6 made, by the scenario’s name for them.',
    legend: '{{name}}',
    source,
  },
  failed: {
    title: 'Requests failed',
    promql: 'max by (name) (k6_http_req_failed_rate)',
    unit: 'percentunit',
    about: 'Part of k6’s requests that did not end as expected.',
    legend: '{{name}}',
    source,
  },
  p99: {
    title: 'Time of requests as k6 saw it, p99',
    promql: 'max by (name) (k6_http_req_duration_p99)',
    unit: 's',
    about: '99 % of the requests took no longer, with everything between k6 and the service.',
    legend: '{{name}}',
    source,
  },
} as const satisfies Readonly<Record<string, Query>>;
