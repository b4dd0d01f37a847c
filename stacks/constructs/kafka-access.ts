// What a process may do on Kafka, from contracts/processes.ts: it connects, and reads and writes the topics it names, no others.
// Actions and what each requires: AWS, "Semantics of IAM authorization policy actions and resources" (MSK).
import type { DataAwsIamPolicyDocumentStatement } from '@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js';
import { Fn } from 'cdktf';
import type { Looking, Process } from '#contracts/process.ts';

type KafkaResource = 'topic' | 'group' | 'transactional-id';

/** `arn:aws:kafka:<region>:<account>:topic/<cluster>/<cluster's UUID>/<name>`, and the same for groups and transactional ids. */
export const kafkaResourceArn = (clusterArn: string, kind: KafkaResource, name: string): string =>
  // The cluster's own ARN is known to Terraform alone.
  `${Fn.replace(clusterArn, ':cluster/', `:${kind}/`)}/${name}`;

/** Statements for the role of a process, on the cluster of that ARN. */
export function kafkaStatements(process: Process, clusterArn: string): DataAwsIamPolicyDocumentStatement[] {
  const { consumes, publishes, looksAt } = process;
  return [
    connectStatement(clusterArn),
    ...(looksAt ? lookingStatements(process, looksAt, clusterArn) : []),
    ...(consumes.length > 0 ? consumerStatements(process, clusterArn) : []),
    ...(publishes.length > 0 ? producerStatements(process, clusterArn) : []),
    // Only a consumer publishes in transactions: the others have nothing that a transaction would protect.
    ...(consumes.length > 0 && publishes.length > 0 ? [transactionStatement(process, clusterArn)] : []),
  ];
}

/** What every client does first: it connects and asks for the brokers. */
export const connectStatement = (clusterArn: string): DataAwsIamPolicyDocumentStatement => ({
  sid: 'KafkaConnect',
  actions: ['kafka-cluster:Connect', 'kafka-cluster:DescribeCluster'],
  resources: [clusterArn],
});

function consumerStatements(
  { name, consumes }: Process,
  clusterArn: string,
): DataAwsIamPolicyDocumentStatement[] {
  return [
    {
      sid: 'KafkaRead',
      actions: ['kafka-cluster:DescribeTopic', 'kafka-cluster:ReadData'],
      resources: consumes.map((topic) => kafkaResourceArn(clusterArn, 'topic', topic.name)),
    },
    {
      sid: 'KafkaGroup',
      actions: ['kafka-cluster:DescribeGroup', 'kafka-cluster:AlterGroup'],
      resources: ownNames(name).map((own) => kafkaResourceArn(clusterArn, 'group', own)),
    },
  ];
}

/** It may commit only in its own groups; of other groups it may only read the positions. */
const lookingStatements = (
  { name }: Process,
  { topics, positions }: Looking,
  clusterArn: string,
): DataAwsIamPolicyDocumentStatement[] => [
  {
    sid: 'KafkaLook',
    actions: ['kafka-cluster:DescribeTopic', 'kafka-cluster:ReadData'],
    resources: topics.map((topic) => kafkaResourceArn(clusterArn, 'topic', topic.name)),
  },
  {
    sid: 'KafkaLookGroup',
    actions: ['kafka-cluster:DescribeGroup', 'kafka-cluster:AlterGroup'],
    resources: ownNames(name).map((own) => kafkaResourceArn(clusterArn, 'group', own)),
  },
  {
    sid: 'KafkaEnds',
    actions: ['kafka-cluster:DescribeTopic'],
    // Those that it reads have this right above; a role's policies have 10,240 characters together.
    resources: positions.topics
      .filter(({ name: asked }) => topics.every((topic) => topic.name !== asked))
      .map((topic) => kafkaResourceArn(clusterArn, 'topic', topic.name)),
  },
  {
    sid: 'KafkaPositions',
    actions: ['kafka-cluster:DescribeGroup'],
    resources: positions.groups.map((group) => kafkaResourceArn(clusterArn, 'group', group)),
  },
];

function producerStatements({ publishes }: Process, clusterArn: string): DataAwsIamPolicyDocumentStatement[] {
  return [
    {
      sid: 'KafkaWrite',
      actions: ['kafka-cluster:DescribeTopic', 'kafka-cluster:WriteData'],
      resources: publishes.map((topic) => kafkaResourceArn(clusterArn, 'topic', topic.name)),
    },
    {
      // Every producer of ours is idempotent (runtime/kafka/client.ts); AWS ties the right to the cluster.
      sid: 'KafkaWriteIdempotently',
      actions: ['kafka-cluster:WriteDataIdempotently'],
      resources: [clusterArn],
    },
  ];
}

const transactionStatement = ({ name }: Process, clusterArn: string): DataAwsIamPolicyDocumentStatement => ({
  sid: 'KafkaTransactions',
  actions: ['kafka-cluster:DescribeTransactionalId', 'kafka-cluster:AlterTransactionalId'],
  resources: ownNames(name).map((own) => kafkaResourceArn(clusterArn, 'transactional-id', own)),
});

/** A process names its groups and transactional ids after itself: `analytics`, `analytics-exporter`. */
const ownNames = (processName: string): string[] => [processName, `${processName}-*`];
