// What an object names is there: accounts, roles, targets of scalers, namespaces.
import { at, type Content, listAt } from '../content.ts';
import { namespaceOf, type Reference, referenceRule } from './reference.ts';
import { firstOf, type Rule } from './rule.ts';

const accountReferences = (content: Content): Reference[] => [
  ...content.pods().flatMap(({ owner, path, spec, namespace }): Reference[] => {
    const name = spec.serviceAccountName;
    if (!name) return [];
    const fault = content.find('ServiceAccount', namespace, name) ? undefined : `there is no ${name}`;
    return [{ at: owner, field: `${path}.serviceAccountName`, fault }];
  }),
  ...content.all('RoleBinding', 'ClusterRoleBinding').flatMap((placed) =>
    listAt<{ kind: string; name: string; namespace?: string }>(placed.object, 'subjects')
      .filter(({ kind }) => kind === 'ServiceAccount')
      .map(({ name, namespace = placed.object.metadata.namespace }) => ({
        at: placed,
        field: `subjects[${name}]`,
        fault: content.find('ServiceAccount', namespace, name) ? undefined : 'there is no such account',
      })),
  ),
  ...content.all('RoleBinding', 'ClusterRoleBinding').map((placed) => {
    const { kind, name } = at(placed.object, 'roleRef') as { kind: string; name: string };
    const isThere = content.find(kind, kind === 'Role' ? placed.object.metadata.namespace : undefined, name);
    const isOfKubernetes = OF_KUBERNETES.test(`${kind} ${name}`);
    return {
      at: placed,
      field: 'roleRef',
      fault: isThere || isOfKubernetes ? undefined : `there is no ${kind} ${name}`,
    };
  }),
];

/** Roles that every cluster has. */
const OF_KUBERNETES =
  /^ClusterRole (system:|view$|edit$|admin$|cluster-admin$)|^Role extension-apiserver-authentication-reader$/;

const targetReferences = (content: Content): Reference[] => [
  ...content.all('HorizontalPodAutoscaler', 'ScaledObject').map((placed) => {
    const { kind = 'Deployment', name } = at(placed.object, 'spec.scaleTargetRef') as {
      kind?: string;
      name: string;
    };
    const fault = content.find(kind, namespaceOf(placed), name) ? undefined : `there is no ${kind} ${name}`;
    return { at: placed, field: 'spec.scaleTargetRef', fault };
  }),
  ...content.all('ScaledObject', 'ScaledJob').flatMap((placed) =>
    listAt<{ type: string; authenticationRef?: { kind?: string; name: string } }>(
      placed.object,
      'spec.triggers',
    ).flatMap(({ type, authenticationRef }) => {
      if (!authenticationRef) return [];
      const { kind = 'TriggerAuthentication', name } = authenticationRef;
      const namespace = kind === 'TriggerAuthentication' ? placed.object.metadata.namespace : undefined;
      const fault = content.find(kind, namespace, name) ? undefined : `there is no ${kind} ${name}`;
      return { at: placed, field: `spec.triggers[${type}].authenticationRef`, fault };
    }),
  ),
  ...content.all('StatefulSet').map((placed) => {
    const name = at(placed.object, 'spec.serviceName');
    const isThere = content.find('Service', placed.object.metadata.namespace, String(name));
    return {
      at: placed,
      field: 'spec.serviceName',
      fault: isThere ? undefined : `there is no Service ${String(name)}`,
    };
  }),
];

const namespaceReferences = (content: Content): Reference[] =>
  content.placed
    .filter(({ object }) => object.metadata.namespace !== undefined)
    .map((placed) => {
      const namespace = namespaceOf(placed);
      const isThere = content.find('Namespace', undefined, namespace) !== undefined;
      return {
        at: placed,
        field: 'metadata.namespace',
        fault: isThere || FROM_ELSEWHERE.has(namespace) ? undefined : `no part makes ${namespace}`,
      };
    });
/** Of Kubernetes itself, and ArgoCD's own, which the stack `gitops` makes. */
const FROM_ELSEWHERE = new Set(['kube-system', 'default', 'argocd']);

export const TARGETS: readonly Rule[] = [
  referenceRule({
    id: 'accounts',
    title: 'an account and a role that something names are there',
    remedy: 'make it beside the workload',
    references: accountReferences,
    breaks: [
      {
        what: 'an account that does not exist',
        on: (content) => content.remove(firstOf(content.all('ServiceAccount'), 'ServiceAccount')),
      },
    ],
  }),
  referenceRule({
    id: 'targets',
    title: 'what a scaler or a StatefulSet names is there',
    remedy: 'name the workload, the TriggerAuthentication or the Service as it is called',
    references: targetReferences,
    breaks: [
      {
        what: 'a scaler of nothing',
        on(content) {
          const scaler = firstOf(content.all('HorizontalPodAutoscaler', 'ScaledObject'), 'scaler');
          (scaler.object.spec as { scaleTargetRef: { name: string } }).scaleTargetRef.name = 'nothing';
        },
      },
    ],
  }),
  referenceRule({
    id: 'namespaces',
    title: 'the namespace of each object is made by some part',
    remedy: 'add it to k8s/namespaces.ts',
    references: namespaceReferences,
    breaks: [
      {
        what: 'an object in no namespace that there is',
        on: (content) =>
          void (firstOf(content.all('Deployment'), 'Deployment').object.metadata.namespace = 'nowhere'),
      },
    ],
  }),
];
