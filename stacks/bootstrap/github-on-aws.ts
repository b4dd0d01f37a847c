// GitHub's workflows on AWS, without keys: pull requests may look, the environment's deployments may change. Sources: GitHub,
// "Configuring OpenID Connect in Amazon Web Services"; AWS, "AWS STS now supports validation of select identity provider specific
// claims" (January 2026: `repository_id` and others of GitHub are condition keys; the owner's number is not among those named),
// "Identity-provider controls for shared OIDC providers" (a role that trusts GitHub must ask for `sub`). Looked up on 2026-11-28.
import { DataAwsIamPolicyDocument } from '@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js';
import { IamOpenidConnectProvider } from '@cdktf/provider-aws/lib/iam-openid-connect-provider/index.js';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role/index.js';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy/index.js';
import { IamRolePolicyAttachment } from '@cdktf/provider-aws/lib/iam-role-policy-attachment/index.js';
import { Construct } from 'constructs';
import { ROLE_BOUNDARY_ARN } from '../constructs/role-boundary.ts';
import {
  GITHUB_ISSUER,
  type GithubRepository,
  subjectsOf,
  type WorkflowContext,
} from './github-workflows.ts';

export interface GithubOnAwsProps {
  /** Begins every role's name; the deploying role may touch only roles that begin so. */
  readonly prefix: string;
  readonly accountId: string;
  readonly repository: GithubRepository;
  /** GitHub environment whose jobs may deploy. */
  readonly environment: string;
  readonly stateBucketArn: string;
  readonly stateKeyArn: string;
}

const AUDIENCE = 'sts.amazonaws.com';

const ROLE_READS = [
  'iam:GetRole',
  'iam:GetRolePolicy',
  'iam:ListAttachedRolePolicies',
  'iam:ListInstanceProfilesForRole',
  'iam:ListRolePolicies',
];
/** Gives rights: only to roles inside the boundary. */
const ROLE_GRANTS = [
  'iam:AttachRolePolicy',
  'iam:CreateRole',
  'iam:DeleteRolePolicy',
  'iam:DetachRolePolicy',
  'iam:PutRolePermissionsBoundary',
  'iam:PutRolePolicy',
];
const ROLE_CHANGES = [
  'iam:DeleteRole',
  'iam:PassRole',
  'iam:TagRole',
  'iam:UntagRole',
  'iam:UpdateAssumeRolePolicy',
  'iam:UpdateRole',
];

export class GithubOnAws extends Construct {
  readonly planRoleArn: string;
  readonly deployRoleArn: string;

  constructor(scope: Construct, id: string, props: GithubOnAwsProps) {
    super(scope, id);
    const { environment } = props;
    const issuer = new IamOpenidConnectProvider(this, 'issuer', {
      url: `https://${GITHUB_ISSUER}`,
      clientIdList: [AUDIENCE],
    });
    const plan = this.role('plan', props, issuer.arn, 'pull_request');
    this.attach('plan-reads', plan, 'ReadOnlyAccess');
    const deploy = this.role('deploy', props, issuer.arn, `environment:${environment}`);
    this.attach('deploy-changes', deploy, 'PowerUserAccess');
    this.allow('deploy-roles', deploy, this.rolesOfThePlatform(props));
    for (const [name, role] of [['plan', plan] as const, ['deploy', deploy] as const])
      this.allow(`${name}-state`, role, this.stateAccess(name, props));
    this.planRoleArn = plan.arn;
    this.deployRoleArn = deploy.arn;
  }

  private role(
    purpose: string,
    { prefix, repository }: GithubOnAwsProps,
    issuerArn: string,
    context: WorkflowContext,
  ): IamRole {
    const equals = (variable: string, ...values: string[]) => ({
      test: 'StringEquals',
      variable: `${GITHUB_ISSUER}:${variable}`,
      values,
    });
    const trust = new DataAwsIamPolicyDocument(this, `${purpose}-trust`, {
      statement: [
        {
          sid: 'GithubWorkflows',
          actions: ['sts:AssumeRoleWithWebIdentity'],
          principals: [{ type: 'Federated', identifiers: [issuerArn] }],
          condition: [
            equals('aud', AUDIENCE),
            equals('sub', ...subjectsOf(repository, context)),
            equals('repository_id', repository.id),
          ],
        },
      ],
    });
    return new IamRole(this, `${purpose}-role`, {
      name: `${prefix}-ci-${purpose}`,
      description: `GitHub workflows that ${purpose}`,
      assumeRolePolicy: trust.json,
      maxSessionDuration: 7_200,
    });
  }

  private attach(id: string, role: IamRole, managedPolicy: string): void {
    new IamRolePolicyAttachment(this, id, {
      role: role.name,
      policyArn: `arn:aws:iam::aws:policy/${managedPolicy}`,
    });
  }

  private allow(id: string, role: IamRole, policy: DataAwsIamPolicyDocument): void {
    new IamRolePolicy(this, id, { name: id, role: role.name, policy: policy.json });
  }

  /**
   * PowerUserAccess leaves IAM out. It is given here for roles of our own names, and only inside the boundary: no role comes of
   * it that may do more than this one, and this one cannot widen itself.
   */
  private rolesOfThePlatform({ prefix, accountId }: GithubOnAwsProps): DataAwsIamPolicyDocument {
    const ours = `arn:aws:iam::${accountId}:role/${prefix}-*`;
    const boundary = {
      test: 'StringEquals',
      variable: 'iam:PermissionsBoundary',
      values: [ROLE_BOUNDARY_ARN],
    };
    return new DataAwsIamPolicyDocument(this, 'roles-of-the-platform', {
      statement: [
        { sid: 'RolesInsideTheBoundary', actions: ROLE_GRANTS, resources: [ours], condition: [boundary] },
        { sid: 'RolesOfThePlatform', actions: [...ROLE_READS, ...ROLE_CHANGES], resources: [ours] },
        {
          sid: 'NotItself',
          effect: 'Deny',
          actions: [...ROLE_GRANTS, ...ROLE_CHANGES],
          resources: [`arn:aws:iam::${accountId}:role/${prefix}-ci-*`],
        },
      ],
    });
  }

  /** Both lock a state while they work on it, by an object beside it; only deployments write the state. No one may delete a state. */
  private stateAccess(
    name: 'plan' | 'deploy',
    { stateBucketArn, stateKeyArn }: GithubOnAwsProps,
  ): DataAwsIamPolicyDocument {
    const states = `${stateBucketArn}/*.tfstate`;
    const locks = `${stateBucketArn}/*.tflock`;
    return new DataAwsIamPolicyDocument(this, `${name}-state-access`, {
      statement: [
        { sid: 'ListStates', actions: ['s3:ListBucket'], resources: [stateBucketArn] },
        { sid: 'ReadStates', actions: ['s3:GetObject'], resources: [states, locks] },
        { sid: 'LockStates', actions: ['s3:PutObject', 's3:DeleteObject'], resources: [locks] },
        ...(name === 'deploy'
          ? [{ sid: 'WriteStates', actions: ['s3:PutObject'], resources: [states] }]
          : []),
        { sid: 'UseKeyOfStates', actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [stateKeyArn] },
      ],
    });
  }
}
