// Rules about single objects that are no pods: namespaces, scalers, budgets, and the owner of each.
import {
  at,
  type Content,
  groupOf,
  isOfTheCluster,
  type KubeObject,
  listAt,
  nameOf,
  type Placed,
} from '../content.ts';
import { type Finding, firstOf, type Rule } from './rule.ts';

interface Target {
  readonly kind: string;
  readonly name: string;
}
interface Scaler {
  readonly at: Placed;
  readonly target: string;
}

const SCALERS = ['HorizontalPodAutoscaler', 'ScaledObject'];
const scalersOf = (content: Content): Scaler[] =>
  content.all(...SCALERS).map((placed) => {
    const { kind = 'Deployment', name } = at(placed.object, 'spec.scaleTargetRef') as Partial<Target>;
    return { at: placed, target: `${kind} ${placed.object.metadata.namespace}/${name}` };
  });

const doubled = <Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[] => {
  const seen = new Set<string>();
  return items.filter((item) => {
    const key = keyOf(item);
    const isSecond = seen.has(key);
    seen.add(key);
    return isSecond;
  });
};

const scaledFirst = (content: Content): Placed => {
  const targets = new Set(scalersOf(content).map(({ target }) => target));
  return firstOf(
    content.all('Deployment').filter(({ object }) => targets.has(nameOf(object))),
    'scaled Deployment',
  );
};

const SCALING: readonly Rule[] = [
  {
    id: 'one-scaler',
    title: 'a workload has one scaler',
    remedy: 'take one of the two away: they would fight over the number of replicas',
    judges: (content) => scalersOf(content).length,
    find: (content) =>
      doubled(scalersOf(content), ({ target }) => target).map(({ at: placed, target }) => ({
        at: placed,
        field: 'spec.scaleTargetRef',
        text: `${target} has a scaler already`,
      })),
    breaks: [
      {
        what: 'two scalers on one target',
        on(content) {
          const [scaler] = scalersOf(content);
          const placed = firstOf(scaler ? [scaler.at] : [], 'scaler');
          const [kind, name = ''] = scaler!.target.split(/ \S+\//);
          content.add(placed, {
            apiVersion: 'autoscaling/v2',
            kind: 'HorizontalPodAutoscaler',
            metadata: { name: 'second', namespace: placed.object.metadata.namespace! },
            spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind, name }, maxReplicas: 3 },
          });
        },
      },
    ],
  },
  {
    id: 'replicas-of-one-owner',
    title: 'the replicas of a workload with a scaler are set by the scaler alone',
    remedy:
      'leave spec.replicas out where there is a scaler, or each sync undoes what it did; write it where there is none',
    judges: (content) => content.all('Deployment', 'StatefulSet').length,
    find(content) {
      const targets = new Set(scalersOf(content).map(({ target }) => target));
      return content.all('Deployment', 'StatefulSet').flatMap((placed): Finding[] => {
        const replicas = at(placed.object, 'spec.replicas');
        const isScaled = targets.has(nameOf(placed.object));
        if (isScaled === (replicas === undefined)) return [];
        const text = isScaled ? `it is ${String(replicas)} beside a scaler` : 'it is missing';
        return [{ at: placed, field: 'spec.replicas', text }];
      });
    },
    breaks: [
      {
        what: 'a fixed number beside a scaler',
        on: (content) => void ((scaledFirst(content).object.spec as { replicas?: number }).replicas = 2),
      },
    ],
  },
  {
    id: 'scaler-bounds',
    title: 'a scaler has a least and a greatest number, and the greatest is not less',
    remedy: 'set minReplicas and maxReplicas (minReplicaCount and maxReplicaCount for KEDA)',
    judges: (content) => scalersOf(content).length,
    find: (content) =>
      content.all(...SCALERS).flatMap((placed): Finding[] => {
        const isKeda = placed.object.kind === 'ScaledObject';
        const least = at(placed.object, isKeda ? 'spec.minReplicaCount' : 'spec.minReplicas');
        const greatest = at(placed.object, isKeda ? 'spec.maxReplicaCount' : 'spec.maxReplicas');
        if (typeof least === 'number' && typeof greatest === 'number' && least >= 1 && least <= greatest)
          return [];
        return [{ at: placed, field: 'spec', text: `from ${String(least)} to ${String(greatest)}` }];
      }),
    breaks: [
      {
        what: 'a scaler that ends below where it begins',
        on(content) {
          const spec = firstOf(content.all(...SCALERS), 'scaler').object.spec as Record<string, unknown>;
          for (const field of ['minReplicas', 'minReplicaCount']) if (field in spec) spec[field] = 99;
        },
      },
    ],
  },
  {
    id: 'scaled-on-what-is-asked-for',
    title: 'a share of the processor is measured against what the container asks for',
    remedy: 'set resources.requests.cpu in every container of the target',
    judges: (content) => scalersOf(content).length,
    find: (content) =>
      scalersOf(content).flatMap(({ at: placed, target }): Finding[] => {
        const pod = content.pods().find(({ owner }) => nameOf(owner.object) === target);
        const asksNothing = (pod?.spec.containers ?? []).filter(({ resources }) => !resources?.requests?.cpu);
        return asksNothing.map(({ name }) => ({
          at: placed,
          field: 'spec.scaleTargetRef',
          text: `container ${name} of ${target} asks for no processor`,
        }));
      }),
    breaks: [
      {
        what: 'a scaled workload that asks for no processor',
        on(content) {
          const name = nameOf(scaledFirst(content).object);
          const pod = content.pods().find(({ owner }) => nameOf(owner.object) === name)!;
          for (const { resources } of pod.spec.containers) delete resources!.requests;
        },
      },
    ],
  },
];

