// An alarm by mail: when it begins, and when it is over.
import { CloudwatchMetricAlarm } from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm/index.js';
import { Construct } from 'constructs';
import { PlatformStack } from './platform-stack.ts';

export interface Metric {
  readonly namespace: string;
  readonly metricName: string;
  readonly statistic: 'Average' | 'Maximum' | 'Minimum' | 'Sum';
  readonly dimensions: Readonly<Record<string, string>>;
}

export interface AlarmProps {
  /** End of its name: `postgres-disk` makes `shop-dev-postgres-disk`. */
  readonly name: string;
  /** What is wrong, and where to begin: the text that arrives. */
  readonly says: string;
  readonly topicArn: string;
  readonly metric: Metric;
  readonly isBreached: { readonly above: number } | { readonly below: number };
  /** @default 300 */
  readonly periodSeconds?: number;
  /** How many periods in a row. @default 1 */
  readonly periods?: number;
  /** What silence of the metric means. @default all is well: errors are counted only where there are some */
  readonly silenceIs?: 'well' | 'wrong';
}

export class Alarm extends Construct {
  constructor(scope: Construct, id: string, props: AlarmProps) {
    super(scope, id);
    const { name, says, topicArn, metric, isBreached, periodSeconds = 300, periods = 1 } = props;
    const isAbove = 'above' in isBreached;
    new CloudwatchMetricAlarm(this, 'alarm', {
      alarmName: `${PlatformStack.of(this).prefix}-${name}`,
      alarmDescription: says,
      ...metric,
      dimensions: { ...metric.dimensions },
      comparisonOperator: isAbove ? 'GreaterThanThreshold' : 'LessThanThreshold',
      threshold: isAbove ? isBreached.above : isBreached.below,
      period: periodSeconds,
      evaluationPeriods: periods,
      treatMissingData: props.silenceIs === 'wrong' ? 'breaching' : 'notBreaching',
      actionsEnabled: true,
      alarmActions: [topicArn],
      okActions: [topicArn],
    });
  }
}
