// The settings of an environment: sizes, protections, retention, address ranges, versions. They live in
// `environments/<name>.ts` and nowhere else, and every fault is listed at once.
import { z } from 'zod';
import { isPrivateRange, isRange } from './addresses.ts';
import { AWS_REGIONS, GOOGLE_REGIONS } from './regions.ts';
import { settingsFaults } from './settings-rules.ts';

export const ENVIRONMENTS = ['dev', 'staging', 'prod'] as const;
export type EnvironmentName = (typeof ENVIRONMENTS)[number];

const range = z
  .string()
  .refine(isRange, 'expected a range such as 10.0.0.0/16, beginning at its first address');
const privateRange = z
  .string()
  .refine(isPrivateRange, 'expected a private range such as 10.0.0.0/16 (RFC 1918)');
const count = (min: number, max: number) => z.int().min(min).max(max);
const gib = count(1, 65_536);
const version = (example: string) =>
  z.string().regex(/^\d+(\.\d+){1,2}$/, `expected a version such as ${example}`);
/** CloudWatch Logs takes only these; shorter ones are no audit trail (CKV_AWS_338). */
const logRetentionDays = z.union([z.literal(365), z.literal(400), z.literal(545), z.literal(731)]);
/** 64512-65534 are for private use (RFC 6996 §5). */
const privateAsn = count(64_512, 65_534);

const nodeGroup = z.strictObject({
  instanceTypes: z
    .array(z.string().regex(/^[a-z0-9-]+\.[a-z0-9]+$/, 'expected a type such as m7g.large'))
    .min(1),
  nodeCountMin: count(0, 100),
  nodeCountMax: count(1, 100),
  diskGib: gib,
});

const aws = z.strictObject({
  accountId: z.string().regex(/^\d{12}$/, 'expected the 12 digits of an AWS account'),
  region: z.enum(AWS_REGIONS),
  /** As many as Kafka has brokers. */
  zones: z.array(z.string()).length(3),
  vpcRange: privateRange,
  /** Addresses of Kubernetes Services; must not meet any network that pods talk to. */
  serviceRange: privateRange,
  /** `one` is cheaper and goes down with its zone. */
  natGateways: z.enum(['one', 'each-zone']),
  eks: z.strictObject({
    version: version('1.36'),
    /** Who may reach the Kubernetes API over the internet; empty for nobody. */
    publicApiRanges: z.array(range),
    /** IAM roles that administer Kubernetes besides the one CI deploys by. */
    administratorRoleArns: z.array(
      z.string().regex(/^arn:aws:iam::\d{12}:role\/\S+$/, 'expected the ARN of an IAM role'),
    ),
    general: nodeGroup,
    compute: nodeGroup,
  }),
  kafka: z.strictObject({
    version: z.string().regex(/^\d+\.\d+\.(\d+|x)(\.kraft)?$/, 'expected an MSK version such as 4.1.x.kraft'),
    instanceType: z
      .string()
      .regex(/^kafka\.[a-z0-9]+\.[a-z0-9]+$/, 'expected a type such as kafka.m7g.large'),
    volumeGib: gib,
    /** Storage grows by itself up to this. */
    volumeGibMax: gib,
  }),
  postgres: z.strictObject({
    version: version('17.6'),
    instanceClass: z.string().regex(/^db\.[a-z0-9]+\.[a-z0-9]+$/, 'expected a class such as db.t4g.medium'),
    volumeGib: gib,
    volumeGibMax: gib,
    backupRetentionDays: count(7, 35),
  }),
  images: z.strictObject({
    /** Originals are kept for ever in a cheaper class after this; their older versions go. */
    coldAfterDays: count(30, 3_650),
    /** Uploads that are worked on at the same time: the ceiling of the Lambda's memory and of its Kafka connections. */
    functionConcurrency: count(1, 500),
  }),
});

