// In a laptop's cluster the keys of service accounts' tokens are public, as a cloud publishes them: services look them up without a
// token of their own (Kubernetes, "Service account issuer discovery").
import type { Construct } from 'constructs';
import type { IClusterRoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1';
import { addObject } from '../part.ts';

/** Kubernetes brings this role; it may read the keys and the name of the issuer, nothing else. */
const ROLE = 'system:service-account-issuer-discovery';

export function addServiceTokenKeys(scope: Construct): void {
  addObject(scope, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'service-token-keys' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: ROLE },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:unauthenticated' }],
  } satisfies IClusterRoleBinding);
}
