// What the clouds do not combine, and would refuse half an hour into a deployment; and versions that are missing in versions.ts.
import { amiTypeOf } from './aws/node-architecture.ts';
import { subjectsOf } from './bootstrap/github-workflows.ts';
import type { Settings, SettingsFault } from './settings.ts';
import { type Product, supportOf, VERSIONS } from './versions.ts';

/** Every combination that a cloud refuses; empty when there is none. */
export const combinationFaults = (settings: Settings): SettingsFault[] => [
  ...versionFaults(settings),
  ...kafkaFaults(settings),
  ...postgresFaults(settings),
  ...nodeFaults(settings),
  ...concurrencyFaults(settings),
  ...cloudSqlFaults(settings),
  ...flinkFaults(settings),
  ...workerFaults(settings),
  ...subjectFaults(settings),
];

type Path = readonly string[];
const faultAt =
  (...path: Path) =>
  (message: string): SettingsFault[] => [{ path, message }];

function versionFaults({ aws, gcp, gitops }: Settings): SettingsFault[] {
  const named: [path: Path, product: Product, version: string][] = [
    [['aws', 'eks', 'version'], 'EKS', aws.eks.version],
    [['aws', 'kafka', 'version'], 'MSK', aws.kafka.version],
    [['aws', 'postgres', 'version'], 'RDS for PostgreSQL', aws.postgres.version],
    [['gcp', 'flink', 'imageVersion'], 'Dataproc image', gcp.flink.imageVersion],
    [['gitops', 'argocdChartVersion'], 'chart argo-cd', gitops.argocdChartVersion],
    [['gitops', 'argocdAppsChartVersion'], 'chart argocd-apps', gitops.argocdAppsChartVersion],
  ];
  return named
    .filter(([, product, version]) => !supportOf(product, version))
    .map(([path, product, version]) => ({
      path,
      message: `stacks/versions.ts knows ${product} ${Object.keys(VERSIONS[product]).join(', ')}, and not ${version}: look up its end of support`,
    }));
}

/** AWS, "Amazon MSK quotas": storage per Standard broker. */
const BROKER_GIB_MAX = 16_384;

function kafkaFaults({ aws: { kafka } }: Settings): SettingsFault[] {
  const [major = 0, minor = 0] = kafka.version.split('.').map(Number);
  const version = faultAt('aws', 'kafka', 'version');
  const faults: SettingsFault[] = [];
  // No such version is created without: `list-kafka-versions` names 4.x with the suffix only (2026-09-18).
  if (major >= 4 && !kafka.version.endsWith('.kraft'))
    faults.push(...version(`${kafka.version}: Kafka 4 has no ZooKeeper; write ${kafka.version}.kraft`));
  // AWS CDK, aws-msk, KafkaVersion.V4_2_X_KRAFT; what such brokers need (no volumes, no broker logs) is not made here.
  if (major > 4 || (major === 4 && minor >= 2))
    faults.push(
      ...version(`${kafka.version} is for Express brokers only: 4.1.x.kraft is the newest for Standard ones`),
    );
  // `CreateCluster` answered "Unsupported InstanceType" (a public report of 2026-09-18).
  if (major >= 4 && kafka.instanceType.startsWith('kafka.t3.'))
    faults.push(
      ...faultAt(
        'aws',
        'kafka',
        'instanceType',
      )(
        `${kafka.instanceType} is for Kafka 3 only: kafka.m7g.large and kafka.m5.large are the smallest for ${kafka.version}`,
      ),
    );
  if (kafka.volumeGibMax > BROKER_GIB_MAX)
    faults.push(...faultAt('aws', 'kafka', 'volumeGibMax')(`a broker has ${BROKER_GIB_MAX} GiB at most`));
  return faults;
}

/** AWS, "Amazon RDS DB instance storage": gp3 of PostgreSQL begins at 20 GiB. */
const GP3_GIB_MIN = 20;
/** AWS, "Managing capacity automatically with Amazon RDS storage autoscaling": the threshold must be a tenth above the size. */
const gibAfterGrowth = (gib: number): number => Math.ceil((gib * 11) / 10);

function postgresFaults({ aws: { postgres } }: Settings): SettingsFault[] {
  const { volumeGib, volumeGibMax } = postgres;
  if (volumeGib < GP3_GIB_MIN)
    return faultAt('aws', 'postgres', 'volumeGib')(`gp3 begins at ${GP3_GIB_MIN} GiB`);
  if (volumeGibMax < gibAfterGrowth(volumeGib))
    return faultAt(
      'aws',
      'postgres',
      'volumeGibMax',
    )(`RDS wants a tenth more than volumeGib: ${gibAfterGrowth(volumeGib)} or more`);
  return [];
}

function nodeFaults({ aws: { eks } }: Settings): SettingsFault[] {
  return (['general', 'compute'] as const).flatMap((group) => {
    try {
      amiTypeOf(eks[group].instanceTypes);
      return [];
    } catch (error) {
      return faultAt('aws', 'eks', group, 'instanceTypes')((error as Error).message);
    }
  });
}

