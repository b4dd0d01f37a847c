// Tells when the analytics worker is gone, full, or in trouble. Metrics and resource: Google Cloud, "Cloud Run metrics", worker pools.
import { Construct } from 'constructs';
import { GoogleAlarm } from '../constructs/google-alarm.ts';

export interface WorkerAlarmsProps {
  readonly channel: string;
  /** Of the pool. */
  readonly name: string;
  readonly instanceCount: number;
}

export class WorkerAlarms extends Construct {
  constructor(scope: Construct, id: string, { channel, name, instanceCount }: WorkerAlarmsProps) {
    super(scope, id);
    const ofPool = `resource.type = "cloud_run_worker_pool" AND resource.labels.worker_pool_name = "${name}"`;
    const metric = (type: string) => `${ofPool} AND metric.type = "run.googleapis.com/container/${type}"`;
    new GoogleAlarm(this, 'gone', {
      title: 'analytics worker gone',
      says: 'Fewer instances run than are asked for: see the revision’s log for why they end or do not start.',
      channel,
      when: {
        filter: metric('instance_count'),
        aligner: 'ALIGN_MAX',
        reducer: 'REDUCE_SUM',
        isBreached: { below: instanceCount },
        forSeconds: 600,
        isSilenceWrong: true,
      },
    });
    new GoogleAlarm(this, 'memory', {
      title: 'analytics worker full',
      says: 'Its memory is nearly used up: raise `gcp.worker.memory`, or see what it holds (`/metrics`).',
      channel,
      when: {
        filter: metric('memory/utilizations'),
        aligner: 'ALIGN_PERCENTILE_99',
        isBreached: { above: 0.9 },
        forSeconds: 600,
      },
    });
    new GoogleAlarm(this, 'errors', {
      title: 'analytics worker in trouble',
      says: 'It logged an error; at most one mail an hour. See its log, then docs/runbooks.',
      channel,
      // Our lines say it in a word of their own (runtime/log.ts), which Cloud Logging does not take for a severity.
      when: {
        logFilter: `${ofPool} AND (severity >= ERROR OR jsonPayload.level = "error" OR jsonPayload.level = "fatal")`,
      },
    });
  }
}
