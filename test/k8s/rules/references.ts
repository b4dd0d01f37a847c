// What an object names is there: pods and ports behind Services, accounts, settings and secrets with their keys, volumes, targets of
// scalers, Services behind the way in. An API server takes all of these without a word, and nothing works.
import type { IEnvFromSource, IEnvVar, IVolume } from 'kubernetes-models/v1';
import {
  at,
  type Content,
  type KubeObject,
  type Labels,
  listAt,
  nameOf,
  type Placed,
  type PodTemplate,
} from '../content.ts';
import { keysMadeInCluster } from '../secret-keys.ts';
import { selects } from '../selectors.ts';
import { containersOf, type Finding, firstOf, type Rule } from './rule.ts';

/** A reference that may lead nowhere. */
interface Reference {
  readonly at: Placed;
  readonly field: string;
  /** Why it leads nowhere; nothing where it does not. */
  readonly fault?: string | undefined;
}

interface ReferenceRule extends Pick<Rule, 'id' | 'title' | 'remedy' | 'breaks'> {
  readonly references: (content: Content) => Reference[];
}

function referenceRule({ references, ...rest }: ReferenceRule): Rule {
  return {
    ...rest,
    judges: (content) => references(content).length,
    find: (content) =>
      references(content).flatMap(({ fault, ...place }): Finding[] =>
        fault ? [{ ...place, text: fault }] : [],
      ),
  };
}

const namespaceOf = ({ object }: Placed): string => object.metadata.namespace ?? '';

const podsBehind = (content: Content, namespace: string, labels: Labels): PodTemplate[] =>
  content.pods().filter((pod) => pod.namespace === namespace && selects({ matchLabels: labels }, pod.labels));

const portsOf = (pod: PodTemplate): { name?: string | undefined; containerPort: number }[] =>
  containersOf(pod).flatMap(({ ports = [] }) => ports);

interface ServicePort {
  readonly name?: string;
  readonly port: number;
  readonly targetPort?: number | string;
}

function serviceReferences(content: Content): Reference[] {
  return content.all('Service').flatMap((placed): Reference[] => {
    const selector = at(placed.object, 'spec.selector') as Labels | undefined;
    if (!selector) return [{ at: placed, field: 'spec.selector', fault: 'it is missing' }];
    const pods = podsBehind(content, namespaceOf(placed), selector);
    if (pods.length === 0 && content.namespacesOfCharts().has(namespaceOf(placed)))
      return [{ at: placed, field: 'spec.selector' }];
    if (pods.length === 0)
      return [{ at: placed, field: 'spec.selector', fault: `no pod has ${JSON.stringify(selector)}` }];
    return listAt<ServicePort>(placed.object, 'spec.ports').flatMap(({ name, port, targetPort = port }) =>
      pods.map((pod) => {
        const isThere = portsOf(pod).some(
          (one) => one.name === targetPort || one.containerPort === targetPort,
        );
        return {
          at: placed,
          field: `spec.ports[${name ?? port}].targetPort`,
          fault: isThere ? undefined : `${nameOf(pod.owner.object)} has no port ${targetPort}`,
        };
      }),
    );
  });
}

/** Ports that probes and preStop ask by their name. */
function probeReferences(content: Content): Reference[] {
  return content.pods().flatMap((pod) =>
    containersOf(pod).flatMap((container) =>
      (['startupProbe', 'readinessProbe', 'livenessProbe'] as const).flatMap((probe) => {
        const port = container[probe]?.httpGet?.port ?? container[probe]?.tcpSocket?.port;
        if (port === undefined) return [];
        const isThere = (container.ports ?? []).some(
          (one) => one.name === port || one.containerPort === port,
        );
        return {
          at: pod.owner,
          field: `${pod.path}.containers[${container.name}].${probe}`,
          fault: isThere ? undefined : `the container has no port ${port}`,
        };
      }),
    ),
  );
}

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
    ...asked('ConfigMap', configMap as Mounted | undefined),
    ...asked('Secret', secret as Mounted | undefined),
    ...(projected?.sources ?? []).flatMap((source) => [
      ...asked('ConfigMap', source.configMap as Mounted | undefined),
      ...asked('Secret', source.secret as Mounted | undefined),
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

/** Keys of a ConfigMap or of a Secret that somebody makes; `any` where they are known only to who makes it, nothing where nobody does. */
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
  if (!keys) return `nobody makes the ${kind} ${name}`;
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
      const fault = content.find('PersistentVolumeClaim', pod.namespace, claimName)
        ? undefined
        : `there is no ${claimName}`;
      return { at: pod.owner, field: `${pod.path}.volumes[${name}]`, fault };
    });
    return [...mounts, ...unused, ...claimed];
  });
}

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

