// What a pod needs to start exists: ConfigMaps and Secrets with the keys that it takes, and the volumes that it mounts. None of
// it is missed before the pod starts, and then it does not.
import type { IEnvFromSource, IEnvVar, IVolume } from 'kubernetes-models/v1';
import { at, type Content, type KubeObject, listAt, type PodTemplate } from '../content.ts';
import { keysMadeInCluster } from '../secret-keys.ts';
import { type Fields, type Reference, referenceRule, specOf } from './reference.ts';
import { containersOf, firstOf, type Rule } from './rule.ts';

/** What a pod asks of a ConfigMap or a Secret: a key, or all. */
interface Asked {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly name: string;
  readonly key?: string | undefined;
  readonly isOptional: boolean;
  readonly field: string;
}

const ofEnvironment = ({ name, valueFrom }: IEnvVar): Asked[] => {
  const { configMapKeyRef, secretKeyRef } = valueFrom ?? {};
  const asked = (kind: Asked['kind'], ref: typeof configMapKeyRef): Asked[] =>
    ref
      ? [
          {
            kind,
            name: ref.name ?? '',
            key: ref.key,
            isOptional: ref.optional === true,
            field: `env[${name}]`,
          },
        ]
      : [];
  return [...asked('ConfigMap', configMapKeyRef), ...asked('Secret', secretKeyRef)];
};

const ofWholeEnvironment = ({ configMapRef, secretRef }: IEnvFromSource): Asked[] => {
  const asked = (kind: Asked['kind'], ref: typeof configMapRef): Asked[] =>
    ref ? [{ kind, name: ref.name ?? '', isOptional: ref.optional === true, field: 'envFrom' }] : [];
  return [...asked('ConfigMap', configMapRef), ...asked('Secret', secretRef)];
};

interface Mounted {
  readonly name?: string;
  readonly secretName?: string;
  readonly items?: readonly { readonly key: string }[];
  readonly optional?: boolean;
}

function ofVolume({ name, configMap, secret, projected }: IVolume): Asked[] {
  const asked = (kind: Asked['kind'], source: Mounted | undefined): Asked[] => {
    if (!source) return [];
    const from = source.name ?? source.secretName ?? '';
    const common = { kind, name: from, isOptional: source.optional === true, field: `volumes[${name}]` };
    return source.items ? source.items.map(({ key }) => ({ ...common, key })) : [common];
  };
  return [
    ...asked('ConfigMap', configMap),
    ...asked('Secret', secret),
    ...(projected?.sources ?? []).flatMap((source) => [
      ...asked('ConfigMap', source.configMap),
      ...asked('Secret', source.secret),
    ]),
  ];
}

const askedBy = (pod: PodTemplate): Asked[] => [
  ...containersOf(pod).flatMap(({ env = [], envFrom = [] }) => [
    ...env.flatMap(ofEnvironment),
    ...envFrom.flatMap(ofWholeEnvironment),
  ]),
  ...(pod.spec.volumes ?? []).flatMap(ofVolume),
];

/** Keys of a ConfigMap or of a Secret; `any` where only its maker knows them, nothing where no object makes it. */
function keysOf(
  content: Content,
  kind: Asked['kind'],
  namespace: string,
  name: string,
): readonly string[] | 'any' | undefined {
  if (kind === 'Secret') return keysMadeInCluster(content, namespace, name);
  if (OF_EACH_NAMESPACE.has(name)) return 'any';
  const map = content.find('ConfigMap', namespace, name)?.object;
  return map && [...Object.keys(map.data ?? {}), ...Object.keys(map.binaryData ?? {})];
}

/** ConfigMaps that Kubernetes puts into each namespace. */
const OF_EACH_NAMESPACE = new Set(['kube-root-ca.crt']);

function settingFault(content: Content, namespace: string, { kind, name, key }: Asked): string | undefined {
  const keys = keysOf(content, kind, namespace, name);
  if (!keys) return `nothing makes the ${kind} ${name}`;
  return keys === 'any' || key === undefined || keys.includes(key)
    ? undefined
    : `${kind} ${name} has no ${key}`;
}

const settingReferences = (content: Content): Reference[] =>
  content.pods().flatMap((pod) =>
    askedBy(pod)
      .filter(({ isOptional }) => !isOptional)
      .map((asked) => ({
        at: pod.owner,
        field: `${pod.path}.${asked.field}`,
        fault: settingFault(content, pod.namespace, asked),
      })),
  );

/** Of each StatefulSet's first pod: `<template>-<set>-0` (Kubernetes, "StatefulSets"). */
const claimsOfSets = (content: Content, namespace: string): string[] =>
  content
    .all('StatefulSet')
    .filter(({ object }) => object.metadata.namespace === namespace)
    .flatMap(({ object }) =>
      listAt<KubeObject>(object, 'spec.volumeClaimTemplates').map(
        ({ metadata }) => `${metadata.name}-${object.metadata.name}-0`,
      ),
    );

