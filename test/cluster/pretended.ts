// Does what a cluster whose nodes only pretend (KWOK) cannot do, each by name, so that the rest can be shown there.
import { kubectl, mustDo } from './kubectl.ts';

/** Kinds whose health needs a program that really runs, and why. ArgoCD is configured to take them as healthy. */
const TAKEN_AS_HEALTHY: readonly (readonly [kind: string, because: string])[] = [
  ['autoscaling_HorizontalPodAutoscaler', 'scalers read no metrics'],
  ['apiregistration.k8s.io_APIService', 'no program answers behind an extension of the API'],
  ['networking.k8s.io_Ingress', 'no controller gives the way in an address'],
];

const HEALTHY = 'return { status = "Healthy", message = "taken as healthy: nodes pretend" }';

/** Printed before anything is synced; each line says what is not shown. */
export async function takeAsHealthy(): Promise<string[]> {
  const data = Object.fromEntries(
    TAKEN_AS_HEALTHY.map(([kind]) => [`resource.customizations.health.${kind}`, HEALTHY]),
  );
  await mustDo([
    'patch',
    'configmap',
    'argocd-cm',
    '--namespace',
    'argocd',
    '--type',
    'merge',
    '--patch',
    JSON.stringify({ data }),
  ]);
  return [
    ...TAKEN_AS_HEALTHY.map(([kind, because]) => `${because} (${kind} is taken as healthy)`),
    'no container runs: pods are said to be ready, jobs to be done, and none was started',
    'network policies are stored and not enforced',
    'volumes are bound to folders that nobody reads',
  ];
}

interface Claim {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: {
    readonly accessModes: readonly string[];
    readonly resources: { readonly requests: object };
  };
  readonly status: { readonly phase: string };
}

/** A volume for each claim that waits for one. */
export async function bindClaims(): Promise<void> {
  const { stdout } = await kubectl(['get', 'persistentvolumeclaims', '--all-namespaces', '--output', 'json']);
  const waiting = (JSON.parse(stdout || '{"items":[]}') as { items: Claim[] }).items.filter(
    ({ status }) => status.phase === 'Pending',
  );
  for (const { metadata, spec } of waiting) {
    const volume = {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: `pretended-${metadata.namespace}-${metadata.name}` },
      spec: {
        capacity: spec.resources.requests,
        accessModes: spec.accessModes,
        claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', ...metadataOf(metadata) },
        hostPath: { path: '/nowhere' },
      },
    };
    await kubectl(['apply', '--server-side', '--filename=-'], JSON.stringify(volume));
  }
}

const metadataOf = ({ name, namespace }: Claim['metadata']) => ({ name, namespace });
