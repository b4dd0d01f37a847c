// What every workload says about its needs, its health and its end.

import type { IContainer, IProbe } from 'kubernetes-models/v1';
import { SERVICES_NAMESPACE } from '#contracts/processes.ts';
import { DRAIN_SECONDS_MAX, GRACE_SECONDS, PRE_STOP_SECONDS } from '#contracts/shutdown.ts';
import { at, type PodTemplate } from '../content.ts';
import { containerRule, podRule, type Rule } from './rule.ts';

const targetOf = (probe: IProbe | undefined): string => {
  const { httpGet, tcpSocket, exec, grpc } = probe ?? {};
  return JSON.stringify({ httpGet, tcpSocket, exec, grpc });
};

/** Our own services: they drain after SIGTERM. */
const isService = ({ namespace, owner }: PodTemplate): boolean =>
  namespace === SERVICES_NAMESPACE && owner.object.kind === 'Deployment';

const hasPorts = ({ ports = [] }: IContainer): boolean => ports.length > 0;

const CONTAINERS: readonly Rule[] = [
  containerRule({
    id: 'requests',
    title: 'a container asks for processor, memory and scratch space',
    remedy: 'set resources.requests.cpu, .memory and .ephemeral-storage',
    field: 'resources.requests',
    check({ resources }) {
      const missing = ['cpu', 'memory', 'ephemeral-storage'].filter(
        (name) => resources?.requests?.[name] === undefined,
      );
      return missing.length > 0 ? `${missing.join(', ')} missing` : undefined;
    },
    broken: 'a container that asks for nothing',
    breaks: ({ resources }) => void delete resources?.requests,
  }),
  containerRule({
    id: 'limits',
    title: 'a container has a limit of memory and of scratch space',
    remedy: 'set resources.limits.memory and .ephemeral-storage, or one program fills the node',
    field: 'resources.limits',
    check({ resources }) {
      const missing = ['memory', 'ephemeral-storage'].filter(
        (name) => resources?.limits?.[name] === undefined,
      );
      return missing.length > 0 ? `${missing.join(', ')} missing` : undefined;
    },
    broken: 'a container without limits',
    breaks: ({ resources }) => void delete resources?.limits,
  }),
  containerRule({
    id: 'probes',
    title: 'a container that listens tells when it has started, when it is ready and when it hangs',
    remedy: 'set startupProbe, readinessProbe and livenessProbe',
    field: 'livenessProbe',
    isForLastingOnly: true,
    check(container) {
      if (!hasPorts(container)) return undefined;
      const missing = (['startupProbe', 'readinessProbe', 'livenessProbe'] as const).filter(
        (probe) => !container[probe],
      );
      return missing.length > 0 ? `${missing.join(', ')} missing` : undefined;
    },
    broken: 'a container without a probe',
    breaks: (container) => {
      container.ports ??= [{ containerPort: 1 }];
      delete container.livenessProbe;
    },
  }),
  containerRule({
    id: 'liveness-is-not-readiness',
    title: 'not being ready is no reason to be killed',
    remedy: 'ask another path for liveness: a broken database must not restart every pod',
    field: 'livenessProbe',
    isForLastingOnly: true,
    of: isService,
    check: ({ livenessProbe, readinessProbe }) =>
      livenessProbe && targetOf(livenessProbe) === targetOf(readinessProbe)
        ? 'it asks what readinessProbe asks'
        : undefined,
    broken: 'a service that is killed while its database is away',
    breaks: (container) => {
      container.livenessProbe = { httpGet: { path: '/readyz', port: 'http' } };
      container.readinessProbe = { httpGet: { path: '/readyz', port: 'http' } };
    },
  }),
];