function volumeReferences(content: Content): Reference[] {
  return content.pods().flatMap((pod) => {
    const claims = listAt<KubeObject>(pod.owner.object, 'spec.volumeClaimTemplates').map(
      ({ metadata }) => metadata.name,
    );
    const volumes = [...(pod.spec.volumes ?? []).map(({ name }) => name), ...claims];
    const mounts = containersOf(pod).flatMap(({ name, volumeMounts = [] }) =>
      volumeMounts.map((mount) => ({
        at: pod.owner,
        field: `${pod.path}.containers[${name}].volumeMounts[${mount.name}]`,
        fault: volumes.includes(mount.name) ? undefined : 'the pod has no such volume',
      })),
    );
    const mounted = containersOf(pod).flatMap(({ volumeMounts = [] }) =>
      volumeMounts.map(({ name }) => name),
    );
    const unused = volumes
      .filter((name) => !mounted.includes(name))
      .map((name) => ({
        at: pod.owner,
        field: `${pod.path}.volumes[${name}]`,
        fault: 'no container mounts it',
      }));
    const claimed = (pod.spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim }) => {
      if (!persistentVolumeClaim) return [];
      const { claimName } = persistentVolumeClaim;
      const isMade =
        content.find('PersistentVolumeClaim', pod.namespace, claimName) ||
        claimsOfSets(content, pod.namespace).includes(claimName);
      const fault = isMade ? undefined : `there is no ${claimName}`;
      return { at: pod.owner, field: `${pod.path}.volumes[${name}]`, fault };
    });
    return [...mounts, ...unused, ...claimed];
  });
}

interface Source {
  readonly kind?: string;
  readonly name: string;
}

/** Where an ExternalSecret takes what it holds: a store, for the whole or for one entry, or a generator. */
function secretSources(object: KubeObject): { readonly field: string; readonly source: Source }[] {
  const store = at(object, 'spec.secretStoreRef') as Source | undefined;
  const entries = listAt<{ sourceRef?: { generatorRef?: Source; storeRef?: Source } }>(
    object,
    'spec.dataFrom',
  );
  return [
    ...(store ? [{ field: 'spec.secretStoreRef', source: store }] : []),
    ...entries.flatMap(({ sourceRef = {} }, index) =>
      [sourceRef.generatorRef, sourceRef.storeRef].flatMap((source) =>
        source ? [{ field: `spec.dataFrom[${index}].sourceRef`, source }] : [],
      ),
    ),
  ];
}

const storeReferences = (content: Content): Reference[] =>
  content.all('ExternalSecret').flatMap((placed): Reference[] => {
    const sources = secretSources(placed.object);
    if (sources.length === 0)
      return [{ at: placed, field: 'spec.secretStoreRef', fault: 'it has no source' }];
    return sources.map(({ field, source: { kind = 'SecretStore', name } }) => {
      const namespace = kind.startsWith('Cluster') ? undefined : placed.object.metadata.namespace;
      const fault = content.find(kind, namespace, name) ? undefined : `there is no ${kind} ${name}`;
      return { at: placed, field, fault };
    });
  });

const firstWith = (content: Content, kind: Asked['kind']) =>
  firstOf(
    content.pods().flatMap((pod) => askedBy(pod).filter((asked) => asked.kind === kind && !asked.isOptional)),
    `reference to a ${kind}`,
  );

export const SETTINGS: readonly Rule[] = [
  referenceRule({
    id: 'settings',
    title: 'a ConfigMap or Secret that a pod needs exists, with the keys that the pod reads',
    remedy:
      'make it, by an ExternalSecret or the job that makes the secrets of a laptop, or mark it optional',
    references: settingReferences,
    breaks: [
      {
        what: 'settings that are not there',
        on(content) {
          const { name } = firstWith(content, 'ConfigMap');
          for (const placed of content.all('ConfigMap'))
            if (placed.object.metadata.name === name) content.remove(placed);
        },
      },
      {
        what: 'a key that the secret has not',
        on(content) {
          const pod = firstOf(content.pods(), 'pod');
          const secretKeyRef = { name: firstWith(content, 'Secret').name, key: 'nothing' };
          (pod.spec.containers[0] as object as Fields).env = [{ name: 'X', valueFrom: { secretKeyRef } }];
        },
      },
    ],
  }),
  referenceRule({
    id: 'volumes',
    title: 'what a container mounts, its pod has, and the other way round',
    remedy: 'name a volume of the pod, or take the volume away',
    references: volumeReferences,
    breaks: [
      {
        what: 'a mount of nothing',
        on(content) {
          const { spec } = firstOf(content.pods(), 'pod');
          (spec.containers[0] as object as Fields).volumeMounts = [
            { name: 'nothing', mountPath: '/nothing' },
          ];
        },
      },
      {
        what: 'a claim that does not exist',
        on(content) {
          const { spec } = firstOf(content.pods(), 'pod');
          const volume = { name: 'more', persistentVolumeClaim: { claimName: 'data-nobody-0' } };
          (spec as object as Fields).volumes = [...(spec.volumes ?? []), volume];
          const [container] = spec.containers as object[] as Fields[];
          const mounts = (container!.volumeMounts ?? []) as object[];
          container!.volumeMounts = [...mounts, { name: 'more', mountPath: '/more' }];
        },
      },
    ],
  }),
  referenceRule({
    id: 'secret-stores',
    title: 'an ExternalSecret reads from a store that there is',
    remedy: 'name the store as it is called',
    references: storeReferences,
    breaks: [
      {
        what: 'a store that does not exist',
        on: (content) =>
          void (specOf(content, 'ExternalSecret').secretStoreRef = { kind: 'SecretStore', name: 'nothing' }),
      },
    ],
  }),
];
