// Alertmanager's identity on AWS: it may publish to the topic of alarms, so that what the cluster's own rules find reaches the same people as
// CloudWatch's alarms.
import { DataAwsIamPolicyDocument } from '@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js';
import { Construct } from 'constructs';
import { PlatformStack } from '../constructs/platform-stack.ts';
import { PodIdentity } from '../constructs/pod-identity.ts';

export interface AlertSenderProps {
  readonly clusterName: string;
  readonly topicArn: string;
  /** Encrypts what is published. */
  readonly topicKeyArn: string;
}

export class AlertSender extends Construct {
  constructor(scope: Construct, id: string, { clusterName, topicArn, topicKeyArn }: AlertSenderProps) {
    super(scope, id);
    const identity = new PodIdentity(this, 'identity', {
      name: `${PlatformStack.of(this).prefix}-alertmanager`,
      clusterName,
      namespace: 'observability',
      serviceAccount: 'alertmanager',
    });
    const document = new DataAwsIamPolicyDocument(this, 'may', {
      statement: [
        { sid: 'TellAlarms', actions: ['sns:Publish'], resources: [topicArn] },
        // A publisher needs both (Amazon SNS, "Key management", "Configure AWS KMS permissions").
        { sid: 'UseKeyOfAlarms', actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [topicKeyArn] },
      ],
    });
    identity.allow('alarms', document);
  }
}
