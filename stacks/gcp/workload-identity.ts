// A service account of one workload: no keys, and only the roles that it is given.
import {
  ProjectIamMember,
  type ProjectIamMemberCondition,
} from '@cdktf/provider-google/lib/project-iam-member/index.js';
import { ServiceAccount } from '@cdktf/provider-google/lib/service-account/index.js';
import { ServiceAccountIamMember } from '@cdktf/provider-google/lib/service-account-iam-member/index.js';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { deployAccountMember } from '../constructs/deploy-account.ts';
import { PlatformStack } from '../constructs/platform-stack.ts';
import type { ServiceIdentity } from './hand-over.ts';

export interface WorkloadIdentityProps {
  /** End of its name: `worker` makes `shop-dev-worker`. */
  readonly name: string;
  /** Who acts under it, for a person who reads the list. */
  readonly displayName: string;
  /** Roles in the whole project, without `roles/`: for what has no narrower resource. */
  readonly projectRoles: readonly string[];
}

export class WorkloadIdentity extends Construct implements ServiceIdentity {
  readonly email: string;
  readonly uniqueId: string;
  /** As IAM writes it: `serviceAccount:…`. */
  readonly member: string;
  /** Its name as a user of a Cloud SQL database (Cloud SQL, "IAM database authentication"). */
  readonly databaseUser: string;
  readonly account: ITerraformDependable;
  /** What must be in force before the workload starts. */
  readonly grants: ITerraformDependable[] = [];

  constructor(scope: Construct, id: string, props: WorkloadIdentityProps) {
    super(scope, id);
    const { prefix, settings } = PlatformStack.of(this);
    const accountId = `${prefix}-${props.name}`;
    const account = new ServiceAccount(this, 'account', {
      accountId,
      displayName: props.displayName,
    });
    this.email = account.email;
    this.uniqueId = account.uniqueId;
    this.member = account.member;
    this.account = account;
    this.databaseUser = `${accountId}@${settings.gcp.projectId}.iam`;
    for (const role of props.projectRoles) this.allow(role);
    // The identity that starts a program under an account must be allowed to act as it.
    const deployed = new ServiceAccountIamMember(this, 'deployed-by', {
      serviceAccountId: account.name,
      role: 'roles/iam.serviceAccountUser',
      member: deployAccountMember(settings),
    });
    this.grants.push(deployed);
  }

  /** A role in the project, held to one resource by the condition where there is one. */
  allow(role: string, condition?: ProjectIamMemberCondition): void {
    const grant = new ProjectIamMember(this, role, {
      project: PlatformStack.of(this).settings.gcp.projectId,
      role: `roles/${role}`,
      member: this.member,
      ...(condition ? { condition } : {}),
    });
    this.grants.push(grant);
  }
}
