// GitHub's workflows on Google Cloud, without keys: jobs of the environment become a service account by their identity token.
// Source: Google Cloud, "Configure Workload Identity Federation with deployment pipelines".
import { IamWorkloadIdentityPool } from '@cdktf/provider-google/lib/iam-workload-identity-pool/index.js';
import { IamWorkloadIdentityPoolProvider } from '@cdktf/provider-google/lib/iam-workload-identity-pool-provider/index.js';
import { ProjectService } from '@cdktf/provider-google/lib/project-service/index.js';
import { ServiceAccount } from '@cdktf/provider-google/lib/service-account/index.js';
import { ServiceAccountIamMember } from '@cdktf/provider-google/lib/service-account-iam-member/index.js';
import { Construct } from 'constructs';
import { GoogleDeployRights } from './google-deploy-rights.ts';

export interface GithubOnGoogleProps {
  readonly prefix: string;
  readonly projectId: string;
  /** `owner/name`. */
  readonly repository: string;
  /** GitHub environment whose jobs may deploy. */
  readonly environment: string;
}

/** Without these Terraform could not even enable the others. */
const FIRST_APIS = ['cloudresourcemanager', 'iam', 'iamcredentials', 'serviceusage', 'sts'];

export class GithubOnGoogle extends Construct {
  /** Full name of the provider, as GitHub's sign-in action wants it. */
  readonly providerName: string;
  readonly email: string;

  constructor(scope: Construct, id: string, props: GithubOnGoogleProps) {
    super(scope, id);
    const { prefix, projectId, repository, environment } = props;
    const apis = FIRST_APIS.map(
      (api) =>
        new ProjectService(this, `api-${api}`, { service: `${api}.googleapis.com`, disableOnDestroy: false }),
    );
    const pool = new IamWorkloadIdentityPool(this, 'pool', {
      workloadIdentityPoolId: `${prefix}-github`,
      displayName: 'GitHub workflows',
      dependsOn: apis,
    });
    const provider = new IamWorkloadIdentityPoolProvider(this, 'provider', {
      workloadIdentityPoolId: pool.workloadIdentityPoolId,
      workloadIdentityPoolProviderId: 'github',
      oidc: { issuerUri: 'https://token.actions.githubusercontent.com' },
      attributeMapping: { 'google.subject': 'assertion.sub', 'attribute.repository': 'assertion.repository' },
      // All of GitHub has the same issuer: another repository's tokens end here.
      attributeCondition: `assertion.repository == '${repository}'`,
    });
    const account = new ServiceAccount(this, 'deploy', {
      accountId: `${prefix}-ci-deploy`,
      displayName: 'GitHub workflows that deploy',
      dependsOn: apis,
    });
    new ServiceAccountIamMember(this, 'deploy-becomes', {
      serviceAccountId: account.name,
      role: 'roles/iam.workloadIdentityUser',
      member: `principal://iam.googleapis.com/${pool.name}/subject/repo:${repository}:environment:${environment}`,
    });
    new GoogleDeployRights(this, 'deploy-rights', { prefix, projectId, member: account.member });
    this.providerName = provider.name;
    this.email = account.email;
  }
}
