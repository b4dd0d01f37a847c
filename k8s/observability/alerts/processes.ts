// Processes that are gone, and scheduled jobs that do not succeed.

import { platformConsole } from '#contracts/processes.ts';
import { orderService } from '#contracts/shop-processes.ts';
import { jobs } from '../queries/jobs.ts';
import { programs } from '../queries/programs.ts';
import { SCRAPED_NAMES } from '../queries/query.ts';
import { type Alert, alertOf, part } from './alert.ts';

const isAbsent = (name: string): string =>
  `absent(${programs.running.promql.replaceAll('$scope', `process="${name}"`)})`;

/** One for each process: of what is gone no series is left that could name it. */
const gone: readonly Alert[] = SCRAPED_NAMES.map((name) => ({
  name: 'ProcessGone',
  severity: 'critical',
  for: '3m',
  promql: isAbsent(name),
  summary: `${name} is gone`,
  description: `No metrics of ${name} can be read: none of its programs runs, or nobody reaches them.`,
  page: 'process-gone',
  sources: [{ processes: [name] }],
  labels: { process: name },
}));

/** It is only on AWS and has one replica; customers can buy without it. */
const consoleGone: Alert = {
  name: 'ConsoleGone',
  severity: 'warning',
  for: '10m',
  promql: isAbsent(platformConsole.name),
  summary: 'console is gone: the platform pages show nothing',
  description:
    'No metrics of the console can be read: it does not run, or nobody reaches it. The shop and all counting go on.',
  page: 'process-gone',
  sources: [{ processes: [platformConsole.name] }],
  only: 'aws',
  labels: { process: platformConsole.name },
};

const PAGE = 'job-failing';
/** Hourly jobs are begun again each second while they fail, so a quarter of an hour covers all. */
const failing = alertOf(
  [jobs.failed, jobs.done],
  `${part(jobs.failed, '15m')} >= 5 unless on (process, job) ${part(jobs.done, '15m')} > 0`,
  {
    name: 'JobFailing',
    severity: 'warning',
    for: '5m',
    summary: '{{ $labels.process }}: the job {{ $labels.job }} fails',
    description:
      'The job {{ $labels.job }} of {{ $labels.process }} failed again and again within a quarter of an hour, and was not done once.',
    page: PAGE,
  },
);

/** Beside failing it may hang; this one may not, since it is what gives stock back. */
const EXPIRY = `process="${orderService.name}", job="expiry"`;
const expiryStands = alertOf(
  [jobs.done],
  `sum by (process, job) (increase(job_runs_total{${EXPIRY}, outcome="done"}[10m])) == 0`,
  {
    name: 'OrderExpiryStands',
    severity: 'critical',
    for: '5m',
    summary: '{{ $labels.process }}: overdue orders are not cancelled',
    description:
      'The job {{ $labels.job }} of {{ $labels.process }} was not done for a quarter of an hour, and is due every ten seconds: orders that nobody pays hold their stock.',
    page: PAGE,
  },
);

export const processes: readonly Alert[] = [...gone, consoleGone, failing, expiryStands];