const PODS: readonly Rule[] = [
  podRule({
    id: 'grace',
    title: 'a service has the time to drain before it is killed',
    remedy: 'take the seconds of contracts/shutdown.ts',
    field: 'terminationGracePeriodSeconds',
    of: isService,
    check({ spec }) {
      const grace = spec.terminationGracePeriodSeconds ?? 30;
      if (grace !== GRACE_SECONDS) return `it is ${grace}, not ${GRACE_SECONDS}`;
      const waits = spec.containers.map(
        ({ lifecycle }) =>
          (lifecycle?.preStop as { sleep?: { seconds?: number } } | undefined)?.sleep?.seconds ?? 0,
      );
      const wait = Math.max(...waits);
      if (wait !== PRE_STOP_SECONDS) return `preStop sleeps ${wait} seconds, not ${PRE_STOP_SECONDS}`;
      return grace > wait + DRAIN_SECONDS_MAX ? undefined : `${wait} + ${DRAIN_SECONDS_MAX} leave no time`;
    },
    broken: 'a service that is killed while it drains',
    breaks: ({ spec }) => void (spec.terminationGracePeriodSeconds = 20),
  }),
  podRule({
    id: 'rollout',
    title: 'a rollout of a service takes no pod away before another is ready',
    remedy: 'set strategy.rollingUpdate.maxUnavailable to 0',
    field: 'strategy',
    of: isService,
    check({ owner }) {
      const max = at(owner.object, 'spec.strategy.rollingUpdate.maxUnavailable');
      return max === 0 ? undefined : `maxUnavailable is ${JSON.stringify(max)}`;
    },
    broken: 'a rollout that leaves no pod',
    breaks: ({ owner }) => void delete (owner.object.spec as { strategy?: unknown }).strategy,
  }),
  podRule({
    id: 'spread',
    title: 'the pods of a service stand on different nodes and in different zones',
    remedy: 'set topologySpreadConstraints over zone and host name, for its own labels',
    field: 'topologySpreadConstraints',
    of: isService,
    check({ spec, labels }) {
      const spreads = spec.topologySpreadConstraints ?? [];
      if (spreads.length === 0) return 'there is none';
      const strange = spreads.find(({ labelSelector }) =>
        Object.entries(labelSelector?.matchLabels ?? { '': '' }).some(
          ([key, value]) => labels[key] !== value,
        ),
      );
      return strange ? `the one over ${strange.topologyKey} counts other pods` : undefined;
    },
    broken: 'a service on one node',
    breaks: ({ spec }) => void delete spec.topologySpreadConstraints,
  }),
  podRule({
    id: 'labels',
    title: 'a pod has the labels by which it is found',
    remedy:
      'set app.kubernetes.io/name to the process or program, and app.kubernetes.io/part-of to the namespace',
    field: 'metadata.labels',
    check({ labels, namespace, owner }) {
      const name = labels['app.kubernetes.io/name'];
      if (!name) return 'app.kubernetes.io/name is missing';
      const partOf = labels['app.kubernetes.io/part-of'];
      if (partOf !== namespace) return `app.kubernetes.io/part-of is ${partOf}, not ${namespace}`;
      const isNamedSo =
        !isService({ namespace, owner } as PodTemplate) || name === owner.object.metadata.name;
      return isNamedSo ? undefined : `it is called ${name} and its Deployment is not`;
    },
    broken: 'a pod without these labels',
    breaks: ({ labels }) => void delete labels['app.kubernetes.io/name'],
  }),
  podRule({
    id: 'scratch-space',
    title: 'a scratch volume has a size',
    remedy: 'set emptyDir.sizeLimit',
    field: 'volumes',
    of: ({ spec }) => (spec.volumes ?? []).some(({ emptyDir }) => emptyDir),
    check({ spec }) {
      const boundless = (spec.volumes ?? []).filter(({ emptyDir }) => emptyDir && !emptyDir.sizeLimit);
      return boundless.length > 0 ? `${boundless.map(({ name }) => name).join(', ')} has none` : undefined;
    },
    broken: 'a scratch volume as large as the node',
    breaks: ({ spec }) => {
      for (const volume of spec.volumes ?? []) if (volume.emptyDir) volume.emptyDir = {};
    },
  }),
];

const isJob = ({ owner: { object } }: PodTemplate): boolean =>
  object.kind === 'Job' || object.kind === 'CronJob';
const jobOf = ({ owner: { object } }: PodTemplate): Record<string, unknown> =>
  (object.kind === 'CronJob' ? at(object, 'spec.jobTemplate.spec') : object.spec) as Record<string, unknown>;

/** What a Job does cannot be changed: another content is another Job, and ArgoCD takes the former away. */
const NAMED_BY_CONTENT = /-[0-9a-f]{8,}$/;

const JOBS: readonly Rule[] = [
  podRule({
    id: 'job-ends',
    title: 'a job ends, and is cleared away',
    remedy:
      'set activeDeadlineSeconds, backoffLimit, ttlSecondsAfterFinished where a schedule makes it, and end its name in a hash elsewhere',
    field: 'activeDeadlineSeconds',
    of: isJob,
    check(pod) {
      const missing = ['activeDeadlineSeconds', 'backoffLimit'].filter(
        (field) => jobOf(pod)[field] === undefined,
      );
      const { kind, metadata } = pod.owner.object;
      if (kind === 'CronJob' && jobOf(pod).ttlSecondsAfterFinished === undefined)
        missing.push('ttlSecondsAfterFinished');
      if (kind === 'Job' && !NAMED_BY_CONTENT.test(metadata.name)) missing.push('a name by its content');
      if (kind === 'Job' && jobOf(pod).ttlSecondsAfterFinished !== undefined)
        return 'ttlSecondsAfterFinished clears it away, and ArgoCD makes it again';
      return missing.length > 0 ? `${missing.join(', ')} missing` : undefined;
    },
    broken: 'a job that never ends',
    breaks: (pod) => void delete jobOf(pod).activeDeadlineSeconds,
  }),
  podRule({
    id: 'one-run-at-a-time',
    title: 'a scheduled job does not overtake itself',
    remedy: 'set concurrencyPolicy to Forbid',
    field: 'concurrencyPolicy',
    of: ({ owner }) => owner.object.kind === 'CronJob',
    check({ owner }) {
      const policy = at(owner.object, 'spec.concurrencyPolicy');
      return policy === 'Forbid' ? undefined : `it is ${JSON.stringify(policy)}`;
    },
    broken: 'a schedule that starts a second run',
    breaks: ({ owner }) => void ((owner.object.spec as Record<string, unknown>).concurrencyPolicy = 'Allow'),
  }),
];

export const WORKLOADS: readonly Rule[] = [...CONTAINERS, ...PODS, ...JOBS];
