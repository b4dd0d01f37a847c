// An overlay's content as ArgoCD reads it from Git: every object of every part, with its place. What reads it looks at these objects and
// not at the sources that rendered them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IPodSpec } from 'kubernetes-models/v1';
import { parseAllDocuments } from 'yaml';

/** The rendered overlays in Git. */
export const OVERLAYS_FOLDER = join(import.meta.dirname, '../../k8s/overlays');

export type Labels = Readonly<Record<string, string>>;

export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  [field: string]: unknown;
}

/** An object and its file. */
export interface Placed {
  /** The folder, and the Application of the same name. */
  readonly part: string;
  /** From the folder of the overlays: `local/cart/deployment-cart.yaml`. */
  readonly file: string;
  readonly object: KubeObject;
}

/** What makes pods, and how it describes them. */
export interface PodTemplate {
  readonly owner: Placed;
  readonly namespace: string;
  readonly labels: Labels;
  readonly spec: IPodSpec;
  /** Where the pod's specification begins in the owner. */
  readonly path: string;
  /** Meant to run on, unlike a job. */
  readonly isLasting: boolean;
}

/** Kinds that belong to no namespace. Written here once more, apart from `k8s/part.ts`, so that a fault there is noticed. */
const OF_THE_CLUSTER = new Set([
  'APIService',
  'ClusterExternalSecret',
  'ClusterRole',
  'ClusterRoleBinding',
  'ClusterSecretStore',
  'ClusterTriggerAuthentication',
  'CustomResourceDefinition',
  'EC2NodeClass',
  'IngressClass',
  'IngressClassParams',
  'MutatingWebhookConfiguration',
  'Namespace',
  'NodePool',
  'PersistentVolume',
  'PriorityClass',
  'RuntimeClass',
  'StorageClass',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'ValidatingWebhookConfiguration',
]);

export const isOfTheCluster = ({ kind }: KubeObject): boolean => OF_THE_CLUSTER.has(kind);

/** `Deployment shop/cart` */
export const nameOf = ({ kind, metadata }: KubeObject): string =>
  metadata.namespace ? `${kind} ${metadata.namespace}/${metadata.name}` : `${kind} ${metadata.name}`;

/** The group of an `apiVersion`; empty for the core one. */
export const groupOf = ({ apiVersion }: KubeObject): string =>
  apiVersion.includes('/') ? apiVersion.split('/')[0]! : '';

/** Paths to the template of pods, by kind. */
const TEMPLATES: ReadonlyMap<string, readonly string[]> = new Map([
  ['Deployment', ['spec', 'template']],
  ['StatefulSet', ['spec', 'template']],
  ['DaemonSet', ['spec', 'template']],
  ['ReplicaSet', ['spec', 'template']],
  ['Job', ['spec', 'template']],
  ['CronJob', ['spec', 'jobTemplate', 'spec', 'template']],
  ['ScaledJob', ['spec', 'jobTargetRef', 'template']],
  ['Pod', []],
]);
const OF_A_JOB = new Set(['Job', 'CronJob', 'ScaledJob']);

/** One overlay. */
export class Content {
  readonly overlay: string;
  /** Its repository. */
  readonly repository: string;
  readonly placed: Placed[];

  constructor(overlay: string, repository: string, placed: readonly Placed[]) {
    this.overlay = overlay;
    this.repository = repository;
    this.placed = [...placed];
  }

  /** A copy to break. */
  copy(): Content {
    return new Content(this.overlay, this.repository, structuredClone(this.placed));
  }

  all(...kinds: readonly string[]): Placed[] {
    return this.placed.filter(({ object }) => kinds.includes(object.kind));
  }

  find(kind: string, namespace: string | undefined, name: string): Placed | undefined {
    return this.all(kind).find(
      ({ object: { metadata } }) => metadata.name === name && metadata.namespace === namespace,
    );
  }

  pods(): PodTemplate[] {
    return this.placed.flatMap((owner) => podOf(owner) ?? []);
  }