const BUDGETS: readonly Rule[] = [
  {
    id: 'budget-lets-sick-pods-go',
    title: 'a budget does not keep a node from being emptied of pods that are not ready',
    remedy: 'set unhealthyPodEvictionPolicy to AlwaysAllow',
    judges: (content) => content.all('PodDisruptionBudget').length,
    find: (content) =>
      content.all('PodDisruptionBudget').flatMap((placed): Finding[] => {
        const policy = at(placed.object, 'spec.unhealthyPodEvictionPolicy');
        if (policy === 'AlwaysAllow') return [];
        return [{ at: placed, field: 'spec.unhealthyPodEvictionPolicy', text: `it is ${String(policy)}` }];
      }),
    breaks: [
      {
        what: 'a budget that keeps broken pods',
        on(content) {
          const [placed] = content.all('PodDisruptionBudget');
          delete (firstOf(placed ? [placed] : [], 'budget').object.spec as Record<string, unknown>)
            .unhealthyPodEvictionPolicy;
        },
      },
    ],
  },
];

/** What each namespace must hold, beside its labels. */
const OF_EACH_NAMESPACE: readonly (readonly [string, (object: KubeObject) => boolean])[] = [
  ['a ResourceQuota', ({ kind }) => kind === 'ResourceQuota'],
  ['a LimitRange', ({ kind }) => kind === 'LimitRange'],
  [
    'a NetworkPolicy that closes every pod in both directions',
    (object) =>
      object.kind === 'NetworkPolicy' &&
      JSON.stringify(at(object, 'spec.podSelector')) === '{}' &&
      listAt(object, 'spec.policyTypes').length === 2 &&
      listAt(object, 'spec.ingress').length + listAt(object, 'spec.egress').length === 0,
  ],
];

const NAMESPACES: readonly Rule[] = [
  {
    id: 'namespace-restricted',
    title: 'a namespace refuses pods that break the restricted standard',
    remedy: 'label it pod-security.kubernetes.io/enforce: restricted',
    judges: (content) => content.all('Namespace').length,
    find: (content) =>
      content.all('Namespace').flatMap((placed): Finding[] => {
        const level = placed.object.metadata.labels?.['pod-security.kubernetes.io/enforce'];
        return level === 'restricted'
          ? []
          : [{ at: placed, field: 'metadata.labels', text: `it enforces ${level}` }];
      }),
    breaks: [
      {
        what: 'a namespace that admits every pod',
        on(content) {
          const [placed] = content.all('Namespace');
          firstOf(placed ? [placed] : [], 'Namespace').object.metadata.labels = {};
        },
      },
    ],
  },
  {
    id: 'namespace-bounds',
    title: 'a namespace has bounds, and is closed until something opens it',
    remedy: 'add it beside the namespace',
    judges: (content) => content.all('Namespace').length,
    find: (content) =>
      content
        .all('Namespace')
        .flatMap((placed) =>
          OF_EACH_NAMESPACE.filter(
            ([, is]) =>
              !content.placed.some(
                ({ object }) => object.metadata.namespace === placed.object.metadata.name && is(object),
              ),
          ).map(([what]): Finding => ({ at: placed, field: 'metadata.name', text: `there is not ${what}` })),
        ),
    breaks: ['ResourceQuota', 'LimitRange', 'NetworkPolicy'].map((kind) => ({
      what: `namespaces without any ${kind}`,
      on(content) {
        firstOf(content.all(kind), kind);
        for (const placed of content.all(kind)) content.remove(placed);
      },
    })),
  },
  {
    id: 'namespace-said',
    title: 'an object says in which namespace it is, and nowhere else',
    remedy: 'set metadata.namespace, except for kinds that belong to the whole cluster',
    judges: (content) => content.placed.length,
    find: (content) =>
      content.placed
        .filter(({ object }) => isOfTheCluster(object) === (object.metadata.namespace !== undefined))
        .map((placed) => ({
          at: placed,
          field: 'metadata.namespace',
          text: String(placed.object.metadata.namespace),
        })),
    breaks: [
      {
        what: 'an object of no namespace',
        on: (content) =>
          void delete firstOf(content.all('Deployment'), 'Deployment').object.metadata.namespace,
      },
    ],
  },
];

const keyOf = ({ object }: Placed): string => `${groupOf(object)} ${nameOf(object)}`;

const OWNERS: readonly Rule[] = [
  {
    id: 'one-owner',
    title: 'an object stands in one part',
    remedy: 'take it out of one of the two: their Applications would take it from each other at every sync',
    judges: (content) => content.placed.length,
    find: (content) =>
      doubled(content.placed, keyOf).map((placed) => ({
        at: placed,
        field: 'metadata.name',
        text: `${placed.file} is its second file`,
      })),
    breaks: [
      {
        what: 'an object in two parts',
        on(content) {
          const { object } = firstOf(content.all('Deployment'), 'Deployment');
          content.placed.push({ part: 'other', file: `${content.overlay}/other/deployment.yaml`, object });
        },
      },
    ],
  },
];

export const OBJECTS: readonly Rule[] = [...SCALING, ...BUDGETS, ...NAMESPACES, ...OWNERS];
