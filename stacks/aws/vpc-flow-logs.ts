// Connections in the VPC, accepted or refused, in a log group of our own.
import { DataAwsIamPolicyDocument } from '@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js';
import { FlowLog } from '@cdktf/provider-aws/lib/flow-log/index.js';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy/index.js';
import { Construct } from 'constructs';
import type { CustomerKey } from '../constructs/customer-key.ts';
import { LogGroup } from '../constructs/log-group.ts';
import { PlatformStack } from '../constructs/platform-stack.ts';
import { ServiceRole } from './service-role.ts';

export interface VpcFlowLogsProps {
  readonly vpcId: string;
  readonly logKey: CustomerKey;
}

/** Of the two that AWS offers, 60 and 600, the one that is of use while an incident lasts. */
const AGGREGATION_SECONDS = 60;

export class VpcFlowLogs extends Construct {
  constructor(scope: Construct, id: string, { vpcId, logKey }: VpcFlowLogsProps) {
    super(scope, id);
    const { prefix, settings } = PlatformStack.of(this);
    const { region, accountId } = settings.aws;
    const group = new LogGroup(this, 'logs', { name: `/aws/vpc/${prefix}/flow-logs`, key: logKey });
    const role = new ServiceRole(this, 'role', {
      name: `${prefix}-vpc-flow-logs`,
      service: 'vpc-flow-logs.amazonaws.com',
      sourceArn: `arn:aws:ec2:${region}:${accountId}:vpc-flow-log/*`,
    });
    const policy = new IamRolePolicy(this, 'may-write', {
      name: 'write-logs',
      role: role.name,
      policy: this.mayWrite(group).json,
    });
    new FlowLog(this, 'flow-log', {
      vpcId,
      trafficType: 'ALL',
      logDestinationType: 'cloud-watch-logs',
      logDestination: group.arn,
      iamRoleArn: role.arn,
      maxAggregationInterval: AGGREGATION_SECONDS,
      tags: { Name: `${prefix}-flow-logs` },
      dependsOn: [policy],
    });
  }

  private mayWrite(group: LogGroup): DataAwsIamPolicyDocument {
    const { region, accountId } = PlatformStack.of(this).settings.aws;
    return new DataAwsIamPolicyDocument(this, 'policy', {
      statement: [
        {
          sid: 'WriteStreams',
          actions: ['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
          resources: [group.arn, `${group.arn}:*`],
        },
        {
          // It lists before it writes, and a list is of all groups.
          sid: 'FindGroup',
          actions: ['logs:DescribeLogGroups'],
          resources: [`arn:aws:logs:${region}:${accountId}:log-group:*`],
        },
      ],
    });
  }
}
