// The topics of the contracts on the cluster: a function in the VPC makes them, and each deployment that changes the function
// or the contracts calls it. The provider has no resource for topics, and who deploys cannot reach the brokers.
import { createHash } from 'node:crypto';
import type { DataAwsIamPolicyDocumentStatement } from '@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js';
import { LambdaInvocation } from '@cdktf/provider-aws/lib/lambda-invocation/index.js';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { topicSettings } from '#contracts/topics.ts';
import type { LambdaArtifact } from '../artifacts.ts';
import type { CustomerKey } from '../constructs/customer-key.ts';
import { connectStatement, kafkaResourceArn } from '../constructs/kafka-access.ts';
import { PlatformStack } from '../constructs/platform-stack.ts';
import type { AwsNetwork } from './hand-over.ts';
import type { MskCluster } from './msk-cluster.ts';
import { PrivateFunction } from './private-function.ts';

export interface KafkaTopicsProps {
  readonly artifact: LambdaArtifact;
  readonly network: AwsNetwork;
  readonly kafka: MskCluster;
  readonly key: CustomerKey;
  readonly logKey: CustomerKey;
  readonly alarmTopicArn: string;
}

export class KafkaTopics extends Construct {
  /** Publishers depend on it: without it topics may not exist yet. */
  readonly made: ITerraformDependable;
  /** What the function said of each topic: created, changed or as it was. */
  readonly answer: string;

  constructor(scope: Construct, id: string, props: KafkaTopicsProps) {
    super(scope, id);
    const { artifact, kafka, network } = props;
    const { region } = PlatformStack.of(this).settings.aws;
    const administrator = new PrivateFunction(this, 'function', {
      ...props,
      name: 'kafka-topics',
      description: 'Gives Kafka the topics of the contracts; called by each deployment',
      memoryMib: 512,
      timeoutSeconds: 120,
      // Two at a time would make the same topic twice.
      concurrency: 1,
      environment: {
        KAFKA_BROKERS: kafka.bootstrapServers,
        KAFKA_AUTH: 'msk-iam',
        KAFKA_AWS_REGION: region,
        KAFKA_REPLICATION_FACTOR: String(network.databaseSubnetIds.length),
      },
      statements: administratorStatements(kafka.arn),
    });
    const paths = kafka.connect('kafka-topics', administrator.securityGroupId);
    const invocation = new LambdaInvocation(this, 'invocation', {
      functionName: administrator.lambda.functionName,
      input: '{}',
      triggers: { code: artifact.sha256Base64, topics: topicsHash() },
      dependsOn: paths,
    });
    this.made = invocation;
    this.answer = invocation.result;
  }
}

const topicsHash = (): string => createHash('sha256').update(JSON.stringify(topicSettings())).digest('hex');

/** On the topics of the contracts and no others; it cannot delete one. */
const administratorStatements = (clusterArn: string): DataAwsIamPolicyDocumentStatement[] => [
  connectStatement(clusterArn),
  {
    sid: 'KafkaTopics',
    actions: [
      'kafka-cluster:AlterTopic',
      'kafka-cluster:AlterTopicDynamicConfiguration',
      'kafka-cluster:CreateTopic',
      'kafka-cluster:DescribeTopic',
      'kafka-cluster:DescribeTopicDynamicConfiguration',
    ],
    resources: topicSettings().map(({ topic }) => kafkaResourceArn(clusterArn, 'topic', topic)),
  },
];
