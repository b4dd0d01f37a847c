// A role that an AWS service takes on for us, with the policies that AWS keeps for it.
import { DataAwsIamPolicyDocument } from '@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role/index.js';
import { IamRolePolicyAttachment } from '@cdktf/provider-aws/lib/iam-role-policy-attachment/index.js';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { PlatformStack } from '../constructs/platform-stack.ts';

export interface ServiceRoleProps {
  readonly name: string;
  /** Service principal, such as `eks.amazonaws.com`. */
  readonly service: string;
  /** The resource it may act for; may end in `*`. @default any: EC2 names none when it hands a role to an instance */
  readonly sourceArn?: string;
  /** Names under `arn:aws:iam::aws:policy/`. @default none */
  readonly managedPolicies?: readonly string[];
}

export class ServiceRole extends Construct {
  readonly arn: string;
  readonly name: string;
  /** Without these, who takes the role on can do nothing. */
  readonly policies: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: ServiceRoleProps) {
    super(scope, id);
    const { name, managedPolicies = [] } = props;
    const role = new IamRole(this, 'role', { name, assumeRolePolicy: this.trust(props).json });
    this.arn = role.arn;
    this.name = role.name;
    this.policies = managedPolicies.map(
      (policy) =>
        new IamRolePolicyAttachment(this, policy, {
          role: role.name,
          policyArn: `arn:aws:iam::aws:policy/${policy}`,
        }),
    );
  }

  private trust({ service, sourceArn }: ServiceRoleProps): DataAwsIamPolicyDocument {
    const { accountId } = PlatformStack.of(this).settings.aws;
    return new DataAwsIamPolicyDocument(this, 'trust', {
      statement: [
        {
          sid: 'ServiceOfThisAccount',
          actions: ['sts:AssumeRole'],
          principals: [{ type: 'Service', identifiers: [service] }],
          condition: sourceArn
            ? [
                { test: 'StringEquals', variable: 'aws:SourceAccount', values: [accountId] },
                { test: 'ArnLike', variable: 'aws:SourceArn', values: [sourceArn] },
              ]
            : [],
        },
      ],
    });
  }
}
