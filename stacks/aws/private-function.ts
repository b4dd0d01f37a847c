// A Lambda function inside the VPC: its zip, role, logs, and a queue for the calls that it could not deal with, whose failures reach
// somebody. It reaches nothing until a stack connects it.

import {
  DataAwsIamPolicyDocument,
  type DataAwsIamPolicyDocumentStatement,
} from '@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role/index.js';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy/index.js';
import { LambdaFunction } from '@cdktf/provider-aws/lib/lambda-function/index.js';
import { LambdaFunctionEventInvokeConfig } from '@cdktf/provider-aws/lib/lambda-function-event-invoke-config/index.js';
import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group/index.js';
import { SqsQueue } from '@cdktf/provider-aws/lib/sqs-queue/index.js';
import { AssetType, type ITerraformDependable, TerraformAsset } from 'cdktf';
import { Construct } from 'constructs';
import type { LambdaArtifact } from '../artifacts.ts';
import { Alarm, type Metric } from '../constructs/alarm.ts';
import type { CustomerKey } from '../constructs/customer-key.ts';
import { LogGroup } from '../constructs/log-group.ts';
import { PlatformStack } from '../constructs/platform-stack.ts';
import { LAMBDA_RUNTIME } from '../versions.ts';
import { baseStatements, trustedToLambda } from './function-role.ts';
import type { AwsNetwork } from './hand-over.ts';

/** The longest that SQS keeps a message: the time in which an operator must look. */
const DEAD_LETTER_SECONDS = 14 * 86_400;
/** After that an event is old news: it goes to the dead letters, from where it is replayed. */
const EVENT_AGE_SECONDS_MAX = 6 * 3_600;
/** The most that Lambda takes. */
const RETRY_COUNT_MAX = 2;

export interface PrivateFunctionProps {
  /** Ends its name, `shop-dev-image-renditions`. */
  readonly name: string;
  readonly description: string;
  readonly artifact: LambdaArtifact;
  readonly network: AwsNetwork;
  readonly memoryMib: number;
  readonly timeoutSeconds: number;
  /** Invocations at the same time; kept free for it where the settings reserve concurrency. */
  readonly concurrency: number;
  readonly environment: Readonly<Record<string, string>>;
  /** What it may do beside writing its log. */
  readonly statements: readonly DataAwsIamPolicyDocumentStatement[];
  /** Encrypts its environment and its dead letters. */
  readonly key: CustomerKey;
  readonly logKey: CustomerKey;
  readonly alarmTopicArn: string;
}

export class PrivateFunction extends Construct {
  readonly name: string;
  readonly securityGroupId: string;
  readonly deadLetters: SqsQueue;
  readonly lambda: LambdaFunction;
  /** Without it a call that failed would be lost, so callers depend on it. */
  readonly retries: ITerraformDependable;

  constructor(scope: Construct, id: string, props: PrivateFunctionProps) {
    super(scope, id);
    const { prefix, settings } = PlatformStack.of(this);
    this.name = `${prefix}-${props.name}`;
    this.deadLetters = this.createQueue(props.key);
    const log = new LogGroup(this, 'log', { name: `/aws/lambda/${this.name}`, key: props.logKey });
    const role = new IamRole(this, 'role', {
      name: this.name,
      description: `What ${this.name} may do`,
      assumeRolePolicy: trustedToLambda(this).json,
    });
    const { vpcId } = props.network;
    const description = `Function ${props.name}`;
    const group = new SecurityGroup(this, 'security-group', { name: this.name, vpcId, description });
    this.securityGroupId = group.id;
    const document = new DataAwsIamPolicyDocument(this, 'may', {
      statement: [
        ...baseStatements({ aws: settings.aws, functionName: this.name, logGroupArn: log.arn }),
        { sid: 'KeepDeadLetters', actions: ['sqs:SendMessage'], resources: [this.deadLetters.arn] },
        props.key.useStatement('write'),
        ...props.statements,
      ],
    });
    const policy = new IamRolePolicy(this, 'policy', {
      name: this.name,
      role: role.name,
      policy: document.json,
    });
    this.lambda = this.createFunction(props, { role, policy, log });
    this.retries = this.retryThenKeep();
    this.watch(props.alarmTopicArn);
  }