interface Backend {
  readonly service?: {
    readonly name: string;
    readonly port: { readonly name?: string; readonly number?: number };
  };
}

const ingressReferences = (content: Content): Reference[] =>
  content.all('Ingress').flatMap((placed) => {
    const paths = listAt<{ http?: { paths: { path: string; backend: Backend }[] } }>(
      placed.object,
      'spec.rules',
    )
      .flatMap(({ http }) => http?.paths ?? [])
      .map(({ path, backend }) => ({ path, backend }));
    const fallback = at(placed.object, 'spec.defaultBackend') as Backend | undefined;
    return [...paths, ...(fallback ? [{ path: 'default', backend: fallback }] : [])].flatMap(
      ({ path, backend }) => {
        if (!backend.service) return [];
        const { name, port } = backend.service;
        // The load balancer controller answers these itself, by an annotation of that name.
        const isAction = Object.keys(placed.object.metadata.annotations ?? {}).includes(
          `alb.ingress.kubernetes.io/actions.${name}`,
        );
        const service = content.find('Service', placed.object.metadata.namespace, name);
        const ports = listAt<ServicePort>(service?.object, 'spec.ports');
        const hasPort = ports.some((one) => one.name === port.name || one.port === port.number);
        const fault = service
          ? `${name} has no port ${port.name ?? port.number}`
          : `there is no Service ${name}`;
        return {
          at: placed,
          field: `spec.rules[${path}]`,
          fault: isAction || (service && hasPort) ? undefined : fault,
        };
      },
    );
  });

const budgetReferences = (content: Content): Reference[] => [
  ...content.all('PodDisruptionBudget', 'NetworkPolicy').map((placed) => {
    const field = placed.object.kind === 'NetworkPolicy' ? 'spec.podSelector' : 'spec.selector';
    const selector = at(placed.object, field) as Parameters<typeof selects>[0];
    const found = content
      .pods()
      .some((pod) => pod.namespace === namespaceOf(placed) && selects(selector, pod.labels));
    const isForAll = placed.object.kind === 'NetworkPolicy' && JSON.stringify(selector) === '{}';
    const isOfChart = content.namespacesOfCharts().has(namespaceOf(placed));
    return { at: placed, field, fault: found || isForAll || isOfChart ? undefined : 'it selects no pod' };
  }),
  ...content.all('Deployment', 'StatefulSet', 'DaemonSet').map((placed) => {
    const pod = content.pods().find(({ owner }) => owner === placed)!;
    const selector = at(placed.object, 'spec.selector') as Parameters<typeof selects>[0];
    const own = selects(selector, pod.labels);
    const others = content
      .pods()
      .find(
        (one) =>
          one.owner !== placed &&
          one.isLasting &&
          one.namespace === pod.namespace &&
          selects(selector, one.labels),
      );
    const fault = own
      ? others && `it selects pods of ${nameOf(others.owner.object)} too`
      : 'it does not select its own pods';
    return { at: placed, field: 'spec.selector', fault };
  }),
];

function namespacesRead(monitor: Placed): string[] {
  const names = listAt<string>(monitor.object, 'spec.namespaceSelector.matchNames');
  return names.length > 0 ? names : [namespaceOf(monitor)];
}
const isOfCharts = (content: Content, namespaces: readonly string[]): boolean =>
  namespaces.every((name) => content.namespacesOfCharts().has(name));

const monitorReferences = (content: Content): Reference[] =>
  content.all('ServiceMonitor').flatMap((placed): Reference[] => {
    const selector = at(placed.object, 'spec.selector') as Parameters<typeof selects>[0];
    const namespaces = namespacesRead(placed);
    const services = content
      .all('Service')
      .filter(
        (one) => namespaces.includes(namespaceOf(one)) && selects(selector, one.object.metadata.labels ?? {}),
      );
    const isOfChart = isOfCharts(content, namespaces);
    if (services.length === 0)
      return [{ at: placed, field: 'spec.selector', fault: isOfChart ? undefined : 'it selects no Service' }];
    return listAt<{ port?: string }>(placed.object, 'spec.endpoints').flatMap(({ port }) =>
      services.map((service) => {
        const isThere = listAt<ServicePort>(service.object, 'spec.ports').some(({ name }) => name === port);
        const fault = isThere ? undefined : `${nameOf(service.object)} has no port ${port}`;
        return { at: placed, field: `spec.endpoints[${port}]`, fault };
      }),
    );
  });

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

