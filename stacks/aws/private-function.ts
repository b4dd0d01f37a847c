// A Lambda function inside the VPC: its zip, role, logs, and a queue for events that it could not deal with. It reaches nothing
// until somebody connects it.

import {
  DataAwsIamPolicyDocument,
  type DataAwsIamPolicyDocumentStatement,
} from '@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role/index.js';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy/index.js';
import { LambdaFunction } from '@cdktf/provider-aws/lib/lambda-function/index.js';
import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group/index.js';
import { SqsQueue } from '@cdktf/provider-aws/lib/sqs-queue/index.js';
import { AssetType, TerraformAsset } from 'cdktf';
import { Construct } from 'constructs';
import type { LambdaArtifact } from '../artifacts.ts';
import type { CustomerKey } from '../constructs/customer-key.ts';
import { LogGroup } from '../constructs/log-group.ts';
import { PlatformStack } from '../constructs/platform-stack.ts';
import { LAMBDA_RUNTIME } from '../versions.ts';
import { baseStatements, trustedToLambda } from './function-role.ts';
import type { AwsNetwork } from './hand-over.ts';

/** The longest that SQS keeps a message: the time in which somebody must look. */
const DEAD_LETTER_SECONDS = 14 * 86_400;

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
}

export class PrivateFunction extends Construct {
  readonly name: string;
  readonly securityGroupId: string;
  readonly deadLetters: SqsQueue;
  readonly lambda: LambdaFunction;

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
      deadLetterConfig: { targetArn: this.deadLetters.arn },
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
