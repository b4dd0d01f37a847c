// What the pod security standard "restricted" asks of every pod, and what we ask beyond it: no other program on the node, no file of its
// image and no token of the cluster is within reach of a program that was taken over.
// Kubernetes, "Pod Security Standards", looked up on 2026-11-28.
import type { IVolume } from 'kubernetes-models/v1';
import { containerRule, containersOf, hasRights, podRule, type Rule } from './rule.ts';

/** Below it are the accounts of a node's own programs. */
const UID_MIN = 10_000;
/** Kinds of volumes that the standard admits. */
const VOLUMES = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);

const kindOfVolume = ({ name: _name, ...kind }: IVolume): string => Object.keys(kind)[0] ?? 'nothing';

const POD: readonly Rule[] = [
  podRule({
    id: 'host-namespaces',
    title: 'a pod shares no namespace of its node',
    remedy: 'leave hostNetwork, hostPID and hostIPC out',
    field: 'hostNetwork',
    check({ spec }) {
      const shared = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((field) => spec[field]);
      return shared.length > 0 ? `${shared.join(', ')} is on` : undefined;
    },
    broken: 'a pod in the network of its node',
    breaks: ({ spec }) => void (spec.hostNetwork = true),
  }),
  podRule({
    id: 'volume-kinds',
    title: 'a pod mounts nothing of its node',
    remedy: `use one of ${[...VOLUMES].join(', ')}`,
    field: 'volumes',
    check({ spec }) {
      const others = (spec.volumes ?? []).filter((volume) => !VOLUMES.has(kindOfVolume(volume)));
      return others.length > 0
        ? others.map((volume) => `${volume.name} is a ${kindOfVolume(volume)}`).join(', ')
        : undefined;
    },
    broken: 'a folder of the node',
    breaks: ({ spec }) => void (spec.volumes = [{ name: 'node', hostPath: { path: '/var/log' } }]),
  }),
  podRule({
    id: 'own-account',
    title: 'a pod has an account of its own',
    remedy: 'set serviceAccountName to an account that no other workload has',
    field: 'serviceAccountName',
    check({ spec, owner, namespace }, content) {
      const account = spec.serviceAccountName;
      if (!account || account === 'default') return `it is ${account ?? 'missing'}`;
      const other = content
        .pods()
        .find(
          (pod) =>
            pod.owner.object.metadata.name !== owner.object.metadata.name &&
            pod.namespace === namespace &&
            pod.spec.serviceAccountName === account,
        );
      return other ? `${other.owner.object.metadata.name} has ${account} too` : undefined;
    },
    broken: 'a pod with the account that everybody has',
    breaks: ({ spec }) => void (spec.serviceAccountName = 'default'),
  }),
  podRule({
    id: 'no-api-token',
    title: 'a pod has a token of the Kubernetes API only where its account has rights there',
    remedy: 'set automountServiceAccountToken to false, or bind a role',
    field: 'automountServiceAccountToken',
    check(pod, content) {
      if (pod.spec.automountServiceAccountToken === false) return undefined;
      return hasRights(pod, content) ? undefined : 'the token is mounted and of no use';
    },
    broken: 'a pod that is given a token',
    breaks: ({ spec }, content) => {
      delete spec.automountServiceAccountToken;
      for (const binding of content.all('RoleBinding', 'ClusterRoleBinding')) content.remove(binding);
    },
  }),
  podRule({
    id: 'seccomp',
    title: 'a pod keeps to the system calls that the runtime admits',
    remedy: 'set securityContext.seccompProfile.type to RuntimeDefault',
    field: 'securityContext.seccompProfile.type',
    check({ spec }) {
      const type = spec.securityContext?.seccompProfile?.type;
      return type === 'RuntimeDefault' ? undefined : `it is ${type}`;
    },
    broken: 'a pod without a seccomp profile',
    breaks: ({ spec }) => void delete spec.securityContext?.seccompProfile,
  }),
];

