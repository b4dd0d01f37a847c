// The most that a role of the platform may ever do, beyond its policies: everything except giving rights. The deploying identity
// can then make roles without being able to make himself, or anybody, an administrator.
import { IamRole } from '@cdktf/provider-aws/lib/iam-role/index.js';
import { Aspects, type IAspect } from 'cdktf';
import type { IConstruct } from 'constructs';

/** AWS keeps it: all services but IAM, Organizations and the account itself (AWS, "PowerUserAccess"). */
export const ROLE_BOUNDARY_ARN = 'arn:aws:iam::aws:policy/PowerUserAccess';

const bound: IAspect = {
  visit(node: IConstruct): void {
    if (node instanceof IamRole) node.permissionsBoundary = ROLE_BOUNDARY_ARN;
  },
};

/** Puts the boundary on every role below. */
export const boundRoles = (scope: IConstruct): void => Aspects.of(scope).add(bound);
