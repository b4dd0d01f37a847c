// A group of CloudWatch logs that is made before its service writes: AWS's own would be kept for ever and without our key.
import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group/index.js';
import { Construct } from 'constructs';
import type { CustomerKey } from './customer-key.ts';
import { keepsData, PlatformStack } from './platform-stack.ts';

export interface LogGroupProps {
  /** The one its service writes to, such as `/aws/lambda/shop-dev-image-renditions`. */
  readonly name: string;
  /** Its services must hold `logs.<region>.amazonaws.com`. */
  readonly key: CustomerKey;
}

export class LogGroup extends Construct {
  /** For services that write to the group by its name alone: they must wait for it. */
  readonly group: CloudwatchLogGroup;
  readonly name: string;
  readonly arn: string;

  constructor(scope: Construct, id: string, { name, key }: LogGroupProps) {
    super(scope, id);
    const { settings } = PlatformStack.of(this);
    const group = new CloudwatchLogGroup(this, 'group', {
      name,
      retentionInDays: settings.logRetentionDays,
      kmsKeyId: key.arn,
      deletionProtectionEnabled: settings.isProtected,
      lifecycle: keepsData(settings),
    });
    this.group = group;
    this.name = group.name;
    this.arn = group.arn;
  }
}
