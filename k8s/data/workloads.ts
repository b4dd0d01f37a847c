// What a program needs around its pods: an account, a Service, its network rules, and a volume where it keeps something.
import { Construct } from 'constructs';
import type { IDeployment, IStatefulSet } from 'kubernetes-models/apps/v1';
import type { ICronJob, IJob } from 'kubernetes-models/batch/v1';
import type { IService, IServiceAccount } from 'kubernetes-models/v1';
import { addObject } from '../part.ts';
import { networkPolicyOf } from './network.ts';
import { hashOf, labelsOf, type Mount, type Program, podOf } from './pod.ts';
import { namespaceOf, type Pods } from './ways.ts';

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
  /** Asleep it has all but its pod. @default true */
  readonly isAwake?: boolean;
  /** After the tasks of its part, which may need it as it was: Argo CD waits until they are done. @default false */
  readonly isAfterTasks?: boolean;
  /** Two at a time would be too many; otherwise a new one comes before the old one goes. @default false */
  readonly isAlone?: boolean;
}

/** The claim of a stand-in's volume, for a pod beside it. */
export const claimOf = ({ name }: Pods): string => `${VOLUME_NAME}-${name}-0`;

/** One replica of a server, its Service under the same name, and the ways to and from it. */
export class StandIn extends Construct {
  private readonly props: StandInProps;

  constructor(scope: Construct, id: string, props: StandInProps) {
    super(scope, id);
    this.props = props;
    const { program, volume } = props;
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
      metadata: this.metadata(),
      spec: {
        replicas: this.replicas(),
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
      metadata: this.metadata(),
      spec: {
        replicas: this.replicas(),
        strategy: this.props.isAlone
          ? { type: 'Recreate' }
          : { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
        selector: { matchLabels: labelsOf(program.pods) },
        template: podOf(program),
      },
    } satisfies IDeployment);
  }

  private replicas(): number {
    return (this.props.isAwake ?? true) ? 1 : 0;
  }

  private metadata() {
    const metadata = metadataOf(this.props.program);
    return this.props.isAfterTasks ? { ...metadata, annotations: syncWave(TASKS_WAVE + 1) } : metadata;
  }
}

/** Within a part; all else is in wave 0. */
const TASKS_WAVE = 1;
const syncWave = (wave: number) => ({ 'argocd.argoproj.io/sync-wave': String(wave) });

export interface TaskProps {
  readonly program: Program;
}

const DEADLINE_SECONDS = 900;
const ATTEMPTS_AFTER_THE_FIRST = 8;

/**
 * Work to be done once for each content: a Job cannot be changed, so its name is made of its content, and another content is another
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
        annotations: syncWave(TASKS_WAVE),
      },
      spec,
    } satisfies IJob);
    addObject(this, networkPolicyOf(program.pods));
  }
}

export interface ScheduleProps {
  readonly program: Program;
  /** As cron writes it, in UTC. */
  readonly schedule: string;
  readonly deadlineSeconds: number;
  readonly isAwake: boolean;
}

/** A finished attempt is kept for reading its log. */
const KEPT_SECONDS = 3_600;
/** A start that was missed for longer waits for the next. */
const STARTING_DEADLINE_SECONDS = 60;

/** What is done again and again, one try at a time: a try that fails is over, and the next one comes by the schedule. */
export class Schedule extends Construct {
  constructor(scope: Construct, id: string, { program, schedule, deadlineSeconds, isAwake }: ScheduleProps) {
    super(scope, id);
    addAccount(this, program);
    addObject(this, {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: metadataOf(program),
      spec: {
        schedule,
        timeZone: 'Etc/UTC',
        concurrencyPolicy: 'Forbid',
        startingDeadlineSeconds: STARTING_DEADLINE_SECONDS,
        successfulJobsHistoryLimit: 1,
        failedJobsHistoryLimit: 1,
        suspend: !isAwake,
        jobTemplate: {
          metadata: { labels: labelsOf(program.pods) },
          spec: {
            backoffLimit: 0,
            activeDeadlineSeconds: deadlineSeconds,
            ttlSecondsAfterFinished: KEPT_SECONDS,
            template: podOf({ ...program, restartPolicy: 'Never' }),
          },
        },
      },
    } satisfies ICronJob);
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
  const { pods } = program;
  const ports = { ...program.ports, ...program.beside?.ports };
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
