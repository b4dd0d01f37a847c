// The pod of a server of this room: what it may do, where it writes, how it is asked whether it lives.
import { createHash } from 'node:crypto';
import type { IDeployment } from 'kubernetes-models/apps/v1';
import type { IContainer, IPersistentVolumeClaim, IVolume } from 'kubernetes-models/v1';
import type { Size } from '../shop/sizes.ts';

/** A folder of files that come with the manifests. */
export interface FileFolder {
  readonly path: string;
  /** Of their ConfigMap. */
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  /** False where another room writes the ConfigMap. @default true */
  readonly isOurs?: boolean;
}

/** What answers while all is well. */
export interface Probe {
  readonly path: string;
  /** Name of a port. @default http */
  readonly port?: string;
}

export interface ServerPodProps {
  /** Also of its image in the lock and of its account. */
  readonly name: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** By name. */
  readonly ports: Readonly<Record<string, number>>;
  readonly folders?: readonly FileFolder[];
  /** What it keeps when its pod goes. @default nothing */
  readonly data?: { readonly path: string; readonly size: string };
  /** Where it writes and keeps nothing. */
  readonly scratch?: readonly string[];
  /** The keys of a Secret, as files. */
  readonly secret?: { readonly name: string; readonly path: string };
  readonly size: Size;
  readonly live: Probe;
  readonly ready: Probe;
  /** Whether it asks the API server anything. @default false */
  readonly hasToken?: boolean;
}

/** Of no user of any node: images of others run as it too. */
const USER = 10_001;
const DATA = 'data';
const SECRET = 'secret';

export const podTemplate = (props: ServerPodProps, image: string, labels: Record<string, string>) =>
  ({
    metadata: {
      labels,
      // No program here reloads its files: new content makes a new pod.
      annotations: { 'two-cloud-shop/files': digestOf(props.folders ?? []) },
    },
    spec: {
      serviceAccountName: props.name,
      automountServiceAccountToken: props.hasToken ?? false,
      enableServiceLinks: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: USER,
        runAsGroup: USER,
        fsGroup: USER,
        fsGroupChangePolicy: 'OnRootMismatch',
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [containerOf(props, image)],
      volumes: volumesOf(props),
    },
  }) satisfies NonNullable<IDeployment['spec']>['template'];

function containerOf(props: ServerPodProps, image: string): IContainer {
  const { name, args = [], env, ports, size, live, ready } = props;
  const probe = ({ path, port = 'http' }: Probe, failureThreshold: number) => ({
    httpGet: { path, port },
    periodSeconds: 10,
    timeoutSeconds: 5,
    failureThreshold,
  });
  return {
    name,
    image,
    imagePullPolicy: 'IfNotPresent',
    args: [...args],
    ...(env ? { env: Object.entries(env).map(([variable, value]) => ({ name: variable, value })) } : {}),
    ports: Object.entries(ports).map(([port, containerPort]) => ({
      name: port,
      containerPort,
      protocol: 'TCP',
    })),
    resources: {
      requests: {
        cpu: size.cpuRequest,
        memory: size.memoryRequest,
        'ephemeral-storage': size.ephemeralStorage,
      },
      limits: { memory: size.memoryLimit, 'ephemeral-storage': size.ephemeralStorage },
    },
    // Stores read their log of writes again first, which takes as long as it is long.
    startupProbe: probe(live, 60),
    livenessProbe: probe(live, 6),
    readinessProbe: probe(ready, 3),
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      capabilities: { drop: ['ALL'] },
    },
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: mountsOf(props),
  };
}

function mountsOf({ folders = [], data, scratch = [], secret }: ServerPodProps) {
  return [
    ...folders.map(({ name, path }) => ({ name, mountPath: path, readOnly: true })),
    ...(data ? [{ name: DATA, mountPath: data.path }] : []),
    ...scratch.map((path) => ({ name: scratchName(path), mountPath: path })),
    ...(secret ? [{ name: SECRET, mountPath: secret.path, readOnly: true }] : []),
  ];
}

function volumesOf({ folders = [], scratch = [], secret, size }: ServerPodProps): IVolume[] {
  return [
    ...folders.map(({ name }) => ({ name, configMap: { name } })),
    ...scratch.map((path) => ({ name: scratchName(path), emptyDir: { sizeLimit: size.ephemeralStorage } })),
    ...(secret ? [{ name: SECRET, secret: { secretName: secret.name, defaultMode: 0o440 } }] : []),
  ];
}

const scratchName = (path: string): string => `scratch${path.replaceAll('/', '-')}`;

/** The claim of what is kept. */
export const claimOf = (size: string) =>
  ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: DATA },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: size } },
      // Kubernetes would fill it in, and Argo CD see a difference for ever.
      volumeMode: 'Filesystem',
    },
  }) satisfies IPersistentVolumeClaim;

const digestOf = (folders: readonly FileFolder[]): string =>
  createHash('sha256')
    .update(JSON.stringify(folders.map(({ name, files }) => [name, files])))
    .digest('hex')
    .slice(0, 16);
