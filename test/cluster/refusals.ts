// What an API server says of every object: applied by the server, unknown fields refused, and each pod tried as the pod that its owner
// would make.
import { type Content, type KubeObject, nameOf, type Placed, type PodTemplate } from '../k8s/content.ts';
import { type Answer, eachOf, kubectl } from './kubectl.ts';

/** Who owns the fields that a trial sets. */
const FIELD_OWNER = 'test-cluster';

export interface Refusal {
  /** `local: Deployment shop/cart` */
  readonly what: string;
  /** The server's own words. */
  readonly reason: string;
}

/** What pods are judged by must be there in earnest: a trial of a namespace is no namespace. */
const GROUND = new Set(['Namespace', 'LimitRange', 'ResourceQuota', 'ServiceAccount', 'PriorityClass']);

export interface Verdict {
  readonly refusals: readonly Refusal[];
  readonly appliedCount: number;
  readonly triedCount: number;
  readonly podCount: number;
}

const apply = (object: KubeObject, ...more: readonly string[]): Promise<Answer> =>
  kubectl(
    [
      'apply',
      '--server-side',
      '--force-conflicts',
      '--validate=strict',
      `--field-manager=${FIELD_OWNER}`,
      ...more,
      '--filename=-',
    ],
    JSON.stringify(object),
  );

/** A warning is a refusal too: a server warns of pods that a namespace will not admit, and of fields that it dropped. */
export function reasonOf({ status, stderr }: Answer): string | undefined {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return status !== 0 || lines.some((line) => line.startsWith('Warning:')) ? lines.join(' ') : undefined;
}

/** Tries every object of an overlay; namespaces and what bounds them are made in earnest, the rest is only tried. */
export async function tryOverlay(content: Content): Promise<Verdict> {
  const ground = content.all(...GROUND);
  const others = content.placed.filter((placed) => !ground.includes(placed));
  const namespaces = namespacesOf(content);
  const isFirst = ({ object }: Placed): boolean => object.kind === 'Namespace';
  const made = [
    ...(await eachOf(namespaces, (object) => judge(content, object, apply(object)))),
    ...(await eachOf(ground.filter(isFirst), ({ object }) => judge(content, object, apply(object)))),
    ...(await eachOf(
      ground.filter((one) => !isFirst(one)),
      ({ object }) => judge(content, object, apply(object)),
    )),
  ];
  const tried = await eachOf(others, ({ object }) =>
    judge(content, object, apply(object, '--dry-run=server')),
  );
  const pods = content.pods().filter(({ owner }) => owner.object.kind !== 'Pod');
  const triedPods = await eachOf(pods, (pod) =>
    judge(content, pod.owner.object, create(podFrom(pod)), ' (its pod)'),
  );
  return {
    refusals: [...made, ...tried, ...triedPods].flat(),
    appliedCount: ground.length,
    triedCount: others.length,
    podCount: pods.length,
  };
}

async function judge(
  content: Content,
  object: KubeObject,
  answer: Promise<Answer>,
  more = '',
): Promise<Refusal[]> {
  const reason = reasonOf(await answer);
  return reason ? [{ what: `${content.overlay}: ${nameOf(object)}${more}`, reason }] : [];
}

/** Namespaces that objects name and no part makes: of Kubernetes, and ArgoCD's own. */
function namespacesOf(content: Content): KubeObject[] {
  const made = new Set(content.all('Namespace').map(({ object }) => object.metadata.name));
  const named = new Set(content.placed.flatMap(({ object }) => object.metadata.namespace ?? []));
  return [...named]
    .filter((name) => !made.has(name) && !name.startsWith('kube-') && name !== 'default')
    .map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));
}

/** A trial asks the whole way of admission: the standard of the namespace, its quota and its bounds. */
const create = (pod: KubeObject): Promise<Answer> =>
  kubectl(['create', '--dry-run=server', '--validate=strict', '--filename=-'], JSON.stringify(pod));

function podFrom({ owner, namespace, labels, spec }: PodTemplate): KubeObject {
  const claims =
    (owner.object.spec as { volumeClaimTemplates?: readonly KubeObject[] } | undefined)
      ?.volumeClaimTemplates ?? [];
  const volumes = [
    ...(spec.volumes ?? []),
    ...claims.map(({ metadata: { name } }) => ({
      name,
      persistentVolumeClaim: { claimName: `${name}-trial` },
    })),
  ];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `trial-${owner.object.metadata.name}`, namespace, labels: { ...labels } },
    spec: { restartPolicy: 'Always', ...spec, volumes },
  };
}

/** Objects that this very server must refuse: if it takes one, its word about the others is worth nothing. */
export function controls(
  content: Content,
): { readonly what: string; readonly answer: () => Promise<Answer> }[] {
  const pod = content.pods().find(({ isLasting }) => isLasting)!;
  const broken = (change: (object: KubeObject) => void): KubeObject => {
    const object = structuredClone(pod.owner.object);
    change(object);
    return object;
  };
  const spec = (object: KubeObject) => object.spec as Record<string, unknown>;
  const privileged = structuredClone(podFrom(pod));
  const [container] = (privileged.spec as { containers: { securityContext?: object }[] }).containers;
  container!.securityContext = { privileged: true };
  return [
    {
      what: 'an unknown field',
      answer: () =>
        apply(
          broken((object) => void (spec(object).replica = 1)),
          '--dry-run=server',
        ),
    },
    {
      what: 'a wrong type',
      answer: () =>
        apply(
          broken((object) => void (spec(object).minReadySeconds = 'soon')),
          '--dry-run=server',
        ),
    },
    {
      what: 'a selector that does not mean its own pods',
      answer: () =>
        apply(
          broken((object) => {
            object.metadata.name = 'trial';
            spec(object).selector = { matchLabels: { 'app.kubernetes.io/name': 'nobody' } };
          }),
          '--dry-run=server',
        ),
    },
    { what: 'a privileged pod', answer: () => create(privileged) },
  ];
}
