// The function that makes renditions: called by S3 for each upload, publishes to Kafka, and keeps the calls that failed.
// Its sizes and rights are those of lambda/image-renditions/README.md.
import { DataAwsPrefixList } from '@cdktf/provider-aws/lib/data-aws-prefix-list/index.js';
import { LambdaPermission } from '@cdktf/provider-aws/lib/lambda-permission/index.js';
import { S3BucketNotification } from '@cdktf/provider-aws/lib/s3-bucket-notification/index.js';
import { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule/index.js';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { UPLOAD_PREFIX } from '#contracts/images.ts';
import { imageRenditions } from '#contracts/processes.ts';
import type { LambdaArtifact } from '../artifacts.ts';
import type { CustomerKey } from '../constructs/customer-key.ts';
import { kafkaStatements } from '../constructs/kafka-access.ts';
import { PlatformStack } from '../constructs/platform-stack.ts';
import type { AwsNetwork } from './hand-over.ts';
import { imageStatements } from './image-access.ts';
import type { ImageBuckets } from './image-buckets.ts';
import type { KafkaTopics } from './kafka-topics.ts';
import type { MskCluster } from './msk-cluster.ts';
import { PrivateFunction } from './private-function.ts';

export interface ImageLambdaProps {
  readonly artifact: LambdaArtifact;
  readonly network: AwsNetwork;
  readonly buckets: ImageBuckets;
  readonly kafka: MskCluster;
  readonly topics: KafkaTopics;
  readonly key: CustomerKey;
  readonly logKey: CustomerKey;
  readonly alarmTopicArn: string;
}

export class ImageLambda extends Construct {
  readonly #function: PrivateFunction;

  constructor(scope: Construct, id: string, props: ImageLambdaProps) {
    super(scope, id);
    const { buckets, kafka } = props;
    const { aws } = PlatformStack.of(this).settings;
    this.#function = new PrivateFunction(this, 'function', {
      ...props,
      name: imageRenditions.name,
      description: 'Makes renditions of uploaded product photos and tells Kafka',
      memoryMib: 3_008,
      timeoutSeconds: 120,
      concurrency: aws.images.functionConcurrency,
      environment: {
        KAFKA_BROKERS: kafka.bootstrapServers,
        KAFKA_AUTH: 'msk-iam',
        KAFKA_AWS_REGION: aws.region,
        PROCESSED_IMAGES_BUCKET: buckets.renditions.name,
      },
      statements: [...imageStatements(buckets), ...kafkaStatements(imageRenditions, kafka.arn)],
    });
    const working = [
      ...kafka.connect(imageRenditions.name, this.#function.securityGroupId),
      this.reachS3(aws.region),
      this.#function.retries,
      props.topics.made,
    ];
    this.listenTo(buckets, aws.accountId, working);
  }

  /** By the gateway endpoint, whose addresses are S3's own and known as a prefix list: no way to anywhere else. */
  private reachS3(region: string): ITerraformDependable {
    const s3 = new DataAwsPrefixList(this, 's3', { name: `com.amazonaws.${region}.s3` });
    return new VpcSecurityGroupEgressRule(this, 'to-s3', {
      securityGroupId: this.#function.securityGroupId,
      prefixListId: s3.id,
      description: 'S3 over TLS, by the endpoint of the VPC',
      ipProtocol: 'tcp',
      fromPort: 443,
      toPort: 443,
    });
  }

  /** The one notification of that bucket: a second resource would take the first away. */
  private listenTo(
    { originals }: ImageBuckets,
    sourceAccount: string,
    working: ITerraformDependable[],
  ): void {
    const permission = new LambdaPermission(this, 'permission', {
      statementId: 'CalledByUploads',
      action: 'lambda:InvokeFunction',
      functionName: this.#function.lambda.functionName,
      principal: 's3.amazonaws.com',
      sourceArn: originals.arn,
      // A bucket of that name could belong to another account one day.
      sourceAccount,
    });
    new S3BucketNotification(this, 'uploads', {
      bucket: originals.name,
      lambdaFunction: [
        {
          id: 'uploads',
          lambdaFunctionArn: this.#function.lambda.arn,
          events: ['s3:ObjectCreated:*'],
          filterPrefix: UPLOAD_PREFIX,
        },
      ],
      // S3 asks at once whether it may call, and an upload that comes early would fail.
      dependsOn: [permission, ...working],
    });
  }
}
