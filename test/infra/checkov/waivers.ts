// What checkov asks for and we do not do, each with its reason, beside the waivers of our own policies. One that excuses nothing
// fails, and so does a fault without a waiver.
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
    reason: 'Only uploads have a listener; the events of the other buckets would have no reader.',
  },
  {
    rules: ['CKV_AWS_272'],
    where: /^aws\/aws_lambda_function\./,
    reason:
      'The zips are built in this repository and named by their checksum; an attacker who could replace one could sign it.',
  },
  {
    rules: ['CKV2_AWS_34'],
    where: /\/aws_ssm_parameter\./,
    reason: 'Addresses and names, which are no secrets and are read by the deploying identity.',
  },
  {
    rules: ['CKV_AWS_116'],
    where: /^aws\/aws_lambda_function\./,
    reason:
      'Calls that failed for good go to a queue by an on-failure destination; a dead-letter queue beside it would get each twice.',
  },
  {
    rules: ['CKV_AWS_115'],
    where: /^aws\/aws_lambda_function\./,
    environments: ['dev'],
    reason:
      'A new account refuses reservations: where the settings reserve none, a policy of ours lets it pass.',
  },
  {
    rules: ['CKV2_AWS_57'],
    where: /^aws\/aws_secretsmanager_secret\.secrets_/,
    reason:
      'Keys of ours are renewed by npm run secrets, each beside the one before; those of Stripe are made at Stripe.',
  },
  {
    rules: ['CKV_AWS_68', 'CKV2_AWS_47'],
    where: /^aws\/aws_cloudfront_distribution\.image-delivery_/,
    reason:
      'Public pictures of one bucket, read by GET without parameters: a firewall would have nothing to look at (stacks/edge/README.md).',
  },
  {
    rules: ['CKV_AWS_86'],
    where: /^aws\/aws_cloudfront_distribution\.image-delivery_/,
    reason:
      'It is logged by the newer way, log deliveries of resources of their own, which checkov does not know.',
  },
  {
    rules: ['CKV_AWS_374'],
    where: /^aws\/aws_cloudfront_distribution\.image-delivery_/,
    reason: 'Customers may look at the shop from wherever they are.',
  },
  {
    rules: ['CKV_AWS_310'],
    where: /^aws\/aws_cloudfront_distribution\.image-delivery_/,
    reason: 'The platform lives in one region: there is no second bucket to fall back to.',
  },
  {
    rules: ['CKV_AWS_305'],
    where: /^aws\/aws_cloudfront_distribution\.image-delivery_/,
    reason: 'There is no page at the root, and S3 lists nothing to CloudFront.',
  },
  {
    rules: ['CKV_AWS_252', 'CKV2_AWS_10'],
    where: /^bootstrap\/aws_cloudtrail\./,
    reason:
      'The trail is evidence, kept signed in its bucket for as long as logs are kept; nobody would read a notice of each file, and ' +
      'no alarm reads its lines yet.',
  },
  {
    rules: ['CKV2_AWS_38'],
    where: /^bootstrap\/aws_route53_zone\./,
    reason:
      'Signing needs a record in the domain above, at each change of keys: one that does not fit takes the shop off the internet.',
  },
  {
    rules: ['CKV2_AWS_39'],
    where: /^bootstrap\/aws_route53_zone\./,
    reason:
      'A public zone is asked by everybody’s resolvers: the log would hold their addresses, and nothing else.',
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
