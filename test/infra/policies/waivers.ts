// Faults that stay, each with its reason. One that matches no fault of its environments is stale and fails.
import type { EnvironmentName } from '../../../stacks/settings.ts';
import type { Fault } from './rule.ts';

export interface Waiver {
  readonly rule: string;
  /** `aws/aws_s3_bucket.raw` */
  readonly address: string;
  /** @default every environment */
  readonly environments?: readonly EnvironmentName[];
  readonly reason: string;
}

/** The rights of the account that deploys, which CKV_GCP_49 refuses to workloads. */
const deployer = (address: string, need: string): Waiver => ({
  rule: 'CKV_GCP_49',
  address: `bootstrap/google_project_iam_member.github-on-google_deploy-rights_${address}`,
  reason: `Terraform ${need}. Only jobs of the GitHub environment become this account, by a token and without a key.`,
});

export const WAIVERS: readonly Waiver[] = [
  {
    rule: 'CKV_AWS_145',
    address: 'bootstrap/aws_s3_bucket.access-logs_bucket_1581D030',
    reason: 'Load balancers and S3 itself write their logs to no bucket that is encrypted by a key of ours.',
  },
  {
    rule: 'CKV_AWS_18',
    address: 'bootstrap/aws_s3_bucket.access-logs_bucket_1581D030',
    reason: 'Each line that it takes would make the next one: S3 warns of a bucket that is its own log.',
  },
  deployer('dataprocadmin_E0907424', 'makes the Flink cluster'),
  deployer('iamserviceAccountAdmin_B8BFB66D', 'makes the service accounts of the workloads'),
  deployer('workload-roles_08E5B2A7', 'gives the workloads their roles, and by a condition no other'),
  {
    rule: 'SHOP_SECRET_2',
    address: 'gcp/google_secret_manager_secret_version.sql_certificate_version_B9FED2FA',
    reason: 'The certificate of an authority is public; Secret Manager is only how Cloud Run mounts a file.',
  },
  {
    rule: 'CKV_AWS_286',
    address: 'bootstrap/data.aws_iam_policy_document.github-on-aws_roles-of-the-platform_757A3795',
    reason:
      'Who may become a role is no right that IAM bounds by a condition. Every role of these names is inside the boundary, so ' +
      'becoming one gives the deploying identity no new right.',
  },
];

/** Faults without a waiver. */
export const unwaived = (
  faults: readonly Fault[],
  environment: EnvironmentName,
  waivers: readonly Waiver[],
): Fault[] => faults.filter((fault) => !waivers.some((waiver) => waives(waiver, fault, environment)));

/** Waivers that excuse nothing. */
export const staleWaivers = (
  faults: Readonly<Record<EnvironmentName, readonly Fault[]>>,
  waivers: readonly Waiver[],
): Waiver[] =>
  waivers.filter((waiver) => {
    const environments = waiver.environments ?? (Object.keys(faults) as EnvironmentName[]);
    return !environments.every((environment) =>
      faults[environment].some((fault) => waives(waiver, fault, environment)),
    );
  });

const waives = (
  { rule, address, environments }: Waiver,
  fault: Fault,
  environment: EnvironmentName,
): boolean =>
  rule === fault.rule && address === fault.address && (environments?.includes(environment) ?? true);
