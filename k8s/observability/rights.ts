// What a server of this room may ask the API server: in given namespaces, or of the whole cluster where its objects belong to none.
import type {
  IClusterRole,
  IClusterRoleBinding,
  IRole,
  IRoleBinding,
} from 'kubernetes-models/rbac.authorization.k8s.io/v1';
import { NAMESPACES } from '../namespaces.ts';
import { addObject, type Part } from '../part.ts';

export interface Right {
  /** Empty for the core group. */
  readonly group: string;
  readonly resources: readonly string[];
  readonly verbs: readonly ('get' | 'list' | 'watch')[];
}

const API = { apiVersion: 'rbac.authorization.k8s.io/v1' } as const;
const rulesOf = (rights: readonly Right[]) =>
  rights.map(({ group, resources, verbs }) => ({
    apiGroups: [group],
    resources: [...resources],
    verbs: [...verbs],
  }));
const accountOf = (name: string) => [{ kind: 'ServiceAccount', name, namespace: NAMESPACES.observability }];
const roleRef = (kind: string, name: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind, name });

/** Objects of these namespaces alone. */
export function grantIn(
  part: Part,
  account: string,
  namespaces: readonly string[],
  rights: readonly Right[],
): void {
  for (const namespace of namespaces) {
    // Files are named by kind and name, so the names differ.
    const metadata = { name: `${account}-${namespace}`, namespace };
    addObject(part, { ...API, kind: 'Role', metadata, rules: rulesOf(rights) } satisfies IRole);
    addObject(part, {
      ...API,
      kind: 'RoleBinding',
      metadata,
      roleRef: roleRef('Role', metadata.name),
      subjects: accountOf(account),
    } satisfies IRoleBinding);
  }
}

export function grantInCluster(part: Part, account: string, rights: readonly Right[]): void {
  const metadata = { name: account };
  addObject(part, { ...API, kind: 'ClusterRole', metadata, rules: rulesOf(rights) } satisfies IClusterRole);
  addObject(part, {
    ...API,
    kind: 'ClusterRoleBinding',
    metadata,
    roleRef: roleRef('ClusterRole', account),
    subjects: accountOf(account),
  } satisfies IClusterRoleBinding);
}