type Fields = Record<string, unknown>;
const specOf = (content: Content, kind: string): Fields =>
  firstOf(content.all(kind), kind).object.spec as Fields;
const monitorOfOurs = (content: Content): Fields =>
  firstOf(
    content.all('ServiceMonitor').filter((one) => !isOfCharts(content, namespacesRead(one))),
    'ServiceMonitor',
  ).object.spec as Fields;
const firstWith = (content: Content, kind: Asked['kind']) =>
  firstOf(
    content.pods().flatMap((pod) => askedBy(pod).filter((asked) => asked.kind === kind && !asked.isOptional)),
    `reference to a ${kind}`,
  );

export const REFERENCES: readonly Rule[] = [
  referenceRule({
    id: 'service-pods',
    title: 'a Service leads to pods, at ports that they have',
    remedy: 'take selector and targetPort from the workload',
    references: serviceReferences,
    breaks: [
      {
        what: 'a dangling Service',
        on: (content) => void (specOf(content, 'Service').selector = { 'app.kubernetes.io/name': 'nobody' }),
      },
      {
        what: 'a wrong port',
        on: (content) => void ((specOf(content, 'Service').ports as Fields[])[0]!.targetPort = 'htpp'),
      },
    ],
  }),
  referenceRule({
    id: 'probe-ports',
    title: 'a probe asks a port of its container',
    remedy: 'name one of the container’s ports',
    references: probeReferences,
    breaks: [
      {
        what: 'a probe of a port that nobody has',
        on(content) {
          const pod = firstOf(
            content.pods().filter(({ isLasting }) => isLasting),
            'lasting pod',
          );
          (pod.spec.containers[0] as object as Fields).readinessProbe = {
            httpGet: { path: '/', port: 'htpp' },
          };
        },
      },
    ],
  }),
  referenceRule({
    id: 'accounts',
    title: 'an account and a role that something names are there',
    remedy: 'make it beside the workload',
    references: accountReferences,
    breaks: [
      {
        what: 'an account that nobody made',
        on: (content) => content.remove(firstOf(content.all('ServiceAccount'), 'ServiceAccount')),
      },
    ],
  }),
  referenceRule({
    id: 'settings',
    title: 'a ConfigMap or Secret that a pod needs is made by somebody, with the keys that it takes',
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
    id: 'way-in',
    title: 'each path of the way in leads to a port of a Service',
    remedy: 'take name and port from the Service',
    references: ingressReferences,
    breaks: [
      {
        what: 'a path to no Service',
        on(content) {
          const [path] = listAt<{ http: { paths: { backend: Backend }[] } }>(
            firstOf(content.all('Ingress'), 'Ingress').object,
            'spec.rules',
          );
          path!.http.paths[0]!.backend = { service: { name: 'nothing', port: { name: 'http' } } };
        },
      },
    ],
  }),
  referenceRule({
    id: 'selectors',
    title: 'a budget, a network policy and a workload select pods that there are, a workload its own alone',
    remedy: 'take the labels from the template',
    references: budgetReferences,
    breaks: [
      {
        what: 'a budget of nobody',
        on: (content) =>
          void (specOf(content, 'PodDisruptionBudget').selector = {
            matchLabels: { 'app.kubernetes.io/name': 'nobody' },
          }),
      },
      {
        what: 'two workloads that take each other’s pods',
        on(content) {
          const deployment = structuredClone(firstOf(content.all('Deployment'), 'Deployment'));
          deployment.object.metadata.name = 'twin';
          content.placed.push(deployment);
        },
      },
    ],
  }),
  referenceRule({
    id: 'monitors',
    title: 'a monitor finds Services with the port that it reads',
    remedy: 'take labels, namespace and port name from the Service',
    references: monitorReferences,
    breaks: [
      {
        what: 'a monitor of nobody',
        on: (content) =>
          void (monitorOfOurs(content).selector = {
            matchLabels: { 'app.kubernetes.io/name': 'nobody' },
          }),
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
        what: 'a store that nobody made',
        on: (content) =>
          void (specOf(content, 'ExternalSecret').secretStoreRef = { kind: 'SecretStore', name: 'nothing' }),
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
