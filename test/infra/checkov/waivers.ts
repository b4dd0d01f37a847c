// What checkov asks for and we do not do, each with its reason, beside the waivers of our own policies. One that excuses nothing
// fails, and so does a fault that nobody excused.
import type { EnvironmentName } from '../../../stacks/settings.ts';
import type { Fault } from '../policies/rule.ts';
import { unwaived, WAIVERS } from '../policies/waivers.ts';

export interface CheckovWaiver {
  readonly rules: readonly string[];
  /** Of the address, `aws/aws_s3_bucket.raw`. */
  readonly where: RegExp;
  /** @default every environment */
  readonly environments?: readonly EnvironmentName[];
  readonly reason: string;
}

export const CHECKOV_WAIVERS: readonly CheckovWaiver[] = [
  {
    rules: ['CKV_AWS_293', 'CKV_GCP_82'],
    where: /\/(aws_db_instance|google_kms_crypto_key)\./,
    environments: ['dev'],
    reason: 'Everything of dev can be deleted, on purpose: its settings say isProtected: false.',
  },
  {
    rules: ['CKV_AWS_109', 'CKV_AWS_111', 'CKV_AWS_356'],
    where: /\/data\.aws_iam_policy_document\.\S*key_policy_/,
    reason: 'In the policy of a key `*` means this key and no other (AWS KMS, "Key policies").',
  },
  {
    rules: ['CKV_AWS_111', 'CKV_AWS_356'],
    where: /^aws\/data\.aws_iam_policy_document\.kubernetes_node-sessions_/,
    reason:
      'The channels of a session are no resources (AWS, "Actions, resources, and condition keys for Amazon Message Gateway Service").',
  },
  {
    rules: ['CKV_AWS_24', 'CKV_AWS_25', 'CKV_AWS_260'],
    where: /^aws\/aws_vpc_security_group_ingress_rule\./,
    reason: 'The peer is a security group; checkov takes a rule without a range for one that is open to all.',
  },
  {
    rules: ['CKV_AWS_144'],
    where: /\/aws_s3_bucket\./,
    reason: 'The platform lives in one region; versions and three zones keep the objects.',
  },
  {
    rules: ['CKV2_AWS_62'],
    where: /\/aws_s3_bucket\./,
    reason: 'Only uploads are listened to; nobody would read the events of the other buckets.',
  },
  {
    rules: ['CKV_AWS_18'],
    where: /\/aws_s3_bucket\./,
    reason: 'Not yet: the access logs of buckets are work of their own.',
  },
  {
    rules: ['CKV_AWS_272'],
    where: /^aws\/aws_lambda_function\./,
    reason:
      'The zips are built in this repository and named by their checksum; whoever could replace one could sign it.',
  },
  {
    rules: ['CKV2_AWS_34'],
    where: /\/aws_ssm_parameter\./,
    reason: 'Addresses and names, which are no secrets and are read by whoever deploys.',
  },
  {
    rules: ['CKV_AWS_226'],
    where: /^aws\/aws_db_instance\./,
    reason: 'The version stands in the settings, and an upgrade is a change of them.',
  },
  {
    rules: ['CKV_GCP_6'],
    where: /^gcp\/google_sql_database_instance\./,
    reason:
      'ENCRYPTED_ONLY refuses a connection without TLS, which is the rule; checkov wants client certificates on top.',
  },
  {
    rules: ['CKV_GCP_108', 'CKV2_GCP_13'],
    where: /^gcp\/google_sql_database_instance\./,
    reason:
      'Looking names up makes connecting slow, and private addresses have none; the duration of slow statements is logged.',
  },
  {
    rules: ['CKV_GCP_110'],
    where: /^gcp\/google_sql_database_instance\./,
    reason: 'One program writes there; connections and changes of tables are logged without an extension.',
  },
  {
    rules: ['CKV_GCP_79'],
    where: /^gcp\/google_sql_database_instance\./,
    reason: 'The major version is the one on which the specs run.',
  },
  {
    rules: ['CKV_GCP_54', 'CKV_GCP_57'],
    where: /^gcp\/google_sql_database_instance\./,
    reason:
      'Both crash on flags written in JSON (3.3.30). What they ask for, log_lock_waits on and log_temp_files 0, is a policy of ours.',
  },
  {
    rules: ['CKV_GCP_62'],
    where: /^gcp\/google_storage_bucket\./,
    reason: 'Usage logs are meant for public objects; these are read by our own accounts alone.',
  },
  {
    rules: ['CKV_GCP_125'],
    where: /^bootstrap\/google_iam_workload_identity_pool_provider\./,
    reason:
      'The provider admits one repository; which jobs of it become an account stands at the account, by their whole subject.',
  },
  {
    rules: ['CKV_GCP_41'],
    where: /^bootstrap\/google_project_iam_member\.github-on-google_deploy-rights_iamserviceAccountUser/,
    reason:
      'Lets worker and cluster run as their accounts; the waiver of CKV_GCP_49 tells who may become it.',
  },
];

/** A fault in one environment. */
export interface Found extends Fault {
  readonly environment: EnvironmentName;
}

const excuses = (
  { rules, where, environments }: CheckovWaiver,
  { rule, address, environment }: Found,
): boolean => rules.includes(rule) && where.test(address) && (environments?.includes(environment) ?? true);

/** What neither our policies' waivers nor these excuse. */
export const unexcused = (faults: readonly Found[], waivers = CHECKOV_WAIVERS): Found[] =>
  faults.filter(
    (fault) =>
      unwaived([fault], fault.environment, WAIVERS).length > 0 &&
      !waivers.some((waiver) => excuses(waiver, fault)),
  );

/** Rules of waivers under which there is nothing to excuse, in no environment. */
export const staleRules = (faults: readonly Found[], waivers = CHECKOV_WAIVERS): string[] =>
  waivers.flatMap((waiver) =>
    waiver.rules
      .filter((rule) => !faults.some((fault) => fault.rule === rule && excuses(waiver, fault)))
      .map((rule) => `${rule} at ${waiver.where.source}`),
  );
