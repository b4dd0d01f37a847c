// What is asked is there: pods and ports behind Services, probes, monitors and the way in; pods that a selector means. An API server takes
// all of these without a word, and nothing works.
import { at, type Content, type Labels, listAt, nameOf, type Placed, type PodTemplate } from '../content.ts';
import { selects } from '../selectors.ts';
import { type Fields, namespaceOf, type Reference, referenceRule, specOf } from './reference.ts';
import { containersOf, firstOf, type Rule } from './rule.ts';

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

const monitorOfOurs = (content: Content): Fields =>
  firstOf(
    content.all('ServiceMonitor').filter((one) => !isOfCharts(content, namespacesRead(one))),
    'ServiceMonitor',
  ).object.spec as Fields;

export const REACHING: readonly Rule[] = [
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
        what: 'a probe of a port that no container has',
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
        what: 'a budget without pods',
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
        what: 'a monitor without pods',
        on: (content) =>
          void (monitorOfOurs(content).selector = {
            matchLabels: { 'app.kubernetes.io/name': 'nobody' },
          }),
      },
    ],
  }),
];
