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
  address: `bootstrap/google_project_iam_member.github-on-google_${address}`,
  reason: `Terraform ${need}. Only jobs of the GitHub environment become this account, by a token and without a key.`,
});

export const WAIVERS: readonly Waiver[] = [
  deployer('deploy-dataprocadmin_09480EDA', 'makes the Flink cluster'),
  deployer('deploy-iamserviceAccountAdmin_A262035B', 'makes the service accounts of the workloads'),
  deployer('deploy-iamserviceAccountUser_3AF34545', 'lets worker and cluster run as their accounts'),
  deployer('deploy-resourcemanagerprojectIamAdmin_566DD1CF', 'gives the workloads their roles'),
  {
    rule: 'CKV_AWS_286',
    address: 'bootstrap/data.aws_iam_policy_document.github-on-aws_roles-of-the-platform_757A3795',
    reason:
      'Whoever deploys makes the platform’s roles, and so could make one that may do more than he. No permissions boundary ' +
      'stops him yet: the guard is who may run jobs of the GitHub environment.',
  },
];

/** Faults that nobody waived. */
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
