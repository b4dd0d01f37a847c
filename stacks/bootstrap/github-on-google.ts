// GitHub's workflows on Google Cloud, without keys: jobs of the environment become a service account by their identity token.
// Source: Google Cloud, "Configure Workload Identity Federation with deployment pipelines", which advises the numbers of repository
// and owner, since names can be taken over (looked up on 2026-11-28).
import { IamWorkloadIdentityPool } from '@cdktf/provider-google/lib/iam-workload-identity-pool/index.js';
import { IamWorkloadIdentityPoolProvider } from '@cdktf/provider-google/lib/iam-workload-identity-pool-provider/index.js';
import { ServiceAccount } from '@cdktf/provider-google/lib/service-account/index.js';
import { ServiceAccountIamMember } from '@cdktf/provider-google/lib/service-account-iam-member/index.js';
import { Construct } from 'constructs';
import { deployAccountId } from '../constructs/deploy-account.ts';
import { PlatformStack } from '../constructs/platform-stack.ts';
import { GITHUB_ISSUER, type GithubRepository } from './github-workflows.ts';
import { GoogleDeployRights } from './google-deploy-rights.ts';

export interface GithubOnGoogleProps {
  readonly prefix: string;
  readonly projectId: string;
  readonly repository: GithubRepository;
  /** GitHub environment whose jobs may deploy. */
  readonly environment: string;
}

export class GithubOnGoogle extends Construct {
  /** Full name of the provider, as GitHub's sign-in action wants it. */
  readonly providerName: string;
  readonly email: string;

  constructor(scope: Construct, id: string, props: GithubOnGoogleProps) {
    super(scope, id);
    const { prefix, projectId, repository, environment } = props;
    const pool = new IamWorkloadIdentityPool(this, 'pool', {
      workloadIdentityPoolId: `${prefix}-github`,
      displayName: 'GitHub workflows',
    });
    const provider = new IamWorkloadIdentityPoolProvider(this, 'provider', {
      workloadIdentityPoolId: pool.workloadIdentityPoolId,
      workloadIdentityPoolProviderId: 'github',
      oidc: { issuerUri: `https://${GITHUB_ISSUER}` },
      // Tokens without an environment, as pull requests have them, are refused by the condition.
      attributeMapping: {
        'google.subject': 'assertion.sub',
        'attribute.environment': 'assertion.environment',
      },
      // All of GitHub has the same issuer: another repository's tokens end here.
      attributeCondition: [
        `assertion.repository_id == '${repository.id}'`,
        `assertion.repository_owner_id == '${repository.ownerId}'`,
        `assertion.environment == '${environment}'`,
      ].join(' && '),
    });
    const account = new ServiceAccount(this, 'deploy', {
      accountId: deployAccountId(PlatformStack.of(this).settings),
      displayName: 'GitHub workflows that deploy',
    });
    new ServiceAccountIamMember(this, 'deploy-becomes', {
      serviceAccountId: account.name,
      role: 'roles/iam.workloadIdentityUser',
      // Not by the subject, which GitHub writes in two ways.
      member: `principalSet://iam.googleapis.com/${pool.name}/attribute.environment/${environment}`,
    });
    new GoogleDeployRights(this, 'deploy-rights', { prefix, projectId, member: account.member });
    this.providerName = provider.name;
    this.email = account.email;
  }
}
