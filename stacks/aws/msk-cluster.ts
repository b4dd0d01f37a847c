// Kafka: three brokers, one a zone, reached only by IAM over TLS. AWS lets storage grow; topics are made by
// kafka-topics.ts.
import { AppautoscalingPolicy } from '@cdktf/provider-aws/lib/appautoscaling-policy/index.js';
import { AppautoscalingTarget } from '@cdktf/provider-aws/lib/appautoscaling-target/index.js';
import { MskCluster as Cluster } from '@cdktf/provider-aws/lib/msk-cluster/index.js';
import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group/index.js';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { CustomerKey } from '../constructs/customer-key.ts';
import { LogGroup } from '../constructs/log-group.ts';
import { keepsData, PlatformStack } from '../constructs/platform-stack.ts';
import type { AwsNetwork, KafkaCluster } from './hand-over.ts';
import { MskBrokerSettings } from './msk-broker-settings.ts';
import { admitPeer, reachPeer } from './peer-rules.ts';

/** SASL/IAM; JMX and node exporters (AWS, "Amazon MSK port information" and "Monitor with Prometheus"). */
const IAM_PORT = 9_098;
const EXPORTER_PORTS = { port: 11_001, portMax: 11_002 };
/** Percent of a volume; MSK grows one at most every six hours, so there must be room for that long. */
const STORAGE_USED_TARGET = 60;
/** What autoscaling changes is not taken back by the next plan. */
const VOLUME_SIZE = 'broker_node_group_info[0].storage_info[0].ebs_storage_info[0].volume_size';

export interface MskClusterProps {
  readonly network: AwsNetwork;
  /** Encrypts the brokers' logs. */
  readonly logKey: CustomerKey;
}

export class MskCluster extends Construct implements KafkaCluster {
  readonly clusterName: string;
  readonly arn: string;
  readonly bootstrapServers: string;
  readonly securityGroupId: string;

  constructor(scope: Construct, id: string, { network, logKey }: MskClusterProps) {
    super(scope, id);
    const { prefix } = PlatformStack.of(this);
    this.clusterName = `${prefix}-kafka`;
    this.securityGroupId = this.createSecurityGroup(network);
    const cluster = this.createCluster(network, logKey);
    this.growStorage(cluster.arn);
    this.arn = cluster.arn;
    this.bootstrapServers = cluster.bootstrapBrokersSaslIam;
  }

  /** Lets the members of a security group reach the brokers. What they may do there IAM decides. */
  admit(id: string, peerSecurityGroupId: string): ITerraformDependable {
    return admitPeer(this, `from-${id}`, {
      securityGroupId: this.securityGroupId,
      peerSecurityGroupId,
      description: `Kafka, authenticated by IAM, from ${id}`,
      port: IAM_PORT,
    });
  }

  /** Lets a group whose way out is closed too reach the brokers. Returns the rules, for who must wait for them. */
  connect(id: string, peerSecurityGroupId: string): ITerraformDependable[] {
    const admitted = this.admit(id, peerSecurityGroupId);
    const reached = reachPeer(this, `${id}-to-brokers`, {
      securityGroupId: peerSecurityGroupId,
      peerSecurityGroupId: this.securityGroupId,
      description: 'Kafka, authenticated by IAM',
      port: IAM_PORT,
    });
    return [admitted, reached];
  }

  /** Lets the members of a security group read the brokers' metrics, which hold no secrets and need no sign-in. */
  connectScrapers(id: string, peerSecurityGroupId: string): void {
    admitPeer(this, `metrics-from-${id}`, {
      securityGroupId: this.securityGroupId,
      peerSecurityGroupId,
      description: `Prometheus exporters of the brokers, from ${id}`,
      ...EXPORTER_PORTS,
    });
    reachPeer(this, `${id}-to-metrics`, {
      securityGroupId: peerSecurityGroupId,
      peerSecurityGroupId: this.securityGroupId,
      description: 'Prometheus exporters of the brokers',
      ...EXPORTER_PORTS,
    });
  }

  private createSecurityGroup({ vpcId }: AwsNetwork): string {
    const name = `${PlatformStack.of(this).prefix}-kafka`;
    const group = new SecurityGroup(this, 'brokers', { name, vpcId, description: 'Brokers of Kafka' });
    // AWS names no ports for what brokers say to each other, so they may say everything, to each other alone.
    const among = {
      securityGroupId: group.id,
      peerSecurityGroupId: group.id,
      description: 'Brokers among themselves',
      port: 0,
      portMax: 65_535,
    };
    admitPeer(this, 'brokers-from-brokers', among);
    reachPeer(this, 'brokers-to-brokers', among);
    return group.id;
  }

  private createCluster(network: AwsNetwork, logKey: CustomerKey): Cluster {
    const { settings } = PlatformStack.of(this);
    const { kafka } = settings.aws;
    const brokerSettings = new MskBrokerSettings(this, 'settings', { kafkaVersion: kafka.version });
    const key = new CustomerKey(this, 'key', { purpose: 'kafka' });
    // AWS's policy for delivered logs names every group and may not grow; groups under this prefix need no entry.
    const log = new LogGroup(this, 'log', { name: `/aws/vendedlogs/msk/${this.clusterName}`, key: logKey });
    return new Cluster(this, 'cluster', {
      clusterName: this.clusterName,
      kafkaVersion: kafka.version,
      numberOfBrokerNodes: network.databaseSubnetIds.length,
      brokerNodeGroupInfo: {
        instanceType: kafka.instanceType,
        clientSubnets: [...network.databaseSubnetIds],
        securityGroups: [this.securityGroupId],
        storageInfo: { ebsStorageInfo: { volumeSize: kafka.volumeGib } },
        connectivityInfo: { publicAccess: { type: 'DISABLED' } },
      },
      clientAuthentication: { unauthenticated: false, sasl: { iam: true, scram: false } },
      encryptionInfo: {
        encryptionAtRestKmsKeyArn: key.arn,
        encryptionInTransit: { clientBroker: 'TLS', inCluster: true },
      },
      configurationInfo: { arn: brokerSettings.arn, revision: brokerSettings.revision },
      loggingInfo: { brokerLogs: { cloudwatchLogs: { enabled: true, logGroup: log.name } } },
      enhancedMonitoring: 'PER_TOPIC_PER_BROKER',
      openMonitoring: {
        prometheus: { jmxExporter: { enabledInBroker: true }, nodeExporter: { enabledInBroker: true } },
      },
      lifecycle: { ...keepsData(settings), ignoreChanges: [VOLUME_SIZE] },
    });
  }

  /** Volumes only grow: MSK cannot shrink one. */
  private growStorage(clusterArn: string): void {
    const { settings } = PlatformStack.of(this);
    const target = new AppautoscalingTarget(this, 'storage', {
      serviceNamespace: 'kafka',
      scalableDimension: 'kafka:broker-storage:VolumeSize',
      resourceId: clusterArn,
      minCapacity: 1,
      maxCapacity: settings.aws.kafka.volumeGibMax,
    });
    new AppautoscalingPolicy(this, 'storage-growth', {
      name: `${this.clusterName}-storage`,
      policyType: 'TargetTrackingScaling',
      serviceNamespace: target.serviceNamespace,
      scalableDimension: target.scalableDimension,
      resourceId: target.resourceId,
      targetTrackingScalingPolicyConfiguration: {
        predefinedMetricSpecification: { predefinedMetricType: 'KafkaBrokerStorageUtilization' },
        targetValue: STORAGE_USED_TARGET,
        disableScaleIn: true,
      },
    });
  }
}
