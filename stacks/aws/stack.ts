// Provider A: network, Kubernetes, Kafka, the image pipeline and the services' database. Needs nothing of Google Cloud.
import { TerraformOutput } from 'cdktf';
import type { Construct } from 'constructs';
import { PROCESSES } from '#contracts/processes.ts';
import type { Artifacts } from '../artifacts.ts';
import { CustomerKey } from '../constructs/customer-key.ts';
import { PlatformStack } from '../constructs/platform-stack.ts';
import { useAws } from '../constructs/providers.ts';
import { boundRoles } from '../constructs/role-boundary.ts';
import type { Settings } from '../settings.ts';
import { DatabaseRoles } from './database-roles.ts';
import { EksPlatform } from './eks-platform.ts';
import type { AwsNetwork } from './hand-over.ts';
import { ImageBuckets } from './image-buckets.ts';
import { ImageLambda } from './image-lambda.ts';
import { KafkaTopics } from './kafka-topics.ts';
import { MskCluster } from './msk-cluster.ts';
import { MultiAzVpc } from './multi-az-vpc.ts';
import { PostgresRds } from './postgres-rds.ts';
import { ServiceIdentities } from './service-identities.ts';
import { ServiceSecrets } from './service-secrets.ts';

export class AwsStack extends PlatformStack {
  readonly network: AwsNetwork;
  readonly kafka: MskCluster;
  readonly images: ImageBuckets;
  readonly postgres: PostgresRds;
  readonly kubernetes: EksPlatform;
  readonly secrets: ServiceSecrets;

  constructor(scope: Construct, id: string, settings: Settings, artifacts: Artifacts) {
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
    this.connectNodes(this.kubernetes.nodeSecurityGroupId);
    new ServiceIdentities(this, 'services', {
      processes: PROCESSES,
      clusterName: this.kubernetes.clusterName,
      kafkaArn: this.kafka.arn,
      postgres: this.postgres,
      images: this.images,
    });
    this.secrets = new ServiceSecrets(this, 'secrets');
    this.createFunctions(artifacts, logKey);
  }

  /** What only something inside the VPC can do: databases' roles, topics, renditions. */
  private createFunctions(artifacts: Artifacts, logKey: CustomerKey): void {
    const { network, kafka, postgres, images: buckets } = this;
    const functions = {
      network,
      logKey,
      key: new CustomerKey(this, 'functions-key', { purpose: 'functions' }),
    };
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
      ['kafka_topics', topics.answer, 'What the last deployment did to each topic'],
      [
        'kubernetes_api',
        this.kubernetes.endpoint,
        'Address of the Kubernetes API, private unless ranges were named',
      ],
    ];
    for (const [name, value, description] of outputs) new TerraformOutput(this, name, { value, description });
  }

  /** Pods bear the security group of their nodes: what each may do is IAM's and Postgres's to say. */
  private connectNodes(nodeSecurityGroupId: string): void {
    this.kafka.connect('nodes', nodeSecurityGroupId);
    this.kafka.connectScrapers('nodes', nodeSecurityGroupId);
    this.postgres.connect('nodes', nodeSecurityGroupId);
  }
}
