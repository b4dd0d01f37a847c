// The second engine. Names as Flink's PrometheusReporter makes them of its metrics: scope and name joined by `_`
// (nightlies.apache.org/flink/flink-docs-release-2.2/docs/ops/metrics, "System metrics", and .../deployment/metric_reporters, "Prometheus",
// read 2026-11-28).
import type { Query } from './query.ts';

const source = { exporters: ['flink'] } as const;
const OPERATOR = 'flink_taskmanager_job_task_operator';
const TASK = 'flink_taskmanager_job_task';
const JOB = 'flink_jobmanager_job';

export const flink = {
  records: {
    title: 'Records read',
    promql: `sum by (job_name) (${OPERATOR}_numRecordsInPerSecond{operator_name=~"Source.*"})`,
    unit: 'cps',
    about: 'Records each second that the sources of a job take in.',
    legend: '{{job_name}}',
    source,
  },
  pending: {
    title: 'Records behind',
    promql: `sum by (job_name) (${OPERATOR}_pendingRecords)`,
    unit: 'short',
    about: 'Records in Kafka that the sources have not fetched yet.',
    legend: '{{job_name}}',
    source,
  },
  age: {
    title: 'Age of what is read',
    promql: `max by (job_name) (${OPERATOR}_currentEmitEventTimeLag) / 1000`,
    unit: 's',
    about:
      'How long before the clock the broker stamped the record that the slowest source has just taken in.',
    legend: '{{job_name}}',
    source,
  },
  backPressure: {
    title: 'Back pressure',
    promql: `max by (job_name, task_name) (${TASK}_backPressuredTimeMsPerSecond) / 1000`,
    unit: 'percentunit',
    about: 'Part of the time in which a task waited for those behind it.',
    legend: '{{task_name}}',
    source,
  },
  busy: {
    title: 'Busy',
    promql: `max by (job_name, task_name) (${TASK}_busyTimeMsPerSecond) / 1000`,
    unit: 'percentunit',
    about:
      'Part of the time in which the busiest subtask of a task worked. Near one it needs more parallelism.',
    legend: '{{task_name}}',
    source,
  },
  checkpointTime: {
    title: 'Time of the newest checkpoint',
    promql: `max by (job_name) (${JOB}_lastCheckpointDuration) / 1000`,
    unit: 's',
    about: 'Results are published by checkpoint: they are late by at least this.',
    legend: '{{job_name}}',
    source,
  },
  checkpointSize: {
    title: 'Size of the newest checkpoint',
    promql: `max by (job_name) (${JOB}_lastCheckpointSize)`,
    unit: 'bytes',
    about: 'State that was written. It grows with open windows and remembered ids.',
    legend: '{{job_name}}',
    source,
  },
  checkpoints: {
    title: 'Checkpoints completed',
    promql: `sum by (job_name) (increase(${JOB}_numberOfCompletedCheckpoints[$window]))`,
    unit: 'short',
    about: 'Checkpoints within the window that were completed, and whose results are published.',
    legend: '{{job_name}}',
    source,
  },
  checkpointsFailed: {
    title: 'Checkpoints failed',
    promql: `sum by (job_name) (increase(${JOB}_numberOfFailedCheckpoints[$window]))`,
    unit: 'short',
    about: 'Within the window. Nothing is lost, but nothing is published either until one succeeds.',
    legend: '{{job_name}}',
    source,
  },
  restarts: {
    title: 'Restarts of jobs',
    promql: `sum by (job_name) (increase(${JOB}_numRestarts[$window]))`,
    unit: 'short',
    about: 'How often a job began again from its newest checkpoint.',
    legend: '{{job_name}}',
    source,
  },
  heap: {
    title: 'Heap of those allowed',
    promql:
      'max by (tm_id) (flink_taskmanager_Status_JVM_Memory_Heap_Used / flink_taskmanager_Status_JVM_Memory_Heap_Max)',
    unit: 'percentunit',
    about: 'Part of the heap of each task manager that is in use. A saw-tooth is sound.',
    legend: '{{tm_id}}',
    source,
  },
} as const satisfies Readonly<Record<string, Query>>;
