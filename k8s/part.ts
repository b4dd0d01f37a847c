// A part of the cluster's content: one folder below an overlay, one ArgoCD Application.
import { ApiObject, Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import type { ProjectName } from './argocd/project-names.ts';
import type { Wave } from './argocd/waves.ts';
import type { Overlay } from './overlays.ts';

/** Also fields that the type does not name: the code that writes an object checks it with its own kind's type. */
type Open<Fields> = Fields | (Fields & { readonly [field: string]: unknown });

/** Any Kubernetes object; the types of `kubernetes-models` fit in. */
export type KubeObject = Open<{
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: Open<{ readonly name?: string; readonly namespace?: string }>;
}>;

export interface PartProps {
  readonly overlay: Overlay;
  /** Which ArgoCD project bounds it. */
  readonly project: ProjectName;
  /** When it comes: lower waves must be healthy before higher ones begin. */
  readonly wave: Wave;
  /** Where its objects are, unless they say otherwise. */
  readonly namespace: string;
}

/** Its id is the name of its Application and of its folder. */
export class Part<Props extends PartProps = PartProps> extends Chart {
  readonly props: Props;

  constructor(scope: Construct, id: string, props: Props) {
    super(scope, id);
    this.props = props;
  }
}

/** The part in whose scope a construct is. */
export function partOf(construct: Construct): Part {
  const part = construct.node.scopes.find((scope): scope is Part => scope instanceof Part);
  if (!part) throw new TypeError(`${construct.node.path} stands in no part`);
  return part;
}

/** Kinds that belong to no namespace. */
const OF_THE_CLUSTER = new Set([
  'APIService',
  'ClusterRole',
  'ClusterRoleBinding',
  'ClusterSecretStore',
  'CustomResourceDefinition',
  'IngressClass',
  'IngressClassParams',
  'MutatingWebhookConfiguration',
  'Namespace',
  'PriorityClass',
  'StorageClass',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'ValidatingWebhookConfiguration',
]);

export const isOfTheCluster = (kind: string): boolean => OF_THE_CLUSTER.has(kind);

/**
 * Adds one object to the part that a construct is in, in the part's namespace unless it names another. Write it with its type,
 * so that an unknown field does not compile: `addObject(this, { … } satisfies IDeployment)`.
 */
export function addObject(scope: Construct, object: KubeObject): ApiObject {
  const { kind, metadata } = object;
  if (!metadata?.name) throw new TypeError(`an object of kind ${kind} in ${scope.node.path} has no name`);
  const { namespace } = partOf(scope).props;
  const placed = isOfTheCluster(kind) ? metadata : { namespace, ...metadata };
  const props = { ...object, metadata: placed } as ConstructorParameters<typeof ApiObject>[2];
  return new ApiObject(scope, `${kind}-${metadata.name}`, props);
}
