// Each object against the model of its kind: `kubernetes-models` for what Kubernetes has itself, its sisters for what operators bring.
// Models know types, required fields, patterns and bounds, and let unknown fields pass: those are `strict-types.ts`'s.
import { groupOf, type KubeObject, type Placed } from '../content.ts';

/** Packages of the models, by the group of an `apiVersion`; every group of Kubernetes itself is in the first. */
const PACKAGES = new Map([
  ['argoproj.io', '@kubernetes-models/argo-cd'],
  ['external-secrets.io', '@kubernetes-models/external-secrets'],
  ['generators.external-secrets.io', '@kubernetes-models/external-secrets'],
  ['keda.sh', '@kubernetes-models/keda'],
  ['monitoring.coreos.com', '@kubernetes-models/prometheus-operator'],
]);
const OF_KUBERNETES = 'kubernetes-models';

const isOfKubernetes = (group: string): boolean => !group.includes('.') || group.endsWith('.k8s.io');

/** Kinds that operators bring. */
export const isCustom = (object: KubeObject): boolean => !isOfKubernetes(groupOf(object));

/** The module with the model of an object; nothing where no package has its group. */
export function moduleOf(object: KubeObject): string | undefined {
  const name = isCustom(object) ? PACKAGES.get(groupOf(object)) : OF_KUBERNETES;
  return name && `${name}/${object.apiVersion}/${object.kind}`;
}

interface Model {
  validate(): void;
}
type ModelClass = new (object: object) => Model;

/** What is wrong with an object, in the words of its model; a kind that no package knows is a fault too. */
export async function modelFaults({ object }: Placed): Promise<string[]> {
  const path = moduleOf(object);
  const Kind = path && (await modelAt(path, object.kind));
  if (!Kind) return [`no model knows ${object.apiVersion} ${object.kind}`];
  try {
    new Kind(object).validate();
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

async function modelAt(path: string, kind: string): Promise<ModelClass | undefined> {
  try {
    const module = new Map(Object.entries((await import(path)) as Record<string, ModelClass>));
    return module.get(kind);
  } catch {
    return undefined;
  }
}
