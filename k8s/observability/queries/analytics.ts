// Counting, in Node: how far behind, how much, how late, and whether the results get out. From `analytics/metrics.ts` and
// `analytics/export/metrics.ts`.
import { ANALYTICS, grown, orZero, type Query } from './query.ts';

const source = { processes: ANALYTICS };

export const analytics = {
  lag: {
    title: 'Events behind',
    promql: 'sum by (process, topic) (max by (process, topic, partition) (analytics_lag_records{$scope}))',
    unit: 'short',
    about: 'Offsets between the position that is saved and the end of the partitions.',
    legend: '{{topic}}',
    source,
  },
  commits: {
    title: 'Commits',
    promql: 'sum by (process, topic) (rate(analytics_commit_duration_seconds_count{$scope}[$window]))',
    unit: 'cps',
    about: 'Batches each second that were counted and saved. None while there is lag: it does not advance.',
    legend: '{{topic}}',
    source,
  },
  commitP95: {
    title: 'Time of a commit, p95',
    promql:
      'histogram_quantile(0.95, sum by (process, topic, le) (rate(analytics_commit_duration_seconds_bucket{$scope}[$window])))',
    unit: 's',
    about: '95 % of the batches were folded and saved within this time.',
    legend: '{{topic}}',
    source,
  },
  commitFailures: {
    title: 'Commits that failed',
    promql: 'sum by (process, topic, outcome) (increase(analytics_commit_failures_total{$scope}[$window]))',
    unit: 'short',
    about:
      'fenced: another worker has the partition now. unknown: the database went away in the middle; the position tells what became of it.',
    legend: '{{topic}} {{outcome}}',
    source,
  },
  events: {
    title: 'Renditions counted',
    promql: 'sum by (process, size_label) (rate(analytics_events_total{$scope}[$window]))',
    unit: 'cps',
    about: 'Renditions each second, by size.',
    legend: '{{size_label}}',
    source,
  },
  bytes: {
    title: 'Bytes counted',
    promql: 'sum by (process, size_label) (rate(analytics_bytes_total{$scope}[$window]))',
    unit: 'binBps',
    about: 'Bytes of renditions each second, by size.',
    legend: '{{size_label}}',
    source,
  },
  activity: {
    title: 'Events of the shop counted',
    promql: 'sum by (process, kind) (rate(analytics_activity_total{$scope}[$window]))',
    unit: 'cps',
    about: 'Events each second of registrations, orders and payments, by kind.',
    legend: '{{kind}}',
    source,
  },
  late: {
    title: 'Late renditions',
    promql: orZero(`sum by (process) ${grown('analytics_late_events_total{$scope}')}`),
    unit: 'short',
    about: 'Renditions counted after their window had closed: each makes a revision.',
    legend: 'late',
    source,
  },
  repeats: {
    title: 'Repeated events dropped',
    promql: orZero('sum by (process, topic) (increase(analytics_repeated_events_total{$scope}[$window]))'),
    unit: 'short',
    about: 'Events whose id was counted before. They are expected after any crash, and cost nothing.',
    legend: '{{topic}}',
    source,
  },
  deadLetters: {
    title: 'Dead letters',
    promql: orZero(`sum by (process, topic, reason) ${grown('analytics_dead_letters_total{$scope}')}`),
    unit: 'short',
    about: 'Records that could not be counted, by the reason.',
    legend: '{{topic}} {{reason}}',
    source,
  },
  deadLettersWaiting: {
    title: 'Dead letters waiting for their topic',
    promql: 'max by (process) (analytics_dead_letters_unpublished{$scope})',
    unit: 'short',
    about: 'They are saved; the exporter publishes them.',
    legend: 'waiting',
    source,
  },
  windowDelay: {
    title: 'Window delay',
    promql: 'max by (process) (analytics_window_delay_seconds{$scope})',
    unit: 's',
    about:
      'From the end of the newest window to its first revision: lateness that is waited for, and what comes on top.',
    legend: 'delay',
    source,
  },
  revisions: {
    title: 'Revisions',
    promql: 'sum by (process) (rate(analytics_revisions_total{$scope}[$window]))',
    unit: 'cps',
    about:
      'Revisions of windows made each second: one for each window and size, more where renditions came late.',
    legend: 'revisions',
    source,
  },
  backlog: {
    title: 'Results waiting for delivery',
    promql: 'max by (process, sink) (analytics_export_backlog{$scope})',
    unit: 'short',
    about: 'Revisions, or documents of activity, that a sink has not taken yet.',
    legend: '{{sink}}',
    source,
  },
  delivered: {
    title: 'Results delivered',
    promql: 'sum by (process, sink) (rate(analytics_deliveries_total{$scope}[$window]))',
    unit: 'cps',
    about: 'Revisions, or documents of activity, that a sink took each second.',
    legend: '{{sink}}',
    source,
  },
  deliveryFailures: {
    title: 'Deliveries postponed',
    promql: 'sum by (process, sink) (increase(analytics_delivery_failures_total{$scope}[$window]))',
    unit: 'short',
    about: 'A sink did not take what it was given; it is tried again.',
    legend: '{{sink}}',
    source,
  },
  stepFailures: {
    title: 'Steps of the exporter that failed',
    promql: orZero(`sum by (process, step) ${grown('analytics_exporter_step_failures_total{$scope}')}`),
    unit: 'short',
    about:
      'Steps of closing, publishing and clearing away that failed within the window; each is tried again.',
    legend: '{{step}}',
    source,
  },
  exporters: {
    title: 'Exporters',
    promql: 'sum by (process) (analytics_exporter_leader{$scope})',
    unit: 'short',
    about: 'Workers that deliver results: one. None for a moment when it changes hands.',
    legend: 'exporters',
    source,
  },
} as const satisfies Readonly<Record<string, Query>>;
