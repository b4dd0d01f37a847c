// Whose number of pods a scaler sets: ArgoCD must neither count it as a difference nor set it back.
import type { KubeObject } from '../part.ts';

interface Target {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly name?: string;
}

/** As an Application ignores them. */
export const scaledBy = (objects: readonly KubeObject[]) =>
  objects
    .flatMap((object) => targetOf(object) ?? [])
    .map(({ apiVersion = 'apps/v1', kind = 'Deployment', name }) => ({
      group: apiVersion.slice(0, Math.max(0, apiVersion.indexOf('/'))),
      kind,
      name: name!,
      jsonPointers: ['/spec/replicas'],
    }));

function targetOf(object: KubeObject): Target | undefined {
  if (object.kind !== 'HorizontalPodAutoscaler' && object.kind !== 'ScaledObject') return undefined;
  const { scaleTargetRef } = (object as { spec?: { scaleTargetRef?: Target } }).spec ?? {};
  if (!scaleTargetRef?.name) throw new TypeError(`${object.kind} ${object.metadata?.name} scales nothing`);
  return scaleTargetRef;
}
