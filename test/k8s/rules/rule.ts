// What a rule over the cluster's content is: what it judges, what it finds, and how to break it.
import type { IContainer, IPodSpec } from 'kubernetes-models/v1';
import { type Content, listAt, nameOf, type Placed, type PodTemplate } from '../content.ts';

/** One place that breaks a rule. */
export interface Finding {
  readonly at: Placed;
  /** `spec.template.spec.containers[cart].image` */
  readonly field: string;
  /** What is wrong there. */
  readonly text: string;
}

export interface Breakage {
  /** In words: `a container that is privileged`. */
  readonly what: string;
  readonly on: (content: Content) => void;
}

export interface Rule {
  readonly id: string;
  /** As a sentence about what it judges: `a pod runs as nobody`. */
  readonly title: string;
  /** What to do about a finding. */
  readonly remedy: string;
  /** How many things it judged: a rule that judges nothing proves nothing. */
  readonly judges: (content: Content) => number;
  readonly find: (content: Content) => Finding[];
  /** Each changes a copy of the real content, so that this rule must complain. */
  readonly breaks: readonly Breakage[];
}

/** A finding as it is reported. */
export interface Fault {
  readonly rule: string;
  readonly overlay: string;
  readonly object: string;
  readonly field: string;
  readonly text: string;
}

export const faultsOf = (rule: Rule, content: Content): Fault[] =>
  rule.find(content).map(({ at, field, text }) => ({
    rule: rule.id,
    overlay: content.overlay,
    object: nameOf(at.object),
    field,
    text: `${text}; ${rule.remedy}`,
  }));

/** `local: Deployment shop/cart, spec.replicas: …` */
export const lineOf = ({ rule, overlay, object, field, text }: Fault): string =>
  `${overlay}: ${object}, ${field}: ${text} [${rule}]`;

/** @throws when there is none: the breakage then proves nothing */
export function firstOf<Item>(items: readonly Item[], what: string): Item {
  const [item] = items;
  if (item === undefined) throw new Error(`the content has no ${what} to break`);
  return item;
}

type Mutable<Value> = { -readonly [Key in keyof Value]: Mutable<Value[Key]> };
/** A pod that may be changed. */
export interface BreakablePod extends Omit<PodTemplate, 'spec' | 'labels'> {
  readonly spec: Mutable<IPodSpec>;
  readonly labels: Record<string, string>;
}

interface PodRow {
  readonly id: string;
  readonly title: string;
  readonly remedy: string;
  /** From the pod's specification. */
  readonly field: string;
  /** @default every pod */
  readonly of?: (pod: PodTemplate, content: Content) => boolean;
  /** What is wrong, in words; nothing where all is well. */
  readonly check: (pod: PodTemplate, content: Content) => string | undefined;
  readonly broken: string;
  readonly breaks: (pod: BreakablePod, content: Content) => void;
}

/** A rule about each pod. */
export function podRule({ of = () => true, field, check, broken, breaks, ...rest }: PodRow): Rule {
  const judged = (content: Content) => content.pods().filter((pod) => of(pod, content));
  return {
    ...rest,
    judges: (content) => judged(content).length,
    find: (content) =>
      judged(content).flatMap((pod) => {
        const text = check(pod, content);
        return text ? [{ at: pod.owner, field: `${pod.path}.${field}`, text }] : [];
      }),
    breaks: [
      {
        what: broken,
        on: (content) => breaks(firstOf<BreakablePod>(judged(content), `pod for ${rest.id}`), content),
      },
    ],
  };
}

interface ContainerRow extends Omit<PodRow, 'check' | 'breaks'> {
  /** @default also the containers that run first */
  readonly isForLastingOnly?: boolean;
  readonly check: (container: IContainer, pod: PodTemplate, content: Content) => string | undefined;
  readonly breaks: (container: Mutable<IContainer>) => void;
}

/** All of a pod, those that run first among them. */
export const containersOf = ({ spec }: PodTemplate): IContainer[] => [
  ...(spec.initContainers ?? []),
  ...spec.containers,
];

/** A rule about each container. */
export function containerRule(row: ContainerRow): Rule {
  const { of = () => true, field, check, broken, breaks, isForLastingOnly, ...rest } = row;
  const judged = (content: Content) =>
    content
      .pods()
      .filter((pod) => of(pod, content) && (!isForLastingOnly || pod.isLasting))
      .flatMap((pod) =>
        (isForLastingOnly ? pod.spec.containers : containersOf(pod)).map((container) => ({ pod, container })),
      );
  return {
    ...rest,
    judges: (content) => judged(content).length,
    find: (content) =>
      judged(content).flatMap(({ pod, container }) => {
        const text = check(container, pod, content);
        return text
          ? [{ at: pod.owner, field: `${pod.path}.containers[${container.name}].${field}`, text }]
          : [];
      }),
    breaks: [
      {
        what: broken,
        on: (content) => breaks(firstOf(judged(content), `container for ${rest.id}`).container),
      },
    ],
  };
}

/** Whether the API server would let the pod's account do anything. */
export const hasRights = ({ namespace, spec }: PodTemplate, content: Content): boolean =>
  content
    .all('RoleBinding', 'ClusterRoleBinding')
    .some(({ object }) =>
      listAt<{ kind: string; name: string; namespace?: string }>(object, 'subjects').some(
        (subject) =>
          subject.kind === 'ServiceAccount' &&
          subject.name === spec.serviceAccountName &&
          (subject.namespace ?? object.metadata.namespace) === namespace,
      ),
    );