const gcp = z.strictObject({
  projectId: z
    .string()
    .regex(
      /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/,
      'expected the id of a Google Cloud project, such as shop-dev-123456',
    ),
  region: z.enum(GOOGLE_REGIONS),
  workersRange: privateRange,
  dataprocRange: privateRange,
  /** Cloud SQL lives in it, by private service access. */
  privateServicesRange: privateRange,
  sql: z.strictObject({
    tier: z.string().regex(/^db-[a-z0-9-]+$/, 'expected a tier such as db-custom-2-7680'),
    diskGib: gib,
    diskGibMax: gib,
    /** A standby in another zone. */
    isRegional: z.boolean(),
    backupCount: count(7, 365),
    /** The next number makes another password. */
    passwordVersion: count(1, 10_000),
  }),
  worker: z.strictObject({
    /** More than the topic has partitions would idle. */
    instanceCount: count(1, 6),
    cpu: z.enum(['1', '2', '4']),
    memory: z.string().regex(/^\d+(Mi|Gi)$/, 'expected an amount such as 1Gi'),
  }),
  flink: z.strictObject({
    imageVersion: z
      .string()
      .regex(/^\d+\.\d+(\.\d+)?-debian\d+$/, 'expected a Dataproc image such as 2.3-debian12'),
    masterMachineType: z.string(),
    workerMachineType: z.string(),
    workerCount: count(2, 50),
  }),
});

export const settingsSchema = z
  .strictObject({
    environment: z.enum(ENVIRONMENTS),
    /** Begins every resource's name, with the environment behind it. */
    project: z.string().regex(/^[a-z][a-z0-9]{1,11}$/, 'expected 2 to 12 lower-case letters and digits'),
    /** Who pays and is asked: a label on everything. */
    owner: z.string().regex(/^[a-z0-9_-]{1,63}$/, 'expected a label: lower-case letters, digits, dashes'),
    /** Nothing that holds data can be deleted. */
    isProtected: z.boolean(),
    logRetentionDays,
    aws,
    gcp,
    link: z.strictObject({
      awsAsn: privateAsn,
      gcpAsn: privateAsn,
      /** The inside addresses of the four tunnels. */
      insideRanges: z.array(range).length(4),
      /** What a Google identity token must be made for, to become an AWS role. */
      audience: z.string().min(3).max(64),
    }),
    analytics: z.strictObject({ engine: z.enum(['node', 'flink']) }),
    gitops: z.strictObject({
      repositoryUrl: z.url().startsWith('https://'),
      revision: z.string().min(1),
      /** Folder of the rendered Applications in that repository. */
      path: z.string().min(1),
      argocdChartVersion: version('9.1.4'),
      argocdAppsChartVersion: version('2.0.2'),
    }),
    bootstrap: z.strictObject({
      /** Bootstrap makes the bucket of the states: its own begins as a file beside the checkout, and moves in afterwards. */
      state: z.enum(['file', 'bucket']),
    }),
    ci: z.strictObject({
      /** `owner/name` on GitHub, whose workflows may deploy. */
      githubRepository: z.string().regex(/^[\w.-]+\/[\w.-]+$/, 'expected owner/name'),
    }),
  })
  .superRefine((settings, context) => {
    for (const { path, message } of settingsFaults(settings))
      context.addIssue({ code: 'custom', path: [...path], message });
  });

/** The settings of one environment, valid. */
export type Settings = z.infer<typeof settingsSchema>;

/** What somebody wrote down is not a platform that can be built. */
export class SettingsError extends Error {
  override name = 'SettingsError';
}

/** @throws SettingsError that names every faulty field and the file to change */
export function checkSettings(written: unknown, source: string): Settings {
  const result = settingsSchema.safeParse(written);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `  ${path.join('.') || '(all)'}: ${message}`);
  throw new SettingsError(`The settings in ${source} are faulty:\n\n${faults.join('\n')}\n`);
}

/** Begins every resource's name: `shop-dev`. */
export const namePrefix = ({ project, environment }: Pick<Settings, 'project' | 'environment'>): string =>
  `${project}-${environment}`;
