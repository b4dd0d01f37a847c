// What the role of every function needs before its function can start: a log, traces, and network interfaces in the VPC.
import {
  DataAwsIamPolicyDocument,
  type DataAwsIamPolicyDocumentStatement,
} from '@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js';
import type { Construct } from 'constructs';
import type { Settings } from '../settings.ts';

/** Lambda names no source when it takes a role on, so there is none to ask for. */
export const trustedToLambda = (scope: Construct): DataAwsIamPolicyDocument =>
  new DataAwsIamPolicyDocument(scope, 'trust', {
    statement: [
      {
        sid: 'AssumedByLambda',
        actions: ['sts:AssumeRole'],
        principals: [{ type: 'Service', identifiers: ['lambda.amazonaws.com'] }],
      },
    ],
  });

export interface FunctionFacts {
  readonly aws: Settings['aws'];
  readonly functionName: string;
  readonly logGroupArn: string;
}

const INTERFACE_ACTIONS = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:UnassignPrivateIpAddresses',
];
const DESCRIBE_ACTIONS = ['ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets'];

export const baseStatements = (facts: FunctionFacts): DataAwsIamPolicyDocumentStatement[] => [
  {
    sid: 'WriteLog',
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    resources: [`${facts.logGroupArn}:*`],
  },
  {
    sid: 'WriteTraces',
    actions: ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'],
    // X-Ray knows no resources for these (AWS, "Actions, resources, and condition keys for AWS X-Ray").
    resources: ['*'],
  },
  ...interfaceStatements(facts),
];

/** Lambda makes a function's network interfaces in the name of its role (AWS, "Giving Lambda functions access to resources in a VPC"). */
function interfaceStatements({ aws, functionName }: FunctionFacts): DataAwsIamPolicyDocumentStatement[] {
  const { region, accountId } = aws;
  return [
    {
      sid: 'HaveInterfaces',
      actions: INTERFACE_ACTIONS,
      // Lambda asks whether all resources may be deleted: anything narrower than the account's keeps it out of the VPC.
      resources: [`arn:aws:ec2:${region}:${accountId}:*/*`],
    },
    {
      sid: 'SeeInterfaces',
      actions: DESCRIBE_ACTIONS,
      // EC2 knows no resources for descriptions.
      resources: ['*'],
    },
    {
      // The right is Lambda's; the function's own code shall not have it.
      sid: 'DenyInterfacesToCode',
      effect: 'Deny',
      actions: [...INTERFACE_ACTIONS, ...DESCRIBE_ACTIONS],
      resources: ['*'],
      condition: [
        {
          test: 'ArnEquals',
          variable: 'lambda:SourceFunctionArn',
          values: [`arn:aws:lambda:${region}:${accountId}:function:${functionName}`],
        },
      ],
    },
  ];
}