const CONTAINER: readonly Rule[] = [
  containerRule({
    id: 'non-root',
    title: `a container runs as a user of at least ${UID_MIN}, and never as root`,
    remedy: `set runAsNonRoot and a runAsUser of at least ${UID_MIN}, at the pod or the container`,
    field: 'securityContext.runAsUser',
    check({ securityContext }, { spec }) {
      const isNonRoot = securityContext?.runAsNonRoot ?? spec.securityContext?.runAsNonRoot;
      const user = securityContext?.runAsUser ?? spec.securityContext?.runAsUser;
      if (isNonRoot !== true) return `runAsNonRoot is ${isNonRoot}`;
      return user !== undefined && user >= UID_MIN ? undefined : `runAsUser is ${user}`;
    },
    broken: 'a container that runs as root',
    breaks: (container) => void (container.securityContext = { ...container.securityContext, runAsUser: 0 }),
  }),
  containerRule({
    id: 'privileged',
    title: 'a container is not privileged and gains no privileges',
    remedy: 'set allowPrivilegeEscalation to false and leave privileged out',
    field: 'securityContext',
    check({ securityContext }) {
      if (securityContext?.privileged) return 'privileged is true';
      const may = securityContext?.allowPrivilegeEscalation;
      return may === false ? undefined : `allowPrivilegeEscalation is ${may}`;
    },
    broken: 'a privileged pod',
    breaks: (container) =>
      void (container.securityContext = { ...container.securityContext, privileged: true }),
  }),
  containerRule({
    id: 'capabilities',
    title: 'a container drops every capability and adds none',
    remedy: 'set capabilities to { drop: [ALL] }',
    field: 'securityContext.capabilities',
    check({ securityContext }) {
      const { add = [], drop = [] } = securityContext?.capabilities ?? {};
      if (add.length > 0) return `it adds ${add.join(', ')}`;
      return drop.includes('ALL') ? undefined : `it drops ${drop.join(', ') || 'none'}`;
    },
    broken: 'a container with NET_ADMIN',
    breaks: (container) =>
      void (container.securityContext = {
        ...container.securityContext,
        capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] },
      }),
  }),
  containerRule({
    id: 'read-only-root',
    title: 'a container cannot write into its image',
    remedy: 'set readOnlyRootFilesystem to true, and mount an emptyDir where it must write',
    field: 'securityContext.readOnlyRootFilesystem',
    check({ securityContext }) {
      const isReadOnly = securityContext?.readOnlyRootFilesystem;
      return isReadOnly === true ? undefined : `it is ${isReadOnly}`;
    },
    broken: 'a container that can change its image',
    breaks: ({ securityContext }) => void delete securityContext?.readOnlyRootFilesystem,
  }),
  containerRule({
    id: 'host-port',
    title: 'a container takes no port of its node',
    remedy: 'leave hostPort out: a Service leads there',
    field: 'ports',
    check({ ports = [] }) {
      const taken = ports.filter(({ hostPort }) => hostPort !== undefined);
      return taken.length > 0 ? `hostPort ${taken.map(({ hostPort }) => hostPort).join(', ')}` : undefined;
    },
    broken: 'a container on port 80 of its node',
    breaks: (container) => void (container.ports = [{ containerPort: 80, hostPort: 80 }]),
  }),
];

/** Fields of the pod that a container may override, so that the pod's own say is not the last. */
const OVERRIDES: readonly Rule[] = [
  podRule({
    id: 'seccomp-override',
    title: 'no container leaves the seccomp profile of its pod',
    remedy: 'leave seccompProfile out of the container',
    field: 'containers',
    check(pod) {
      const others = containersOf(pod).filter(
        ({ securityContext }) =>
          (securityContext?.seccompProfile?.type ?? 'RuntimeDefault') !== 'RuntimeDefault',
      );
      return others.length > 0 ? `${others.map(({ name }) => name).join(', ')} has another` : undefined;
    },
    broken: 'a container that is unconfined',
    breaks: ({ spec }) => {
      const [container] = spec.containers;
      container!.securityContext = {
        ...container!.securityContext,
        seccompProfile: { type: 'Unconfined' },
      };
    },
  }),
];

export const SECURITY: readonly Rule[] = [...POD, ...CONTAINER, ...OVERRIDES];
