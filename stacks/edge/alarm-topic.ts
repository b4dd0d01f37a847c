// Where every alarm of AWS's side and every alert of the cluster goes, and from there by mail to the person on call. It holds no customer data.
import { DataAwsIamPolicyDocument } from '@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js';
import { SnsTopic } from '@cdktf/provider-aws/lib/sns-topic/index.js';
import { SnsTopicPolicy } from '@cdktf/provider-aws/lib/sns-topic-policy/index.js';
import { SnsTopicSubscription } from '@cdktf/provider-aws/lib/sns-topic-subscription/index.js';
import { Construct } from 'constructs';
import { CustomerKey } from '../constructs/customer-key.ts';
import { PlatformStack } from '../constructs/platform-stack.ts';
import { alarmTopicName } from './alarm-topic-name.ts';

const PUBLISHER = 'cloudwatch.amazonaws.com';

export class AlarmTopic extends Construct {
  readonly arn: string;
  /** Of the key that a publisher needs. */
  readonly keyArn: string;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const { settings } = PlatformStack.of(this);
    // Alarms publish in CloudWatch's own name, and without the key they are dropped without a word (AWS, "Amazon SNS key management").
    const key = new CustomerKey(this, 'key', { purpose: 'alarms', services: [PUBLISHER] });
    const topic = new SnsTopic(this, 'topic', {
      name: alarmTopicName(settings),
      kmsMasterKeyId: key.arn,
    });
    this.arn = topic.arn;
    this.keyArn = key.arn;
    new SnsTopicPolicy(this, 'policy', { arn: topic.arn, policy: this.mayPublish(topic.arn).json });
    // The owner of that address must follow the link in the first mail.
    new SnsTopicSubscription(this, 'mail', {
      topicArn: topic.arn,
      protocol: 'email',
      endpoint: settings.edge.alarmAddress,
    });
  }

  private mayPublish(topicArn: string): DataAwsIamPolicyDocument {
    const { prefix, settings } = PlatformStack.of(this);
    const { region, accountId } = settings.aws;
    return new DataAwsIamPolicyDocument(this, 'may-publish', {
      statement: [
        {
          sid: 'AlarmsOfThisEnvironment',
          actions: ['sns:Publish'],
          principals: [{ type: 'Service', identifiers: [PUBLISHER] }],
          resources: [topicArn],
          condition: [
            {
              test: 'ArnLike',
              variable: 'aws:SourceArn',
              values: [`arn:aws:cloudwatch:${region}:${accountId}:alarm:${prefix}-*`],
            },
          ],
        },
        {
          sid: 'DenyWithoutTls',
          effect: 'Deny',
          actions: ['sns:Publish'],
          principals: [{ type: '*', identifiers: ['*'] }],
          resources: [topicArn],
          condition: [{ test: 'Bool', variable: 'aws:SecureTransport', values: ['false'] }],
        },
      ],
    });
  }
}
