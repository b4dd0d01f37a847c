// The Flink job on Dataproc: its SQL and its connectors, staged under names made of their content, and a launcher that starts them. A change
// of any file, or another run, is a new job of Dataproc: the launcher then stops the running job, and continues from its savepoint.
import { createHash } from 'node:crypto';
import { DataprocJob } from '@cdktf/provider-google/lib/dataproc-job/index.js';
import { StorageBucketObject } from '@cdktf/provider-google/lib/storage-bucket-object/index.js';
import { AssetType, TerraformAsset } from 'cdktf';
import { Construct } from 'constructs';
import type { FlinkFile } from '../artifacts.ts';
import type { AnalyticsStores, FlinkCluster } from '../gcp/hand-over.ts';
import { SettingsError } from '../settings.ts';
import type { KafkaAccess } from './analytics-worker.ts';

export interface FlinkJobProps {
  readonly name: string;
  /** Not empty; one of them is `launcher.py`, which Dataproc runs. */
  readonly files: readonly FlinkFile[];
  readonly cluster: FlinkCluster;
  readonly stores: AnalyticsStores;
  readonly kafka: KafkaAccess;
  /** The run that it counts for; what `npm run engine -- begin --json` printed of it is in `runs/` of the bucket of checkpoints. */
  readonly run: string;
  readonly parallelism: number;
}

const LAUNCHER = 'launcher.py';
/** Dataproc has no Flink job that Terraform knows: the launcher stops the old application by a savepoint and starts the new. */
const FINISHED_WELL = ['DONE', 'RUNNING'];

export class FlinkJob extends Construct {
  readonly jobId: string;

  constructor(scope: Construct, id: string, props: FlinkJobProps) {
    super(scope, id);
    const { files, cluster, stores, kafka, run } = props;
    const staged = new Map(files.map((file) => [file.name, this.stage(file, stores.stagingBucket)]));
    const launcher = staged.get(LAUNCHER);
    if (!launcher)
      throw new SettingsError(`analytics/flink has no ${LAUNCHER}: Dataproc would have nothing to run`);
    staged.delete(LAUNCHER);
    this.jobId = `${props.name}-${contentHash(files, run)}`;
    new DataprocJob(this, 'job', {
      region: cluster.region,
      // Terraform stops waiting, not the job: a streaming job never ends.
      forceDelete: true,
      placement: { clusterName: cluster.clusterName },
      reference: { jobId: this.jobId },
      pysparkConfig: {
        mainPythonFileUri: launcher,
        args: [
          `--name=${props.name}`,
          `--run=gs://${stores.checkpointBucket}/runs/${run}.json`,
          `--parallelism=${props.parallelism}`,
          // It fetches them itself, and checks each by the hash in its address.
          ...[...staged.values()].map((address) => `--file=${address}`),
          `--bootstrap-servers=${kafka.bootstrapServers}`,
          `--kafka-region=${kafka.region}`,
          `--kafka-role-arn=${kafka.roleArn}`,
          `--kafka-audience=${kafka.audience}`,
          `--database-url-secret=${stores.databaseUrlSecretId}`,
          `--database-ca-secret=${stores.databaseCaSecretId}`,
          `--checkpoints=gs://${stores.checkpointBucket}/checkpoints`,
          `--savepoints=gs://${stores.checkpointBucket}/savepoints`,
        ],
      },
      lifecycle: {
        // The provider takes a job that ended in ERROR for one that was made.
        postcondition: [
          {
            condition: `\${contains(${JSON.stringify(FINISHED_WELL)}, self.status[0].state)}`,
            errorMessage: 'The Flink job did not start: see its driver output in the Dataproc console.',
          },
        ],
      },
    });
  }

  /** The object's `gs://` address. */
  private stage({ name, path, sha256 }: FlinkFile, bucket: string): string {
    const asset = new TerraformAsset(this, `asset-${name}`, {
      path,
      type: AssetType.FILE,
      assetHash: sha256,
    });
    const object = `flink/${sha256}/${name}`;
    new StorageBucketObject(this, `file-${name}`, { bucket, name: object, source: asset.path });
    return `gs://${bucket}/${object}`;
  }
}

const contentHash = (files: readonly FlinkFile[], run: string): string =>
  createHash('sha256')
    .update(JSON.stringify([run, ...files.map(({ name, sha256 }) => [name, sha256])]))
    .digest('hex')
    .slice(0, 12);
