// Counting that falls behind or makes no progress, results that are not delivered; on both engines.
import { analytics as counting } from '../queries/analytics.ts';
import { flink } from '../queries/flink.ts';
import { type Alert, alertOf, alertOn, part } from './alert.ts';

const lag = alertOn(counting.lag, '5m', '> 10000', {
  name: 'AnalyticsLag',
  severity: 'warning',
  for: '10m',
  summary: '{{ $labels.process }} is behind with {{ $labels.topic }}',
  description:
    '{{ $labels.process }} has more than ten thousand records of {{ $labels.topic }} before it for ten minutes: totals are late, and none is wrong.',
  page: 'consumer-lag',
});

const stands = alertOf(
  [counting.lag, counting.commits],
  `${part(counting.lag)} > 0 unless on (process, topic) ${part(counting.commits, '10m')} > 0`,
  {
    name: 'AnalyticsStands',
    severity: 'critical',
    for: '5m',
    summary: '{{ $labels.process }} counts nothing of {{ $labels.topic }}',
    description:
      'Records of {{ $labels.topic }} wait, and {{ $labels.process }} has saved none within ten minutes.',
    page: 'consumer-stands',
  },
);

const deadLetters = alertOn(counting.deadLetters, '15m', '> 0', {
  name: 'AnalyticsDeadLetters',
  severity: 'warning',
  for: '0m',
  summary: '{{ $labels.process }} could not count records of {{ $labels.topic }}',
  description:
    '{{ $labels.process }} refused records of {{ $labels.topic }} within a quarter of an hour: {{ $labels.reason }}.',
  page: 'dead-letters',
});

const EXPORT = 'export-backlog';
const backlog = alertOf(
  [counting.backlog, counting.delivered],
  `${part(counting.backlog)} > 0 unless on (process, sink) ${part(counting.delivered, '10m')} > 0`,
  {
    name: 'ExportStands',
    severity: 'critical',
    for: '5m',
    summary: '{{ $labels.process }} delivers nothing to {{ $labels.sink }}',
    description:
      'Results wait for {{ $labels.sink }}, and {{ $labels.process }} has delivered none there within ten minutes.',
    page: EXPORT,
  },
);
const many = alertOn(counting.backlog, '5m', '> 5000', {
  name: 'ExportBacklog',
  severity: 'warning',
  for: '15m',
  summary: '{{ $labels.process }} is behind with {{ $labels.sink }}',
  description:
    'More than five thousand results of {{ $labels.process }} wait for {{ $labels.sink }} for a quarter of an hour: they are made faster than delivered.',
  page: EXPORT,
});
const unpublished = alertOn(counting.deadLettersWaiting, '5m', '> 0', {
  name: 'DeadLettersUnpublished',
  severity: 'warning',
  for: '15m',
  summary: '{{ $labels.process }} keeps dead letters to itself',
  description:
    '{{ $labels.process }} saved dead letters, and has not brought them to their topics for a quarter of an hour.',
  page: EXPORT,
});
const nobody = alertOn(counting.exporters, '5m', '== 0', {
  name: 'NobodyExports',
  severity: 'critical',
  for: '5m',
  summary: '{{ $labels.process }}: nobody delivers results',
  description:
    'No program of {{ $labels.process }} has been the exporter for five minutes: closed windows are published nowhere.',
  page: EXPORT,
});

const delay = alertOn(counting.windowDelay, '5m', '> 300', {
  name: 'WindowsLate',
  severity: 'warning',
  for: '10m',
  summary: '{{ $labels.process }} publishes windows late',
  description:
    'The newest window of {{ $labels.process }} was published more than five minutes after its end, where seconds are usual.',
  page: 'windows-late',
});

const FLINK = 'flink-job';
const checkpoints = alertOf(
  [flink.checkpointsFailed, flink.checkpoints],
  `${part(flink.checkpointsFailed, '15m')} >= 2 unless on (job_name) ${part(flink.checkpoints, '15m')} > 0`,
  {
    name: 'FlinkCheckpointsFail',
    severity: 'critical',
    for: '1m',
    summary: 'The Flink job {{ $labels.job_name }} makes no checkpoints',
    description:
      'Checkpoints of the Flink job {{ $labels.job_name }} failed within a quarter of an hour, and none was completed: it publishes nothing.',
    page: FLINK,
  },
);
const restarts = alertOn(flink.restarts, '15m', '>= 3', {
  name: 'FlinkRestarts',
  severity: 'warning',
  for: '0m',
  summary: 'The Flink job {{ $labels.job_name }} begins again and again',
  description:
    'The Flink job {{ $labels.job_name }} restarted three times or more within a quarter of an hour.',
  page: FLINK,
});

export const analytics: readonly Alert[] = [
  lag,
  stands,
  deadLetters,
  backlog,
  many,
  unpublished,
  nobody,
  delay,
  checkpoints,
  restarts,
];
