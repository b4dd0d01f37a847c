// Provider A: network, Kubernetes, Kafka, the image pipeline and the services' database. Needs nothing of Google Cloud.
import { TerraformOutput } from 'cdktf';
import type { Construct } from 'constructs';
import { PROCESSES } from '#contracts/processes.ts';
import type { Artifacts } from '../artifacts.ts';
import { CustomerKey } from '../constructs/customer-key.ts';
import { PlatformStack } from '../constructs/platform-stack.ts';
import { useAws } from '../constructs/providers.ts';
import { boundRoles } from '../constructs/role-boundary.ts';
import type { EdgeStack } from '../edge/stack.ts';
import type { Settings } from '../settings.ts';
import { ContainerRegistry } from './container-registry.ts';
import { EksPlatform } from './eks-platform.ts';
import type { AwsNetwork } from './hand-over.ts';
import { ImageBuckets } from './image-buckets.ts';
import { ImageDelivery } from './image-delivery.ts';
import { ImageLambda } from './image-lambda.ts';
import { KafkaTopics } from './kafka-topics.ts';
import { LoadBalancerController } from './load-balancer-controller.ts';
import { LogStore } from './log-store.ts';
import { MskCluster } from './msk-cluster.ts';
import { MultiAzVpc } from './multi-az-vpc.ts';
import { NodeAutoscaler } from './node-autoscaler.ts';
import { PostgresRds } from './postgres-rds.ts';
import { ServiceIdentities } from './service-identities.ts';
import { ShopRecord } from './shop-record.ts';
import { StoreAlarms } from './store-alarms.ts';

export class AwsStack extends PlatformStack {
  readonly network: AwsNetwork;
  readonly kafka: MskCluster;
  readonly images: ImageBuckets;
  readonly postgres: PostgresRds;
  readonly kubernetes: EksPlatform;
  /** Where images of containers are pushed; a process's name follows after a slash. */
  readonly registryAddress: string;
  /** Loki's. */
  readonly logBucketName: string;

  constructor(
    scope: Construct,
    id: string,
    settings: Settings,
    artifacts: Artifacts,
    { edge }: { readonly edge: EdgeStack },
  ) {
    super(scope, id, settings);
    this.keepStateInBucket();
    useAws(this);
    boundRoles(this);
    const logKey = new CustomerKey(this, 'log-key', {
      purpose: 'logs',
      services: [`logs.${settings.aws.region}.amazonaws.com`],
    });
    const network = new MultiAzVpc(this, 'network', { logKey });
    this.network = network;
    this.kubernetes = new EksPlatform(this, 'kubernetes', { network, logKey });
    this.kafka = new MskCluster(this, 'kafka', { network, logKey });
    this.images = new ImageBuckets(this, 'images');
    this.postgres = new PostgresRds(this, 'postgres', { network, logKey });
    this.registryAddress = new ContainerRegistry(this, 'container-images', { processes: PROCESSES }).address;
    this.logBucketName = new LogStore(this, 'logs', this.kubernetes).bucketName;
    this.tellPeople();
    this.connectNodes(this.kubernetes.nodeSecurityGroupId);
    this.meetCustomers(edge);
    new ServiceIdentities(this, 'services', {
      processes: PROCESSES,
      clusterName: this.kubernetes.clusterName,
      kafkaArn: this.kafka.arn,
      images: this.images,
      mail: edge.mail,
    });
    const key = new CustomerKey(this, 'functions-key', { purpose: 'functions' });
    const functions = { network, kafka: this.kafka, logKey, alarmTopicArn: edge.alarmTopicArn, key };
    const topics = new KafkaTopics(this, 'kafka-topics', { ...functions, artifact: artifacts.kafkaTopics });
    new ImageLambda(this, 'image-renditions', {
      ...functions,
      topics,
      buckets: this.images,
      artifact: artifacts.imageRenditions,
    });
  }

  /** Pictures, and what in the cluster makes the way to the shop; and who is told when a store is in trouble. */
  private meetCustomers({ zoneId, webAclArn, imagesCertificateArn, alarmTopicArn }: EdgeStack): void {
    const { clusterName } = this.kubernetes;
    new ImageDelivery(this, 'image-delivery', {
      buckets: this.images,
      zoneId,
      certificateArn: imagesCertificateArn,
    });
    new NodeAutoscaler(this, 'node-autoscaler', { clusterName });
    new LoadBalancerController(this, 'load-balancers', { clusterName, webAclArn });
    new ShopRecord(this, 'shop-record', { clusterName, zoneId });
    new StoreAlarms(this, 'store-alarms', {
      topicArn: alarmTopicArn,
      databaseIdentifier: this.postgres.identifier,
      kafkaClusterName: this.kafka.clusterName,
    });
  }

  private tellPeople(): void {
    new TerraformOutput(this, 'container_registry', {
      description: 'Where images are pushed; a process’s name follows after a slash',
      value: this.registryAddress,
    });
    new TerraformOutput(this, 'kafka_bootstrap_servers', {
      description: 'SASL/IAM over TLS, for clients in the VPC or behind the tunnels',
      value: this.kafka.bootstrapServers,
    });
  }

  /** Pods bear the security group of their nodes: what each may do is IAM's and Postgres's to say. */
  private connectNodes(nodeSecurityGroupId: string): void {
    this.kafka.connect('nodes', nodeSecurityGroupId);
    this.kafka.connectScrapers('nodes', nodeSecurityGroupId);
    this.postgres.connect('nodes', nodeSecurityGroupId);
  }
}
