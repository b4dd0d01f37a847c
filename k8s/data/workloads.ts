// What a program needs around its pods: an account, a Service, its network rules, and a volume where it keeps something.
import { Construct } from 'constructs';
import type { IDeployment, IStatefulSet } from 'kubernetes-models/apps/v1';
import type { IJob } from 'kubernetes-models/batch/v1';
import type { IService, IServiceAccount } from 'kubernetes-models/v1';
import { addObject } from '../part.ts';
import { networkPolicyOf } from './network.ts';
import { hashOf, labelsOf, type Mount, type Program, podOf } from './pod.ts';
import { namespaceOf } from './ways.ts';

/** Where a program keeps its data over restarts. */
export interface Volume {
  readonly path: string;
  /** Of the claim, in the cluster's default storage class. */
  readonly size: string;
}

const VOLUME_NAME = 'data';

export interface StandInProps {
  readonly program: Program;
  /** @default it keeps nothing */
  readonly volume?: Volume;
}

/** One replica of a server, its Service under the same name, and the ways to and from it. */
export class StandIn extends Construct {
  constructor(scope: Construct, id: string, { program, volume }: StandInProps) {
    super(scope, id);
    addAccount(this, program);
    if (volume) this.addStateful(program, volume);
    else this.addStateless(program);
    addService(this, program);
    addObject(this, networkPolicyOf(program.pods));
  }

  private addStateful(program: Program, { path, size }: Volume): void {
    const { pods, mounts = [] } = program;
    const kept: Mount = { path, volume: { name: VOLUME_NAME }, isReadOnly: false };
    const template = podOf({ ...program, mounts: [kept, ...mounts] });
    const volumes = template.spec.volumes?.filter(({ name }) => name !== VOLUME_NAME);
    addObject(this, {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: metadataOf(program),
      spec: {
        replicas: 1,
        serviceName: pods.name,
        selector: { matchLabels: labelsOf(pods) },
        template: { ...template, spec: { ...template.spec, ...(volumes ? { volumes } : {}) } },
        volumeClaimTemplates: [
          {
            apiVersion: 'v1',
            kind: 'PersistentVolumeClaim',
            metadata: { name: VOLUME_NAME },
            spec: {
              accessModes: ['ReadWriteOnce'],
              resources: { requests: { storage: size } },
              // Kubernetes would fill it in, and Argo CD see a difference for ever.
              volumeMode: 'Filesystem',
            },
          },
        ],
      },
    } satisfies IStatefulSet);
  }

  private addStateless(program: Program): void {
    addObject(this, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: metadataOf(program),
      spec: {
        replicas: 1,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
        selector: { matchLabels: labelsOf(program.pods) },
        template: podOf(program),
      },
    } satisfies IDeployment);
  }
}

export interface TaskProps {
  readonly program: Program;
}

const DEADLINE_SECONDS = 900;
const ATTEMPTS_AFTER_THE_FIRST = 8;

/**
 * What is to be done once for each content: a Job cannot be changed, so its name tells what it does, and another content is another
 * Job. It stays when it is done: Argo CD would miss it, and run it again (docs/adr/0033).
 */
export class Task extends Construct {
  constructor(scope: Construct, id: string, { program }: TaskProps) {
    super(scope, id);
    addAccount(this, program);
    const spec = {
      backoffLimit: ATTEMPTS_AFTER_THE_FIRST,
      activeDeadlineSeconds: DEADLINE_SECONDS,
      template: podOf({ ...program, restartPolicy: 'OnFailure' }),
    };
    const { name, ...metadata } = metadataOf(program);
    addObject(this, {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        ...metadata,
        name: `${name}-${hashOf(JSON.stringify(spec))}`,
        // After what it works on: Argo CD waits until that is healthy.
        annotations: { 'argocd.argoproj.io/sync-wave': '1' },
      },
      spec,
    } satisfies IJob);
    addObject(this, networkPolicyOf(program.pods));
  }
}

const metadataOf = ({ pods }: Program) => ({
  name: pods.name,
  namespace: namespaceOf(pods),
  labels: labelsOf(pods),
});

function addAccount(scope: Construct, program: Program): void {
  addObject(scope, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: metadataOf(program),
    automountServiceAccountToken: false,
  } satisfies IServiceAccount);
}

function addService(scope: Construct, program: Program): void {
  const { pods, ports = {} } = program;
  addObject(scope, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadataOf(program),
    spec: {
      selector: labelsOf(pods),
      ports: Object.entries(ports).map(([name, port]) => ({ name, port, targetPort: name, protocol: 'TCP' })),
    },
  } satisfies IService);
}
