// GitHub's workflows on Google Cloud, without keys: jobs of the environment become a service account by their identity token.
// Source: Google Cloud, "Configure Workload Identity Federation with deployment pipelines".
import { IamWorkloadIdentityPool } from '@cdktf/provider-google/lib/iam-workload-identity-pool/index.js';
import { IamWorkloadIdentityPoolProvider } from '@cdktf/provider-google/lib/iam-workload-identity-pool-provider/index.js';
import { ProjectIamCustomRole } from '@cdktf/provider-google/lib/project-iam-custom-role/index.js';
import { ProjectIamMember } from '@cdktf/provider-google/lib/project-iam-member/index.js';
import { ProjectService } from '@cdktf/provider-google/lib/project-service/index.js';
import { ServiceAccount } from '@cdktf/provider-google/lib/service-account/index.js';
import { ServiceAccountIamMember } from '@cdktf/provider-google/lib/service-account-iam-member/index.js';
import { Construct } from 'constructs';

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

/** What the stacks need to be built; no basic role is among them. */
const DEPLOY_ROLES = [
  'artifactregistry.admin',
  'cloudkms.admin',
  'cloudsql.admin',
  'compute.networkAdmin',
  'compute.securityAdmin',
  'dataproc.admin',
  'datastore.owner',
  'dns.admin',
  'iam.serviceAccountAdmin',
  'iam.serviceAccountUser',
  'resourcemanager.projectIamAdmin',
  'run.admin',
  'secretmanager.admin',
  'servicenetworking.networksAdmin',
  'serviceusage.serviceUsageAdmin',
  'storage.admin',
];

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
    const agents = new ProjectIamCustomRole(this, 'service-agents', {
      roleId: `${prefix.replaceAll('-', '_')}_service_agents`,
      title: 'Makes the agents of services',
      // The agents of Cloud SQL and others exist only once somebody asks for them, before they get our key; no predefined role
      // of those above has the permission.
      permissions: ['serviceusage.services.generateServiceIdentity'],
    });
    new ProjectIamMember(this, 'deploy-service-agents', {
      project: projectId,
      role: agents.name,
      member: account.member,
    });
    for (const role of DEPLOY_ROLES)
      new ProjectIamMember(this, `deploy-${role}`, {
        project: projectId,
        role: `roles/${role}`,
        member: account.member,
      });
    this.providerName = provider.name;
    this.email = account.email;
  }
}
