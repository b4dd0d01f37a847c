// What runs on Google Cloud once the tunnels exist: the analytics workers, and the Flink job where it counts images in their place.
import { TerraformOutput } from 'cdktf';
import type { Construct } from 'constructs';
import type { Artifacts, FlinkFile } from '../artifacts.ts';
import type { AwsStack } from '../aws/stack.ts';
import { PlatformStack } from '../constructs/platform-stack.ts';
import { useGoogle } from '../constructs/providers.ts';
import type { GcpStack } from '../gcp/stack.ts';
import type { LinkStack } from '../link/stack.ts';
import { type Settings, SettingsError } from '../settings.ts';
import { AnalyticsWorker, type KafkaAccess } from './analytics-worker.ts';
import { FlinkJob } from './flink-job.ts';
import { WorkerAlarms } from './worker-alarms.ts';

export class AnalyticsStack extends PlatformStack {
  constructor(
    scope: Construct,
    id: string,
    settings: Settings,
    artifacts: Artifacts,
    { aws, gcp, link }: { readonly aws: AwsStack; readonly gcp: GcpStack; readonly link: LinkStack },
  ) {
    super(scope, id, settings);
    this.keepStateInBucket();
    useGoogle(this);
    const kafka = {
      bootstrapServers: aws.kafka.bootstrapServers,
      region: settings.aws.region,
      roleArn: link.kafkaRoleArn,
      audience: settings.link.audience,
    };
    new AnalyticsWorker(this, 'worker', {
      name: `${this.prefix}-analytics`,
      gcp: settings.gcp,
      image: `${gcp.imageRepository}/analytics:${artifacts.analyticsImageTag}`,
      network: gcp.network,
      identity: gcp.worker,
      stores: gcp.stores,
      totalsReader: gcp.console.databaseUser,
      kafka,
    });
    this.watchWorker(gcp.alarmChannel);
    if (!link.flinkKafkaRoleArn) return;
    this.countByFlink(gcp, artifacts.flinkJob, { ...kafka, roleArn: link.flinkKafkaRoleArn });
  }

  /** Once a run was begun. */
  private countByFlink(gcp: GcpStack, files: readonly FlinkFile[], kafka: KafkaAccess): void {
    const { settings } = this;
    if (settings.analytics.engine === 'node' || !settings.analytics.run || !gcp.flink) return;
    if (files.length === 0)
      throw new SettingsError('analytics.engine is flink, but analytics/flink holds no job: set node');
    const job = new FlinkJob(this, 'flink-job', {
      name: `${this.prefix}-image-bytes`,
      files,
      cluster: gcp.flink,
      stores: gcp.stores,
      kafka,
      run: settings.analytics.run,
      // A slot for each worker that the cluster has.
      parallelism: settings.gcp.flink.workerCount,
    });
    new TerraformOutput(this, 'flink-job-id', {
      value: job.jobId,
      description: 'Dataproc id of the Flink job',
    });
  }

  private watchWorker(channel: string): void {
    const { instanceCount } = this.settings.gcp.worker;
    new WorkerAlarms(this, 'worker-alarms', { channel, name: `${this.prefix}-analytics`, instanceCount });
  }
}