  /** Namespaces into which charts of others put pods that no manifest of ours shows; ArgoCD's own chart came before all of them. */
  namespacesOfCharts(): Set<string> {
    const charted = this.all('Application').filter(
      ({ object }) =>
        at(object, 'spec.source.chart') !== undefined ||
        listAt<{ chart?: string }>(object, 'spec.sources').some(({ chart }) => chart !== undefined),
    );
    return new Set([
      'argocd',
      ...charted.map(({ object }) => String(at(object, 'spec.destination.namespace'))),
    ]);
  }

  remove(gone: Placed): void {
    this.placed.splice(this.placed.indexOf(gone), 1);
  }

  /** Puts one more object into the part that an object belongs to. */
  add(beside: Placed, object: KubeObject): void {
    const file = beside.file.replace(/[^/]+$/, `${object.kind.toLowerCase()}-${object.metadata.name}.yaml`);
    this.placed.push({ part: beside.part, file, object });
  }
}

function podOf(owner: Placed): PodTemplate | undefined {
  const { object } = owner;
  const path = TEMPLATES.get(object.kind);
  if (!path) return undefined;
  const template = path.reduce<unknown>((value, key) => fieldOf(value, key), object) as
    | { metadata?: { labels?: Labels }; spec?: IPodSpec }
    | undefined;
  return {
    owner,
    namespace: object.metadata.namespace ?? '',
    labels: template?.metadata?.labels ?? {},
    spec: template?.spec ?? { containers: [] },
    path: [...path, 'spec'].join('.'),
    isLasting: !OF_A_JOB.has(object.kind) && object.kind !== 'Pod',
  };
}

const fieldOf = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;

/** What is at a path such as `spec.selector.matchLabels`. */
export const at = (object: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((value, key) => fieldOf(value, key), object);

/** A list at a path; empty where there is none. */
export function listAt<Item>(object: unknown, path: string): Item[] {
  const value = at(object, path);
  return Array.isArray(value) ? (value as Item[]) : [];
}

/** Names of the overlays in a folder. */
export const overlaysIn = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .toSorted();

/**
 * Reads what the kustomization of each part lists.
 *
 * @throws TypeError when a file is not listed, or a listed one is missing or holds no object with a name
 */
export function readContent(folder: string, overlay: string): Content {
  const parts = overlaysIn(join(folder, overlay));
  return new Content(
    overlay,
    join(folder, '../..'),
    parts.flatMap((part) => readPart(folder, overlay, part)),
  );
}

function readPart(folder: string, overlay: string, part: string): Placed[] {
  const files = readdirSync(join(folder, overlay, part)).filter((name) => name !== 'kustomization.yaml');
  const listed = listAt<string>(
    documentsOf(join(folder, overlay, part, 'kustomization.yaml'))[0],
    'resources',
  );
  const unlisted = files.filter((file) => !listed.includes(file));
  const missing = listed.filter((file) => !files.includes(file));
  if (unlisted.length + missing.length > 0)
    throw new TypeError(
      `${overlay}/${part}/kustomization.yaml and its folder differ in ${[...unlisted, ...missing].join(', ')}`,
    );
  return listed.flatMap((name) => {
    const file = `${overlay}/${part}/${name}`;
    return documentsOf(join(folder, file)).map((object) => ({ part, file, object: named(object, file) }));
  });
}

function named(object: unknown, file: string): KubeObject {
  for (const field of ['apiVersion', 'kind', 'metadata.name'])
    if (typeof at(object, field) !== 'string')
      throw new TypeError(`${file} holds an object without ${field}`);
  return object as KubeObject;
}

function documentsOf(path: string): unknown[] {
  const documents = parseAllDocuments(readFileSync(path, 'utf8'));
  return (Array.isArray(documents) ? documents : []).map((document) => {
    const [error] = document.errors;
    if (error) throw new TypeError(`${path}: ${error.message}`);
    return document.toJS() as unknown;
  });
}
