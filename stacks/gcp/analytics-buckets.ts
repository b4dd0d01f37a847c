// The buckets of the analytics side, and how long each keeps what.
import { Construct } from 'constructs';
import { AnalyticsBucket, type AnalyticsBucketProps } from './analytics-bucket.ts';
import type { AnalyticsKey } from './analytics-key.ts';

export class AnalyticsBuckets extends Construct {
  /** Published windows: one object for each revision, never overwritten. */
  readonly results: AnalyticsBucket;
  /** Flink's checkpoints and savepoints. */
  readonly checkpoints: AnalyticsBucket;
  /** What jobs are made of, Dataproc's own notes on the cluster, and what drivers print. */
  readonly staging: AnalyticsBucket;
  /** What nodes run as they start. */
  readonly initScripts: AnalyticsBucket;
  /** YARN's logs and job histories. */
  readonly temporary: AnalyticsBucket;

  constructor(scope: Construct, id: string, key: AnalyticsKey) {
    super(scope, id);
    const make = (name: string, props: Omit<AnalyticsBucketProps, 'key'>) =>
      new AnalyticsBucket(this, name, { key, ...props });
    this.results = make('results', { purpose: 'flink-results', olderVersionDays: 90 });
    this.checkpoints = make('checkpoints', {
      purpose: 'flink-checkpoints',
      // Flink deletes what newer checkpoints replace: a day to undo a mistake, since all of the state passes through here.
      olderVersionDays: 1,
      undoesDeletion: false,
      // Never a checkpoint by its age: incremental ones share files that are as old as the state in them.
      deletes: [{ afterDays: 90, prefix: 'savepoints/' }],
    });
    // No age either: nodes that join a cluster later read what its first ones left here.
    this.staging = make('staging', { purpose: 'flink-staging', olderVersionDays: 30 });
    this.initScripts = make('init-scripts', { purpose: 'flink-init', olderVersionDays: 30 });
    this.temporary = make('temporary', {
      purpose: 'flink-temporary',
      olderVersionDays: 1,
      undoesDeletion: false,
      // As Dataproc does with a temporary bucket that it makes itself (Dataproc, "Staging and temp buckets").
      deletes: [{ afterDays: 90 }],
    });
  }
}
