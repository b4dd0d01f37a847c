// What an environment says of AWS.
import { z } from 'zod';
import { AWS_REGIONS } from '../regions.ts';
import { count, gib, privateRange, range, version } from '../settings-fields.ts';

const nodeGroup = z.strictObject({
  instanceTypes: z
    .array(z.string().regex(/^[a-z0-9-]+\.[a-z0-9]+$/, 'expected a type such as m7g.large'))
    .min(1),
  nodeCountMin: count(0, 100),
  nodeCountMax: count(1, 100),
  diskGib: gib,
});

export const awsSettings = z.strictObject({
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
    /** Ranges that may reach the Kubernetes API over the internet; empty for none. */
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
    /** AWS lets storage grow up to this. */
    volumeGibMax: gib,
  }),
  postgres: z.strictObject({
    /** RDS picks the minor version, and replaces it before AWS retires it. */
    version: z.string().regex(/^\d+$/, 'expected a major version such as 17: RDS picks the minor one'),
    instanceClass: z.string().regex(/^db\.[a-z0-9]+\.[a-z0-9]+$/, 'expected a class such as db.t4g.medium'),
    volumeGib: gib,
    volumeGibMax: gib,
    backupRetentionDays: count(7, 35),
  }),
  images: z.strictObject({
    /** Originals are kept for ever in a cheaper class after this; their older versions go. */
    coldAfterDays: count(30, 3_650),
    /**
     * Uploads that are worked on at the same time: the ceiling of the Lambda's memory and of its Kafka connections. Where nothing is
     * reserved, the account's quota is the ceiling.
     */
    functionConcurrency: count(1, 500),
  }),
  lambda: z.strictObject({
    /** What the account may run at the same time: the quota L-B99A9384, 10 to 50 in a new account and 1,000 once asked for. */
    concurrencyQuota: count(10, 100_000),
    /** Functions have a share of it that others cannot take: none where the quota is too small for that. */
    reservesConcurrency: z.boolean(),
  }),
});
