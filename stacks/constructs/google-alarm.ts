// An alarm of Google Cloud by mail: a metric beyond its limit for a while, or a line in a log.
import {
  MonitoringAlertPolicy,
  type MonitoringAlertPolicyConditions,
} from '@cdktf/provider-google/lib/monitoring-alert-policy/index.js';
import { Construct } from 'constructs';
import { PlatformStack } from './platform-stack.ts';
import { labelsOf } from './providers.ts';

/** A bound that a metric must not pass. */
export interface MetricBound {
  /** As Cloud Monitoring writes filters: metric and resource. */
  readonly filter: string;
  readonly aligner: 'ALIGN_MAX' | 'ALIGN_MEAN' | 'ALIGN_MIN' | 'ALIGN_PERCENTILE_99';
  /** Over all series. @default each series alone */
  readonly reducer?: 'REDUCE_SUM' | 'REDUCE_MAX';
  readonly isBreached: { readonly above: number } | { readonly below: number };
  readonly forSeconds: number;
  /** Whether silence of the metric is a breach as well. @default false */
  readonly isSilenceWrong?: boolean;
}

export interface GoogleAlarmProps {
  /** Of the alarm, for people: `shop-dev: <title>`. */
  readonly title: string;
  /** What is wrong, and where to begin: the text that arrives. */
  readonly says: string;
  /** Full name of the channel. */
  readonly channel: string;
  readonly when: MetricBound | { readonly logFilter: string };
}

const PERIOD_SECONDS = 60;

export class GoogleAlarm extends Construct {
  constructor(scope: Construct, id: string, { title, says, channel, when }: GoogleAlarmProps) {
    super(scope, id);
    const stack = PlatformStack.of(this);
    const displayName = `${stack.prefix}: ${title}`;
    new MonitoringAlertPolicy(this, 'policy', {
      displayName,
      combiner: 'OR',
      enabled: true,
      conditions:
        'logFilter' in when
          ? [logCondition(displayName, when.logFilter)]
          : boundConditions(displayName, when),
      notificationChannels: [channel],
      documentation: { content: says, mimeType: 'text/markdown' },
      // A log says the same thing a thousand times; such a policy must have a limit (Cloud Monitoring, "Configure log-based alerts").
      alertStrategy:
        'logFilter' in when
          ? { autoClose: '86400s', notificationRateLimit: { period: '3600s' } }
          : { autoClose: '86400s' },
      userLabels: labelsOf(stack),
    });
  }
}

const logCondition = (displayName: string, filter: string): MonitoringAlertPolicyConditions => ({
  displayName,
  conditionMatchedLog: { filter },
});

function boundConditions(displayName: string, bound: MetricBound): MonitoringAlertPolicyConditions[] {
  const { filter, aligner, reducer, isBreached, forSeconds, isSilenceWrong } = bound;
  const aggregations = [
    {
      alignmentPeriod: `${PERIOD_SECONDS}s`,
      perSeriesAligner: aligner,
      ...(reducer ? { crossSeriesReducer: reducer } : {}),
    },
  ];
  const isAbove = 'above' in isBreached;
  const beyond: MonitoringAlertPolicyConditions = {
    displayName,
    conditionThreshold: {
      filter,
      aggregations,
      comparison: isAbove ? 'COMPARISON_GT' : 'COMPARISON_LT',
      thresholdValue: isAbove ? isBreached.above : isBreached.below,
      duration: `${forSeconds}s`,
    },
  };
  if (!isSilenceWrong) return [beyond];
  return [
    beyond,
    {
      displayName: `${displayName} (nothing is heard)`,
      conditionAbsent: { filter, aggregations, duration: `${forSeconds}s` },
    },
  ];
}
