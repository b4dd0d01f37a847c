import { fires, growing, type Proof, type SeriesOverTime, silent, still } from './proof.ts';

const TOPIC = 'product-images.processed';
const lag = (values: string): SeriesOverTime => ({
  [`analytics_lag_records{process="analytics",topic="${TOPIC}",partition="0"}`]: values,
});
const commits = (values: string): SeriesOverTime => ({
  [`analytics_commit_duration_seconds_count{process="analytics",topic="${TOPIC}"}`]: values,
});
const ofSink = (metric: string, values: string): SeriesOverTime => ({
  [`${metric}{process="analytics",sink="firestore"}`]: values,
});
const plain = (metric: string, values: string, labels = ''): SeriesOverTime => ({
  [`${metric}{process="analytics"${labels}}`]: values,
});
const job = (metric: string, values: string): SeriesOverTime => ({
  [`flink_jobmanager_job_${metric}{job_name="image-bytes"}`]: values,
});
const OF_TOPIC = { process: 'analytics', topic: TOPIC };
const OF_SINK = { process: 'analytics', sink: 'firestore' };
const OF_JOB = { job_name: 'image-bytes' };

export const analytics: readonly Proof[] = [
  {
    alert: 'AnalyticsLag',
    cases: [
      fires('it is slower than what comes', 30, lag(growing(2_000)), OF_TOPIC),
      silent('a worker came back and catches up', 30, lag('20000-4000x5 0+0x40')),
    ],
  },
  {
    alert: 'AnalyticsStands',
    cases: [
      fires('records wait and none is saved', 25, { ...lag(still(5)), ...commits('0+1x5 5+0x40') }, OF_TOPIC),
      silent('few come, and each is saved', 25, { ...lag('0 1 0 1 0+0x40'), ...commits(growing(1)) }),
      silent('none comes', 25, { ...lag(still(0)), ...commits(still(5)) }),
    ],
  },
  {
    alert: 'AnalyticsDeadLetters',
    cases: [
      fires(
        'a record is no event',
        8,
        {
          ...plain('analytics_dead_letters_total', '_x5 1+0x20', `,topic="${TOPIC}",reason="bad-json"`),
          ...plain('process_start_time_seconds', still(1)),
        },
        { ...OF_TOPIC, reason: 'bad-json' },
      ),
      silent('none is', 8, plain('process_start_time_seconds', still(1))),
    ],
  },
  {
    alert: 'ExportStands',
    cases: [
      fires(
        'a sink takes nothing',
        25,
        {
          ...ofSink('analytics_export_backlog', growing(2)),
          ...ofSink('analytics_deliveries_total', '0+2x5 10+0x40'),
        },
        OF_SINK,
      ),
      silent('it takes what comes', 25, {
        ...ofSink('analytics_export_backlog', still(2)),
        ...ofSink('analytics_deliveries_total', growing(2)),
      }),
    ],
  },
  {
    alert: 'ExportBacklog',
    cases: [
      fires(
        'results are made faster than taken',
        40,
        ofSink('analytics_export_backlog', growing(1_000)),
        OF_SINK,
      ),
      silent('a replay was taken', 40, ofSink('analytics_export_backlog', '9000-3000x3 0+0x60')),
    ],
  },
  {
    alert: 'DeadLettersUnpublished',
    cases: [
      fires('their topic is missing', 20, plain('analytics_dead_letters_unpublished', still(1)), {
        process: 'analytics',
      }),
      silent('they went out', 20, plain('analytics_dead_letters_unpublished', '1+0x2 0+0x30')),
    ],
  },
  {
    alert: 'NobodyExports',
    cases: [
      fires('no worker leads', 10, plain('analytics_exporter_leader', still(0)), { process: 'analytics' }),
      silent('one of two does', 10, {
        ...plain('analytics_exporter_leader', still(0), ',instance="a"'),
        ...plain('analytics_exporter_leader', still(1), ',instance="b"'),
      }),
    ],
  },
  {
    alert: 'WindowsLate',
    cases: [
      fires('the exporter was away for long', 15, plain('analytics_window_delay_seconds', still(900)), {
        process: 'analytics',
      }),
      silent('windows come within seconds', 15, plain('analytics_window_delay_seconds', still(6))),
    ],
  },
  {
    alert: 'FlinkCheckpointsFail',
    cases: [
      fires(
        'none succeeds',
        20,
        {
          ...job('numberOfFailedCheckpoints', growing(1)),
          ...job('numberOfCompletedCheckpoints', still(40)),
        },
        OF_JOB,
      ),
      silent('one of many failed', 20, {
        ...job('numberOfFailedCheckpoints', '0+0x5 1+0x30'),
        ...job('numberOfCompletedCheckpoints', growing(6)),
      }),
    ],
  },
  {
    alert: 'FlinkRestarts',
    cases: [
      fires('it begins again each minute', 20, job('numRestarts', growing(1)), OF_JOB),
      silent('it began again once', 20, job('numRestarts', '0+0x5 1+0x30')),
    ],
  },
];
