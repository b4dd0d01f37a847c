// What runs on EKS and asks Google Cloud does so as a service account of Google's, without a key: Google takes the tokens that this cluster
// signs for one of its own accounts. Source: Google Cloud, "Configure Workload Identity Federation with Kubernetes".
import { IamWorkloadIdentityPool } from '@cdktf/provider-google/lib/iam-workload-identity-pool/index.js';
import { IamWorkloadIdentityPoolProvider } from '@cdktf/provider-google/lib/iam-workload-identity-pool-provider/index.js';
import { ServiceAccountIamMember } from '@cdktf/provider-google/lib/service-account-iam-member/index.js';
import { Construct } from 'constructs';
import { GOOGLE_TOKEN_AUDIENCE } from '#contracts/deployed-settings.ts';
import type { Process } from '#contracts/process.ts';
import { SERVICES_NAMESPACE } from '#contracts/processes.ts';
import type { ServiceIdentity } from '../gcp/hand-over.ts';

export interface ClusterFederationProps {
  readonly prefix: string;
  readonly projectId: string;
  /** `iss` of the cluster's tokens, whose keys are public. */
  readonly issuer: string;
  /** The process of which pods may act as the identity. */
  readonly process: Process;
  readonly identity: ServiceIdentity;
}

export class ClusterFederation extends Construct {
  /** `projects/<number>/locations/global/workloadIdentityPools/…/providers/…`. */
  readonly provider: string;

  constructor(scope: Construct, id: string, props: ClusterFederationProps) {
    super(scope, id);
    const { prefix, projectId, issuer, process, identity } = props;
    // As Kubernetes writes the `sub` of a service account's tokens.
    const subject = `system:serviceaccount:${SERVICES_NAMESPACE}:${process.name}`;
    const pool = new IamWorkloadIdentityPool(this, 'pool', {
      workloadIdentityPoolId: `${prefix}-eks`,
      displayName: 'Pods on EKS',
    });
    const provider = new IamWorkloadIdentityPoolProvider(this, 'provider', {
      workloadIdentityPoolId: pool.workloadIdentityPoolId,
      workloadIdentityPoolProviderId: 'cluster',
      // A token for another audience, such as those that services show each other, ends here.
      oidc: { issuerUri: issuer, allowedAudiences: [GOOGLE_TOKEN_AUDIENCE] },
      attributeMapping: { 'google.subject': 'assertion.sub' },
      attributeCondition: `assertion.sub == '${subject}'`,
    });
    new ServiceAccountIamMember(this, `${process.name}-becomes`, {
      serviceAccountId: `projects/${projectId}/serviceAccounts/${identity.email}`,
      role: 'roles/iam.workloadIdentityUser',
      member: `principal://iam.googleapis.com/${pool.name}/subject/${subject}`,
    });
    this.provider = provider.name;
  }
}
