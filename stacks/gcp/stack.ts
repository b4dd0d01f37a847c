// Provider B: the analytics side. Network, stores, the worker's identity, and a Flink cluster where a job asks for it. Needs nothing of AWS.
import { ProjectDefaultServiceAccounts } from '@cdktf/provider-google/lib/project-default-service-accounts/index.js';
import { RandomProvider } from '@cdktf/provider-random/lib/provider/index.js';
import { TerraformOutput } from 'cdktf';
import type { Construct } from 'constructs';
import type { FlinkFile } from '../artifacts.ts';
import { PlatformStack } from '../constructs/platform-stack.ts';
import { useGoogle, useGoogleBeta } from '../constructs/providers.ts';
import type { Settings } from '../settings.ts';
import { AlarmChannel } from './alarm-channel.ts';
import { AnalyticsBuckets } from './analytics-buckets.ts';
import { AnalyticsKey } from './analytics-key.ts';
import { AnalyticsVpc } from './analytics-vpc.ts';
import { APIS, ApiServices } from './api-services.ts';
import { CloudSqlPostgres } from './cloud-sql-postgres.ts';
import { FirestoreAnalytics } from './firestore-analytics.ts';
import { FlinkDataproc } from './flink-dataproc.ts';
import type {
  AnalyticsStores,
  FlinkCluster,
  GoogleNetwork,
  LookedAtStores,
  ServiceIdentity,
} from './hand-over.ts';
import { ImageRepository } from './image-repository.ts';
import { PrivateServices } from './private-services.ts';
import { SqlAlarms } from './sql-alarms.ts';
import { WorkloadIdentity } from './workload-identity.ts';

export class GcpStack extends PlatformStack {
  readonly network: GoogleNetwork;
  readonly worker: ServiceIdentity;
  readonly stores: AnalyticsStores;
  readonly console: LookedAtStores;
  /** Only where a Flink job counts: a cluster costs by the hour, used or not. */
  readonly flink: FlinkCluster | undefined;
  /** `<region>-docker.pkg.dev/<project>/<repository>`. */
  readonly imageRepository: string;
  /** Full name of the channel that alarms go to. */
  readonly alarmChannel: string;

  constructor(scope: Construct, id: string, settings: Settings, flinkLibraries: readonly FlinkFile[] = []) {
    super(scope, id, settings);
    this.keepStateInBucket();
    useGoogle(this);
    new RandomProvider(this, 'random');
    const apis = new ApiServices(this, 'apis', { apis: APIS });
    // Compute Engine makes an account that may be an editor of the whole project; nothing of ours runs as it.
    new ProjectDefaultServiceAccounts(this, 'default-accounts', {
      project: settings.gcp.projectId,
      action: 'DISABLE',
      restorePolicy: 'NONE',
    });
    const key = new AnalyticsKey(this, 'key', { apis, beta: useGoogleBeta(this) });
    const network = new AnalyticsVpc(this, 'vpc');
    const privateServices = new PrivateServices(this, 'private-services', network);
    const sql = new CloudSqlPostgres(this, 'sql', { privateServices, key });
    const firestore = new FirestoreAnalytics(this, 'firestore');
    const buckets = new AnalyticsBuckets(this, 'buckets', key);
    const worker = workerIdentity(this, { sql, firestore, buckets });
    if (settings.analytics.engine === 'flink') {
      const flink = new FlinkDataproc(this, 'flink', { network, buckets, key, libraries: flinkLibraries });
      // The job only counts: the workers deliver what comes of it.
      sql.usableBy('flink', flink.serviceAccount);
      this.flink = flink;
    }

    this.network = network;
    this.worker = worker;
    this.console = lookedAt(this, { sql, firestore, buckets });
    this.stores = {
      sqlPrivateAddress: sql.privateAddress,
      databaseCaSecretId: sql.certificate.secretId,
      databaseUrlSecretId: sql.url.secretId,
      firestoreDatabase: firestore.databaseName,
      resultsBucket: buckets.results.bucketName,
      stagingBucket: buckets.staging.bucketName,
      checkpointBucket: buckets.checkpoints.bucketName,
    };
    this.imageRepository = new ImageRepository(this, 'images', key).address;
    this.alarmChannel = new AlarmChannel(this, 'alarms').name;
    new SqlAlarms(this, 'sql-alarms', { channel: this.alarmChannel, databaseId: sql.databaseId });
    this.tell(sql.connectionName);
  }

  /** What a person asks for after a deployment. None of it is secret. */
  private tell(sqlConnectionName: string): void {
    const { stores, network, flink, worker } = this;
    const outputs: [name: string, value: string, description: string][] = [
      ['sql_connection_name', sqlConnectionName, 'Cloud SQL instance, project:region:instance'],
      ['sql_private_address', stores.sqlPrivateAddress, 'Private address of the Cloud SQL instance'],
      ['database_url_secret', stores.databaseUrlSecretId, 'Secret Manager id of the worker’s DATABASE_URL'],
      ['network', network.networkId, 'Network of the analytics side'],
      ...(flink
        ? [['flink_cluster', flink.clusterName, 'Dataproc cluster with Flink'] as [string, string, string]]
        : []),
      ['results_bucket', stores.resultsBucket, 'Bucket of published windows'],
      ['checkpoint_bucket', stores.checkpointBucket, 'Bucket of Flink’s checkpoints and savepoints'],
      ['staging_bucket', stores.stagingBucket, 'Bucket of what Flink jobs are made of'],
      ['worker_unique_id', worker.uniqueId, 'Subject of the worker’s identity tokens, which AWS trusts'],
      ['image_repository', this.imageRepository, 'Where the worker’s image is pushed'],
    ];
    for (const [name, value, description] of outputs) new TerraformOutput(this, name, { value, description });
  }
}

interface Stores {
  readonly sql: CloudSqlPostgres;
  readonly firestore: FirestoreAnalytics;
  readonly buckets: AnalyticsBuckets;
}

/** The console, which runs on EKS, and all that it may do here: read. Who may act as it is said in `link`. */
function lookedAt(stack: GcpStack, { sql, firestore, buckets }: Stores): LookedAtStores {
  const identity = new WorkloadIdentity(stack, 'console', {
    name: 'console',
    displayName: 'Console on EKS',
    projectRoles: [],
  });
  sql.readableBy('console', identity);
  firestore.readableBy(identity);
  buckets.results.grant('console', identity.member, 'objectViewer');
  const { databaseUser } = identity;
  return {
    identity,
    databaseUser,
    databaseUrl: `postgres://${encodeURIComponent(databaseUser)}@${sql.privateAddress}:5432/${sql.databaseName}`,
    databaseAuthority: sql.authority,
  };
}

/** The worker, and all that it may do on Google Cloud. */
function workerIdentity(stack: GcpStack, stores: Stores): WorkloadIdentity {
  const worker = new WorkloadIdentity(stack, 'worker', {
    name: 'worker',
    displayName: 'Analytics worker',
    projectRoles: ['logging.logWriter', 'monitoring.metricWriter'],
  });
  stores.sql.usableBy('worker', worker);
  stores.firestore.usableBy(worker);
  // It writes an object once and compares it when it meets it again; it never replaces or deletes one.
  stores.buckets.results.grant('worker', worker.member, 'objectCreator', 'objectViewer');
  return worker;
}
