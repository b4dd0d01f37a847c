// Flink on Dataproc: one master, a few workers, no public address, state in RocksDB with its checkpoints in our bucket.
import { ComputeFirewall } from '@cdktf/provider-google/lib/compute-firewall/index.js';
import {
  DataprocCluster,
  type DataprocClusterClusterConfig,
} from '@cdktf/provider-google/lib/dataproc-cluster/index.js';
import { Construct } from 'constructs';
import type { FlinkFile } from '../artifacts.ts';
import { PlatformStack } from '../constructs/platform-stack.ts';
import type { AnalyticsBuckets } from './analytics-buckets.ts';
import type { AnalyticsKey } from './analytics-key.ts';
import type { AnalyticsVpc } from './analytics-vpc.ts';
import { FlinkLibraries } from './flink-libraries.ts';
import type { FlinkCluster } from './hand-over.ts';
import { WorkloadIdentity } from './workload-identity.ts';

const DISK_GIB = 100;

export interface FlinkDataprocProps {
  readonly network: AnalyticsVpc;
  readonly buckets: AnalyticsBuckets;
  readonly key: AnalyticsKey;
  /** Jars that every job finds without bringing them. Another list is another cluster. */
  readonly libraries: readonly FlinkFile[];
}

export class FlinkDataproc extends Construct implements FlinkCluster {
  readonly clusterName: string;
  readonly region: string;
  readonly serviceAccount: WorkloadIdentity;

  constructor(scope: Construct, id: string, props: FlinkDataprocProps) {
    super(scope, id);
    const { prefix, settings } = PlatformStack.of(this);
    const { buckets, key } = props;
    this.serviceAccount = new WorkloadIdentity(this, 'identity', {
      name: 'flink',
      displayName: 'Flink nodes on Dataproc',
      // What a node needs to be one; Google has no narrower role (Dataproc, "Dataproc service accounts").
      projectRoles: ['dataproc.worker'],
    });
    const { member, grants } = this.serviceAccount;
    const bucketGrants = [
      ...buckets.checkpoints.grant('flink', member, 'objectUser'),
      ...buckets.staging.grant('flink', member, 'objectUser'),
      ...buckets.temporary.grant('flink', member, 'objectUser'),
      ...buckets.initScripts.grant('flink', member, 'objectViewer'),
    ];
    const libraries = new FlinkLibraries(this, 'libraries', {
      bucketName: buckets.initScripts.bucketName,
      libraries: props.libraries,
    });
    const encryption = key.usableBy('compute', 'dataproc');
    const cluster = new DataprocCluster(this, 'cluster', {
      name: `${prefix}-flink`,
      // The provider's default is `global`, not the provider's region.
      region: settings.gcp.region,
      // A worker that leaves finishes what it has.
      gracefulDecommissionTimeout: '600s',
      clusterConfig: this.clusterConfig(props, libraries, encryption.name),
      dependsOn: [
        ...grants,
        ...bucketGrants,
        ...encryption.grants,
        ...libraries.uploads,
        this.openAmongNodes(props),
      ],
    });
    this.clusterName = cluster.name;
    this.region = settings.gcp.region;
  }

  private clusterConfig(
    props: FlinkDataprocProps,
    libraries: FlinkLibraries,
    kmsKeyName: string,
  ): DataprocClusterClusterConfig {
    const { gcp } = PlatformStack.of(this).settings;
    const { network, buckets } = props;
    const diskConfig = { bootDiskType: 'pd-balanced', bootDiskSizeGb: DISK_GIB };
    return {
      stagingBucket: buckets.staging.bucketName,
      tempBucket: buckets.temporary.bucketName,
      encryptionConfig: { kmsKeyName },
      // With three masters Flink's own high availability does not work (Dataproc, "Flink optional component").
      masterConfig: { numInstances: 1, machineType: gcp.flink.masterMachineType, diskConfig },
      workerConfig: {
        numInstances: gcp.flink.workerCount,
        machineType: gcp.flink.workerMachineType,
        diskConfig,
      },
      softwareConfig: {
        imageVersion: gcp.flink.imageVersion,
        optionalComponents: ['FLINK'],
        overrideProperties: propertiesOf(buckets.checkpoints.bucketName),
      },
      gceClusterConfig: {
        subnetwork: network.dataprocSubnetId,
        internalIpOnly: true,
        serviceAccount: this.serviceAccount.email,
        // What it may do is what its roles say.
        serviceAccountScopes: ['cloud-platform'],
        shieldedInstanceConfig: { enableSecureBoot: true, enableVtpm: true, enableIntegrityMonitoring: true },
        metadata: { 'block-project-ssh-keys': 'true', ...libraries.attributes },
      },
      initializationAction: [{ script: libraries.scriptAddress, timeoutSec: 300 }],
      // No way in from the internet, not even by Google's proxy.
      endpointConfig: { enableHttpPortAccess: false },
      dataprocMetricConfig: { metrics: [{ metricSource: 'YARN' }, { metricSource: 'FLINK' }] },
    };
  }

  /** By account and not by tag: a person who may make an instance could give it the tag. */
  private openAmongNodes({ network }: FlinkDataprocProps): ComputeFirewall {
    const { email } = this.serviceAccount;
    return new ComputeFirewall(this, 'nodes', {
      name: `${PlatformStack.of(this).prefix}-flink-nodes`,
      description: 'Flink nodes among themselves',
      network: network.networkId,
      direction: 'INGRESS',
      priority: 1_000,
      sourceServiceAccounts: [email],
      targetServiceAccounts: [email],
      // YARN and Flink take ports as they come (Dataproc, "Cluster network configuration").
      allow: [
        { protocol: 'tcp', ports: ['0-65535'] },
        { protocol: 'udp', ports: ['0-65535'] },
        { protocol: 'icmp' },
      ],
    });
  }
}

/** Dataproc writes what begins with `flink:` into flink-conf.yaml: what a job finds when it says nothing else. */
const propertiesOf = (bucket: string): Record<string, string> => ({
  'flink:state.backend.type': 'rocksdb',
  // By the names that Flink 2 gives them.
  'flink:execution.checkpointing.incremental': 'true',
  'flink:execution.checkpointing.dir': `gs://${bucket}/checkpoints`,
  'flink:execution.checkpointing.savepoint-dir': `gs://${bucket}/savepoints`,
  'flink:execution.checkpointing.num-retained': '3',
  'flink:execution.checkpointing.interval': '30s',
  // A job that is stopped by hand can still be taken up again.
  'flink:execution.checkpointing.externalized-checkpoint-retention': 'RETAIN_ON_CANCELLATION',
  'dataproc:dataproc.logging.stackdriver.job.driver.enable': 'true',
  'dataproc:dataproc.logging.stackdriver.job.yarn.container.enable': 'true',
});
