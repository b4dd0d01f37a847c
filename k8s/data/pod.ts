// How every pod of this room is made: as a user that no machine has, on a root that cannot be written, with no right of the kernel.
import { createHash } from 'node:crypto';
import type { IContainer, IEnvVar, IPodSpec, IProbe, IVolume } from 'kubernetes-models/v1';
import { heapOptions, type ProgramSize, type Size } from '../shop/sizes.ts';
import { namespaceOf, type Pods } from './ways.ts';

/** No user of a node has this id. */
const USER_ID = 10_001;

/** A folder of a container. */
export interface Mount {
  readonly path: string;
  readonly volume: IVolume;
  /** @default true */
  readonly isReadOnly?: boolean;
}

/** What a program asks of its node. */
export type Needs = Size | ProgramSize;

/** What one pod runs. */
export interface Program {
  /** Also of its service account. */
  readonly pods: Pods;
  readonly image: string;
  /** @default what the image says */
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  /** Runs to its end before the program, with the same folders. @default nothing */
  readonly before?: Pick<Program, 'command' | 'env' | 'size'> & {
    readonly name: string;
    /** @default that of the program */
    readonly image?: string;
  };
  /** Runs beside the program, with the same folders. @default nothing */
  readonly beside?: Pick<Program, 'command' | 'env' | 'ports' | 'probes' | 'size'> & {
    readonly name: string;
  };
  readonly env?: Readonly<Record<string, string>>;
  readonly ports?: Readonly<Record<string, number>>;
  readonly probes?: Pick<IContainer, 'startupProbe' | 'livenessProbe' | 'readinessProbe'>;
  readonly mounts?: readonly Mount[];
  readonly size: Needs;
  readonly graceSeconds?: number;
  /** Time to be taken out of Services before the program gets SIGTERM. @default none */
  readonly preStopSeconds?: number;
  /** Whether it gets a token of its service account. @default false */
  readonly hasToken?: boolean;
  /** What it reads at its start beside its environment, such as its config map: another content is another pod. @default nothing */
  readonly input?: string;
  /** @default Always */
  readonly restartPolicy?: 'OnFailure' | 'Never';
}

const HASH_LENGTH = 10;

/** Tells contents apart in names and annotations. */
export const hashOf = (content: string): string =>
  createHash('sha256').update(content).digest('hex').slice(0, HASH_LENGTH);

/** By which Services, budgets and network rules find the pods. */
export const labelsOf = (pods: Pods) => ({
  'app.kubernetes.io/name': pods.name,
  'app.kubernetes.io/part-of': namespaceOf(pods),
});

/** The pod of a program. */
export function podOf(program: Program) {
  const { pods, graceSeconds, mounts = [], before, beside, hasToken = false, restartPolicy, input } = program;
  const volumes = mounts.map(({ volume }) => volume);
  return {
    metadata: {
      labels: labelsOf(pods),
      ...(input === undefined ? {} : { annotations: { 'shop/input': hashOf(input) } }),
    },
    spec: {
      serviceAccountName: pods.name,
      automountServiceAccountToken: hasToken,
      enableServiceLinks: false,
      ...(restartPolicy ? { restartPolicy } : {}),
      ...(graceSeconds === undefined ? {} : { terminationGracePeriodSeconds: graceSeconds }),
      securityContext: {
        runAsNonRoot: true,
        runAsUser: USER_ID,
        runAsGroup: USER_ID,
        fsGroup: USER_ID,
        // Else every file of a volume is looked at, and Postgres refuses a folder that its group may write.
        fsGroupChangePolicy: 'OnRootMismatch',
        seccompProfile: { type: 'RuntimeDefault' },
      },
      ...(before
        ? { initContainers: [containerOf({ image: program.image, ...before, mounts }, before.name)] }
        : {}),
      containers: [
        { ...containerOf(program, pods.name), ...runningOf(program) },
        ...(beside
          ? [
              {
                ...containerOf({ image: program.image, ...beside, mounts }, beside.name),
                ...runningOf(beside),
              },
            ]
          : []),
      ],
      ...(volumes.length > 0 ? { volumes } : {}),
    } satisfies IPodSpec,
  };
}

