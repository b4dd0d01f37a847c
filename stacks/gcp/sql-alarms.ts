// Alarms before the windows stop coming: the analytics database is away, full or overloaded.
// Metrics: Google Cloud, "Google Cloud metrics", Cloud SQL.
import { Construct } from 'constructs';
import { GoogleAlarm, type MetricBound } from '../constructs/google-alarm.ts';

const QUARTER_SECONDS = 900;

export interface SqlAlarmsProps {
  readonly channel: string;
  /** `project:instance`, as the metrics call it. */
  readonly databaseId: string;
}

export class SqlAlarms extends Construct {
  constructor(scope: Construct, id: string, { channel, databaseId }: SqlAlarmsProps) {
    super(scope, id);
    const filter = (metric: string) =>
      `resource.type = "cloudsql_database" AND resource.labels.database_id = "${databaseId}" AND metric.type = "cloudsql.googleapis.com/database/${metric}"`;
    const alarm = (name: string, title: string, says: string, when: MetricBound) =>
      new GoogleAlarm(this, name, { title, says, channel, when });
    alarm('disk', 'analytics database nearly full', 'Its disk has not grown: raise `diskGibMax`.', {
      filter: filter('disk/utilization'),
      aligner: 'ALIGN_MAX',
      isBreached: { above: 0.9 },
      forSeconds: QUARTER_SECONDS,
    });
    alarm('processor', 'analytics database hot', 'Busy for a quarter of an hour: see Query Insights.', {
      filter: filter('cpu/utilization'),
      aligner: 'ALIGN_MEAN',
      isBreached: { above: 0.9 },
      forSeconds: QUARTER_SECONDS,
    });
    alarm('away', 'analytics database away', 'It does not answer: see its operations and its log.', {
      filter: filter('up'),
      aligner: 'ALIGN_MIN',
      isBreached: { below: 1 },
      forSeconds: 300,
      isSilenceWrong: true,
    });
  }
}