  /**
   * Asynchronous calls that failed three times. By the destination alone: Lambda would send the same event to a dead-letter queue as
   * well, where it says neither why nor which version failed (AWS, "Capturing records of Lambda asynchronous invocations").
   */
  private retryThenKeep(): ITerraformDependable {
    return new LambdaFunctionEventInvokeConfig(this, 'invoke', {
      functionName: this.lambda.functionName,
      maximumRetryAttempts: RETRY_COUNT_MAX,
      maximumEventAgeInSeconds: EVENT_AGE_SECONDS_MAX,
      destinationConfig: { onFailure: { destination: this.deadLetters.arn } },
    });
  }

  private watch(topicArn: string): void {
    const alarm = (what: string, says: string, metric: Metric) =>
      new Alarm(this, `${what}-alarm`, {
        name: `${this.name.replace(`${PlatformStack.of(this).prefix}-`, '')}-${what}`,
        says,
        topicArn,
        metric,
        isBreached: { above: 0 },
      });
    alarm('dead-letters', 'Calls that failed for good: docs/runbooks/lambda-dead-letters.md', {
      namespace: 'AWS/SQS',
      metricName: 'ApproximateNumberOfMessagesVisible',
      statistic: 'Maximum',
      dimensions: { QueueName: this.deadLetters.name },
    });
    alarm('errors', 'The function throws: what it needs is away, or its settings are wrong. See its log', {
      namespace: 'AWS/Lambda',
      metricName: 'Errors',
      statistic: 'Sum',
      dimensions: { FunctionName: this.name },
    });
  }

  private createQueue(key: CustomerKey): SqsQueue {
    return new SqsQueue(this, 'dead-letters', {
      name: `${this.name}-dead-letters`,
      messageRetentionSeconds: DEAD_LETTER_SECONDS,
      kmsMasterKeyId: key.arn,
    });
  }

  private createFunction(props: PrivateFunctionProps, made: FunctionParts): LambdaFunction {
    const { settings } = PlatformStack.of(this);
    const { artifact, network } = props;
    const { role, policy, log } = made;
    const zip = new TerraformAsset(this, 'zip', {
      path: artifact.zipPath,
      type: AssetType.FILE,
      // Of the bytes that Lambda gets; hexadecimal, since it becomes the name of a folder.
      assetHash: Buffer.from(artifact.sha256Base64, 'base64').toString('hex'),
    });
    return new LambdaFunction(this, 'function', {
      functionName: this.name,
      description: props.description,
      filename: zip.path,
      sourceCodeHash: artifact.sha256Base64,
      handler: 'handler.handler',
      runtime: LAMBDA_RUNTIME,
      // The zip holds binaries of this system.
      architectures: ['x86_64'],
      role: role.arn,
      memorySize: props.memoryMib,
      timeout: props.timeoutSeconds,
      // A new account has less than Lambda keeps unreserved, and any reservation would be refused.
      ...(settings.aws.lambda.reservesConcurrency ? { reservedConcurrentExecutions: props.concurrency } : {}),
      environment: { variables: { NODE_OPTIONS: '--enable-source-maps', ...props.environment } },
      kmsKeyArn: props.key.arn,
      vpcConfig: { subnetIds: [...network.privateSubnetIds], securityGroupIds: [this.securityGroupId] },
      tracingConfig: { mode: 'Active' },
      // Platform lines as JSON, as ours are.
      loggingConfig: { logFormat: 'JSON', logGroup: log.name },
      // New code must not meet an old role.
      dependsOn: [policy],
    });
  }
}

interface FunctionParts {
  readonly role: IamRole;
  readonly policy: IamRolePolicy;
  readonly log: LogGroup;
}
