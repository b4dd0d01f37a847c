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
import { AlertSender } from './alert-sender.ts';
import { ContainerRegistry } from './container-registry.ts';
import { DatabaseRoles } from './database-roles.ts';
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
import { ServiceSecrets } from './service-secrets.ts';
import { ShopRecord } from './shop-record.ts';
import { StoreAlarms } from './store-alarms.ts';

export class AwsStack extends PlatformStack {
  readonly network: AwsNetwork;
  readonly kafka: MskCluster;
  readonly images: ImageBuckets;
  readonly postgres: PostgresRds;
  readonly kubernetes: EksPlatform;
  readonly secrets: ServiceSecrets;
  /** Where images of containers are pushed; a process's name follows after a slash. */
  readonly registryAddress: string;

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
    new LogStore(this, 'logs', this.kubernetes);
    this.connectNodes(this.kubernetes.nodeSecurityGroupId);
    this.meetCustomers(edge);
    new ServiceIdentities(this, 'services', {
      processes: PROCESSES,
      clusterName: this.kubernetes.clusterName,
      kafkaArn: this.kafka.arn,
      postgres: this.postgres,
      images: this.images,
      mail: edge.mail,
    });
    this.secrets = new ServiceSecrets(this, 'secrets');
    this.createFunctions(artifacts, { logKey, alarmTopicArn: edge.alarmTopicArn });
  }

  /** What only something inside the VPC can do: databases' roles, topics, renditions. */
  private createFunctions(
    artifacts: Artifacts,
    watched: { readonly logKey: CustomerKey; readonly alarmTopicArn: string },
  ): void {
    const { network, kafka, postgres, images: buckets } = this;
    const key = new CustomerKey(this, 'functions-key', { purpose: 'functions' });
    const functions = { ...watched, network, key };
    new DatabaseRoles(this, 'database-roles', { ...functions, postgres, artifact: artifacts.databaseRoles });
    const topics = new KafkaTopics(this, 'kafka-topics', {
      ...functions,
      kafka,
      artifact: artifacts.kafkaTopics,
    });
    new ImageLambda(this, 'image-renditions', {
      ...functions,
      kafka,
      topics,
      buckets,
      artifact: artifacts.imageRenditions,
    });
    this.tell(topics);
  }

  /** What a person asks for after a deployment. None of it is secret. */
  private tell(topics: KafkaTopics): void {
    const outputs: [name: string, value: string, description: string][] = [
      [
        'kafka_bootstrap_servers',
        this.kafka.bootstrapServers,
        'SASL/IAM over TLS, for clients in the VPC or behind the tunnels',
      ],
      [
        'container_registry',
        this.registryAddress,
        'Where images are pushed; a process’s name follows after a slash',
      ],
      ['kafka_topics', topics.answer, 'What the last deployment did to each topic'],
      [
        'kubernetes_api',
        this.kubernetes.endpoint,
        'Address of the Kubernetes API, private unless ranges were named',
      ],
    ];
    for (const [name, value, description] of outputs) new TerraformOutput(this, name, { value, description });
  }

  /** Pictures, the programs of the cluster that make the way to the shop, and the alarms of stores. */
  private meetCustomers(edge: EdgeStack): void {
    const { zoneId, webAclArn, imagesCertificateArn, alarmTopicArn, alarmKeyArn } = edge;
    const { clusterName } = this.kubernetes;
    new ImageDelivery(this, 'image-delivery', {
      buckets: this.images,
      zoneId,
      certificateArn: imagesCertificateArn,
    });
    new NodeAutoscaler(this, 'node-autoscaler', { clusterName });
    new LoadBalancerController(this, 'load-balancers', { clusterName, webAclArn });
    new ShopRecord(this, 'shop-record', { clusterName, zoneId });
    new AlertSender(this, 'alerts', { clusterName, topicArn: alarmTopicArn, topicKeyArn: alarmKeyArn });
    new StoreAlarms(this, 'store-alarms', {
      topicArn: alarmTopicArn,
      databaseIdentifier: this.postgres.identifier,
      kafkaClusterName: this.kafka.clusterName,
    });
  }

  /** Pods have the security group of their nodes: IAM and Postgres decide what each may do. */
  private connectNodes(nodeSecurityGroupId: string): void {
    this.kafka.connect('nodes', nodeSecurityGroupId);
    this.kafka.connectScrapers('nodes', nodeSecurityGroupId);
    this.postgres.connect('nodes', nodeSecurityGroupId);
  }
}