type Started = Pick<Program, 'image' | 'command' | 'args' | 'env' | 'mounts' | 'size'>;

function containerOf({ image, command, args, env = {}, mounts = [], size }: Started, name: string) {
  return {
    name,
    image,
    ...(command ? { command: [...command] } : {}),
    ...(args ? { args: [...args] } : {}),
    ...envOf({ ...env, ...('heapMiB' in size ? heapOptions(size) : {}) }),
    resources: {
      requests: {
        cpu: size.cpuRequest,
        memory: size.memoryRequest,
        'ephemeral-storage': size.ephemeralStorage,
      },
      limits: { memory: size.memoryLimit, 'ephemeral-storage': size.ephemeralStorage },
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      capabilities: { drop: ['ALL'] },
    },
    ...(mounts.length > 0
      ? {
          volumeMounts: mounts.map(({ path, volume, isReadOnly = true }) => ({
            name: volume.name,
            mountPath: path,
            ...(isReadOnly ? { readOnly: true } : {}),
          })),
        }
      : {}),
  } satisfies IContainer;
}

/** What a program has that stays, and nothing that runs before it. */
function runningOf({
  ports = {},
  probes = {},
  preStopSeconds,
}: Pick<Program, 'ports' | 'probes' | 'preStopSeconds'>) {
  return {
    ...(Object.keys(ports).length > 0
      ? { ports: Object.entries(ports).map(([name, containerPort]) => ({ name, containerPort })) }
      : {}),
    ...(preStopSeconds === undefined
      ? {}
      : { lifecycle: { preStop: { sleep: { seconds: preStopSeconds } } } }),
    ...probes,
  } satisfies Partial<IContainer>;
}

const envOf = (env: Readonly<Record<string, string>>): { env?: IEnvVar[] } => {
  const variables = Object.entries(env).map(([name, value]) => ({ name, value }));
  return variables.length > 0 ? { env: variables } : {};
};

/** Of a task of ours: a Node that is soon done. */
export const SMALL: Needs = {
  cpuRequest: '50m',
  memoryRequest: '96Mi',
  memoryLimit: '192Mi',
  ephemeralStorage: '32Mi',
  heapMiB: 96,
};

/** A folder that lives as long as its pod. */
export const scratch = (path: string, sizeLimit: string): Mount => ({
  path,
  volume: { name: path.slice(1).replaceAll('/', '-'), emptyDir: { sizeLimit } },
  isReadOnly: false,
});

/** Keys of a secret as files that the program's group may read. */
export const secretFiles = (path: string, secretName: string, keys?: readonly string[]): Mount => ({
  path,
  volume: {
    name: secretName,
    secret: {
      secretName,
      defaultMode: 0o440,
      ...(keys ? { items: keys.map((key) => ({ key, path: key })) } : {}),
    },
  },
});

/** A folder that another pod of the same node keeps. */
export const claimed = (path: string, claimName: string, isReadOnly: boolean): Mount => ({
  path,
  volume: { name: 'claimed', persistentVolumeClaim: { claimName } },
  isReadOnly,
});

/** Files of a config map. */
export const configFiles = (path: string, name: string): Mount => ({
  path,
  volume: { name, configMap: { name } },
});

/** Up to two minutes to start; then dead after half a minute of silence, and out of its Services after ten seconds. */
export function probesBy(asks: Pick<IProbe, 'httpGet' | 'tcpSocket' | 'exec'>) {
  return {
    startupProbe: { ...asks, periodSeconds: 2, failureThreshold: 60, timeoutSeconds: 3 },
    livenessProbe: { ...asks, periodSeconds: 10, failureThreshold: 3, timeoutSeconds: 3 },
    readinessProbe: { ...asks, periodSeconds: 5, failureThreshold: 2, timeoutSeconds: 3 },
  };
}

/** The same by the endpoints of a process of ours: alive is not ready. */
export function probesOfOurs(port: string) {
  const live = probesBy({ httpGet: { path: '/livez', port } });
  const ready = probesBy({ httpGet: { path: '/readyz', port } });
  return { ...live, readinessProbe: ready.readinessProbe };
}