/** What Lambda keeps free of reservations (AWS, "Understanding Lambda function scaling"). New accounts start below it. */
const UNRESERVED_MIN = 100;
/** Functions that deployments call, one at a time each, with room for some more. */
const DEPLOYMENT_CONCURRENCY = 10;

/** Concurrent executions that the account must be allowed for the reservations; docs/deploy.md says to ask for them. */
export const neededConcurrency = ({ aws: { images } }: Settings): number =>
  images.functionConcurrency + DEPLOYMENT_CONCURRENCY + UNRESERVED_MIN;

function concurrencyFaults(settings: Settings): SettingsFault[] {
  const { environment } = settings;
  const { lambda } = settings.aws;
  const needed = neededConcurrency(settings);
  if (lambda.reservesConcurrency && lambda.concurrencyQuota < needed)
    return faultAt(
      'aws',
      'lambda',
      'concurrencyQuota',
    )(
      `reservations need ${needed} (${UNRESERVED_MIN} stay unreserved): ask AWS for more, or set reservesConcurrency to false`,
    );
  if (!lambda.reservesConcurrency && environment === 'prod')
    return faultAt(
      'aws',
      'lambda',
      'reservesConcurrency',
    )('in prod one function must not take the concurrency of the others: set true');
  return [];
}

/** Google Cloud, "Instance settings" (Cloud SQL): cores, memory. */
const CORES_MAX = 96;
const MIB_MIN = 3_840;
const MIB_STEP = 256;
const GIB_PER_CORE = [0.9, 6.5] as const;

function cloudSqlFaults({ gcp: { sql } }: Settings): SettingsFault[] {
  const say = faultAt('gcp', 'sql', 'tier');
  const [, coresText, mibText] = /^db-custom-(\d+)-(\d+)$/.exec(sql.tier) ?? [];
  // The other tiers are shared cores without a service level, or of an edition that is not ours (Cloud SQL, "Machine series overview").
  if (!coresText) return say(`${sql.tier} has no core of its own: choose one such as db-custom-2-7680`);
  const [cores, mib] = [Number(coresText), Number(mibText)];
  if (cores > CORES_MAX || (cores !== 1 && cores % 2 === 1))
    return say(`${cores} cores: Cloud SQL has 1, or an even number up to ${CORES_MAX}`);
  const gibPerCore = mib / 1024 / cores;
  if (mib < MIB_MIN || mib % MIB_STEP !== 0 || gibPerCore < GIB_PER_CORE[0] || gibPerCore > GIB_PER_CORE[1])
    return say(
      `${mib} MiB for ${cores} cores: Cloud SQL wants ${MIB_MIN} or more, a multiple of ${MIB_STEP}, and ${GIB_PER_CORE.join(' to ')} GiB a core`,
    );
  return [];
}

/** Series with ARM processors (Google Cloud, "Arm VMs on Compute"); Dataproc has images of their own for them (`-ubuntu22-arm`). */
const ARM_SERIES = /^(a4x|c4a|n4a|t2a)-/;

function flinkFaults({ gcp: { flink } }: Settings): SettingsFault[] {
  return (['masterMachineType', 'workerMachineType'] as const)
    .filter((name) => ARM_SERIES.test(flink[name]))
    .flatMap((name) =>
      faultAt('gcp', 'flink', name)(`${flink[name]} is ARM, and ${flink.imageVersion} is no image for that`),
    );
}

/** Google Cloud, "Configure memory limits for worker pools" (Cloud Run): MiB by number of cores. */
const WORKER_MIB: Readonly<Record<string, readonly [min: number, max: number]>> = {
  1: [512, 4 * 1024],
  2: [512, 8 * 1024],
  4: [2 * 1024, 16 * 1024],
};

function workerFaults({ gcp: { worker } }: Settings): SettingsFault[] {
  const mib = Number.parseInt(worker.memory, 10) * (worker.memory.endsWith('Gi') ? 1024 : 1);
  const [min, max] = WORKER_MIB[worker.cpu]!;
  if (mib >= min && mib <= max) return [];
  return faultAt(
    'gcp',
    'worker',
    'memory',
  )(`${worker.memory} with ${worker.cpu} CPU: Cloud Run wants ${min} to ${max} MiB`);
}

/** Google Cloud, "Workload Identity Federation": a longer `google.subject` is refused. */
const SUBJECT_BYTES_MAX = 127;

function subjectFaults({ environment, ci }: Settings): SettingsFault[] {
  const repository = { name: ci.githubRepository, id: ci.githubRepositoryId, ownerId: ci.githubOwnerId };
  const longest = Math.max(
    ...subjectsOf(repository, `environment:${environment}`).map((subject) => Buffer.byteLength(subject)),
  );
  if (longest <= SUBJECT_BYTES_MAX) return [];
  return faultAt(
    'ci',
    'githubRepository',
  )(`its subject in GitHub’s tokens has ${longest} bytes, and Google Cloud takes ${SUBJECT_BYTES_MAX}`);
}
