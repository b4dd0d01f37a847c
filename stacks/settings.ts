// The settings of an environment: sizes, protections, retention, address ranges, versions. They live in
// `environments/<name>.ts` and nowhere else, and every fault is listed at once.
import { z } from 'zod';
import { awsSettings } from './aws/settings.ts';
import { edgeSettings } from './edge/settings.ts';
import { gcpSettings } from './gcp/settings.ts';
import { count, range, version } from './settings-fields.ts';

export const ENVIRONMENTS = ['dev', 'staging', 'prod'] as const;
export type EnvironmentName = (typeof ENVIRONMENTS)[number];

/** CloudWatch Logs takes only these; shorter ones are no audit trail (CKV_AWS_338). */
const logRetentionDays = z.union([z.literal(365), z.literal(400), z.literal(545), z.literal(731)]);
/** 64512-65534 are for private use (RFC 6996 §5). */
const privateAsn = count(64_512, 65_534);
const githubId = z.string().regex(/^[1-9]\d*$/, 'expected the number that GitHub has for it');

/** What each field may be. */
export const settingsSchema = z.strictObject({
  environment: z.enum(ENVIRONMENTS),
  /** Begins every resource's name, with the environment behind it. */
  project: z.string().regex(/^[a-z][a-z0-9]{1,11}$/, 'expected 2 to 12 lower-case letters and digits'),
  /** Who pays and is asked: a label on everything. */
  owner: z.string().regex(/^[a-z0-9_-]{1,63}$/, 'expected a label: lower-case letters, digits, dashes'),
  /** Nothing that holds data can be deleted. */
  isProtected: z.boolean(),
  /** The environment will be deleted: the only reason for which prod may lose its protections. */
  isBeingTakenDown: z.boolean(),
  logRetentionDays,
  edge: edgeSettings,
  aws: awsSettings,
  gcp: gcpSettings,
  link: z.strictObject({
    awsAsn: privateAsn,
    gcpAsn: privateAsn,
    /** The inside addresses of the four tunnels. */
    insideRanges: z.array(range).length(4),
    /** What a Google identity token must be made for, to become an AWS role. */
    audience: z.string().min(3).max(64),
  }),
  /** The engine that counts images: the workers, or the Flink job of a run; without a run its cluster is ready, and the workers count. */
  analytics: z.discriminatedUnion('engine', [
    z.strictObject({ engine: z.literal('node') }),
    z.strictObject({
      engine: z.literal('flink'),
      run: z
        .string()
        .regex(/^r-[0-9a-f-]{36}$/, 'expected a run as npm run engine -- begin prints it')
        .optional(),
    }),
  ]),
  gitops: z.strictObject({
    repositoryUrl: z.url().startsWith('https://'),
    revision: z.string().min(1),
    /** Whether ArgoCD and the operators continue while a node is lost: they then run twice, ArgoCD's cache three times. */
    isRedundant: z.boolean(),
    argocdChartVersion: version('10.1.1'),
    argocdAppsChartVersion: version('2.0.5'),
  }),
  payments: z.strictObject({
    /** Who moves the money; `sandbox` moves none. */
    provider: z.enum(['sandbox', 'stripe']),
    /** By which browsers hand cards to Stripe. It is on the page of the checkout, and no secret. */
    publishableKey: z
      .string()
      .regex(
        /^pk_(test|live)_[A-Za-z0-9]{10,200}$/,
        'expected Stripe’s publishable key, pk_test_… or pk_live_…; a secret key that was in Git must be replaced at Stripe',
      )
      .optional(),
  }),
  bootstrap: z.strictObject({
    /** Bootstrap makes the bucket of the states: its own begins as a file beside the checkout, and moves in afterwards. */
    state: z.enum(['file', 'bucket']),
  }),
  ci: z.strictObject({
    /** `owner/name` on GitHub, whose workflows may deploy. */
    githubRepository: z.string().regex(/^[\w.-]+\/[\w.-]+$/, 'expected owner/name'),
    /** Names can be given up and taken by others, these ids cannot: `gh api repos/<owner>/<name> --jq '.id, .owner.id'` prints both. */
    githubRepositoryId: githubId,
    githubOwnerId: githubId,
  }),
});

/** The settings of one environment. `settings-rules.ts` says whether its parts fit each other. */
export type Settings = z.infer<typeof settingsSchema>;

/** What is wrong with settings, and where. */
export interface SettingsFault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** The settings describe no platform that can be built. */
export class SettingsError extends Error {
  override name = 'SettingsError';
}

/** Begins every resource's name: `shop-dev`. */
export const namePrefix = ({ project, environment }: Pick<Settings, 'project' | 'environment'>): string =>
  `${project}-${environment}`;
