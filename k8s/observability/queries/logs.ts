// Questions to Loki, in LogQL. Streams have the labels that Alloy sets: `process` and `level`; everything else is a field of the line
// (`runtime/log.ts`).

import { imageRenditions } from '#contracts/processes.ts';

export interface LogQuery {
  readonly title: string;
  /** `$scope` and `$window` as in Prometheus's. */
  readonly logql: string;
  /** Whether it gives lines, or numbers made of them. */
  readonly gives: 'lines' | 'series';
  readonly about: string;
  readonly legend: string;
  /** Whether its lines are in Loki only where the image function runs in the cluster: else they are in CloudWatch. @default false */
  readonly isOfFunction?: boolean;
}

export const logs = {
  byLevel: {
    title: 'Lines by level',
    logql: 'sum by (process, level) (count_over_time({$scope}[$window]))',
    gives: 'series',
    about:
      'How much each process writes, by level. A process that falls silent shows as much as one that shouts.',
    legend: '{{process}} {{level}}',
  },
  troubles: {
    title: 'Warnings and errors',
    logql: '{$scope, level=~"warn|error|fatal"} | json | line_format "{{.process}} {{.msg}} {{.reason}}"',
    gives: 'lines',
    about: 'What went wrong, newest first. Open a line for its fields; `traceId` leads to the trace.',
    legend: '',
  },
  rejectedUploads: {
    title: 'Uploads rejected, by reason',
    logql: `sum by (reason) (count_over_time({process="${imageRenditions.name}"} |= "upload rejected" | json [$window]))`,
    gives: 'series',
    about:
      'Files that the function refused and set aside. Its lines are in Loki where the function runs in the cluster, else in CloudWatch.',
    legend: '{{reason}}',
  },
  function: {
    title: 'What the function says',
    logql: `{process="${imageRenditions.name}"} | json`,
    gives: 'lines',
    about: 'Uploads that became renditions, were rejected or failed.',
    legend: '',
    isOfFunction: true,
  },
  deadLetters: {
    title: 'Records sent to the dead letters',
    logql: '{$scope, level="error"} |= "record sent to the dead letters" | json',
    gives: 'lines',
    about: 'Each with topic, partition, offset and the reason.',
    legend: '',
  },
} as const satisfies Readonly<Record<string, LogQuery>>;
