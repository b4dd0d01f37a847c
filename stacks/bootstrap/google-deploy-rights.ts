// The rights of the deploying identity in the project: those that the stacks need, and no basic role. Of the rights to give rights it has
// only those that the workloads get.
import { ProjectIamCustomRole } from '@cdktf/provider-google/lib/project-iam-custom-role/index.js';
import { ProjectIamMember } from '@cdktf/provider-google/lib/project-iam-member/index.js';
import { Construct } from 'constructs';

export interface GoogleDeployRightsProps {
  readonly prefix: string;
  readonly projectId: string;
  /** `serviceAccount:…`. */
  readonly member: string;
}

/** To run as an account is no right in the project: each workload's account gives it for itself (gcp/workload-identity.ts). */
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
  // For the pool by which Google believes the cluster (stacks/link/cluster-federation.ts), whose issuer is known after `aws` alone.
  'iam.workloadIdentityPoolAdmin',
  'monitoring.alertPolicyEditor',
  'monitoring.notificationChannelEditor',
  'run.admin',
  'secretmanager.admin',
  'servicenetworking.networksAdmin',
  'serviceusage.serviceUsageAdmin',
  'storage.admin',
];

/** What the `gcp` stack gives its workloads in the project; a spec holds the two against each other. */
const WORKLOAD_ROLES = [
  'cloudsql.instanceUser',
  'dataproc.worker',
  'datastore.user',
  'datastore.viewer',
  'logging.logWriter',
  'monitoring.metricWriter',
];

export class GoogleDeployRights extends Construct {
  constructor(scope: Construct, id: string, { prefix, projectId, member }: GoogleDeployRightsProps) {
    super(scope, id);
    const agents = new ProjectIamCustomRole(this, 'service-agents', {
      roleId: `${prefix.replaceAll('-', '_')}_service_agents`,
      title: 'Makes the agents of services',
      // The agents of Cloud SQL and others exist only once they are asked for, before they get our key; no predefined role
      // of those above has the permission.
      permissions: ['serviceusage.services.generateServiceIdentity'],
    });
    const allow = (name: string, role: string) =>
      new ProjectIamMember(this, name, { project: projectId, role, member });
    allow('service-agents-made', agents.name);
    for (const role of DEPLOY_ROLES) allow(role, `roles/${role}`);
    const grantable = WORKLOAD_ROLES.map((role) => `'roles/${role}'`).join(', ');
    new ProjectIamMember(this, 'workload-roles', {
      project: projectId,
      role: 'roles/resourcemanager.projectIamAdmin',
      member,
      // Without it the account could make itself owner (Google Cloud, "Set limits on granting roles").
      condition: {
        title: 'workload-roles',
        description: 'Gives and takes the roles of the workloads, and no other',
        expression: `api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', []).hasOnly([${grantable}])`,
      },
    });
  }
}
