// Work by the clock. From `runtime/jobs.ts`.
import { grown, orZero, type Query } from './query.ts';

/** Those that have some; a spec holds it against their sources. */
const source = { processes: ['user', 'cart', 'order', 'payment', 'notification'] };

export const jobs = {
  done: {
    title: 'Runs of jobs',
    promql: 'sum by (process, job) (rate(job_runs_total{$scope, outcome="done"}[$window]))',
    unit: 'cps',
    about: 'Runs each second that were done, over all replicas.',
    legend: '{{process}} {{job}}',
    source,
  },
  failed: {
    title: 'Failed runs of jobs',
    promql: orZero(`sum by (process, job) ${grown('job_runs_total{$scope, outcome="failed"}')}`),
    unit: 'short',
    about:
      'Runs within the window that failed. A job is tried again a second later: one is nothing, many in a row are.',
    legend: '{{process}} {{job}}',
    source,
  },
} as const satisfies Readonly<Record<string, Query>>;
