// S3 buckets and queues: private, versioned, encrypted by our own keys, nothing without TLS.

import { accessLogBucketName } from '../../../stacks/constructs/access-log-names.ts';
import type { Block } from '../blocks.ts';
import { listAt, putAt, removeAt, valueAt } from '../body.ts';
import type { Model } from '../model.ts';
import type { Statement } from '../statements.ts';
import { attributeRule, companionRule, isOwnKey, type Rule } from './rule.ts';

const BUCKET = 'aws_s3_bucket';

const publicAccessRule = (id: string, path: string, title: string): Rule =>
  attributeRule({ id, title, type: 'aws_s3_bucket_public_access_block', path, wanted: true, bad: false });

/** Parts of an upload that never ended are paid for until this clears them; a narrower rule would leave some. */
const clearsUploads = (rule: unknown): boolean =>
  valueAt(rule, 'status') === 'Enabled' &&
  Number(valueAt(rule, 'abort_incomplete_multipart_upload.days_after_initiation')) > 0 &&
  Object.values(Object(valueAt(rule, 'filter') ?? {})).every((value) => value === '' || value === undefined);

const deniesPlainHttp = (statement: Statement, bucket: Block, model: Model): boolean =>
  !statement.isAllow &&
  statement.actions.includes('s3:*') &&
  statement.principals.some(({ identifiers }) => identifiers.includes('*')) &&
  statement.conditions.length === 1 &&
  statement.conditions.some(
    ({ test, variable, values }) =>
      test === 'Bool' && variable === 'aws:SecureTransport' && values.join() === 'false',
  ) &&
  [/[^*]$/, /\/\*/].every((shape) =>
    statement.resources.some(
      (resource) =>
        shape.test(resource) &&
        model.referencesIn(bucket.stack, resource).some(({ address }) => address === bucket.address),
    ),
  );

export const awsStorage: readonly Rule[] = [
  companionRule({
    id: 'CKV2_AWS_6',
    title: 'has a public-access block',
    type: BUCKET,
    companion: 'aws_s3_bucket_public_access_block',
    by: 'bucket',
  }),
  publicAccessRule('CKV_AWS_53', 'block_public_acls', 'refuses public ACLs'),
  publicAccessRule('CKV_AWS_54', 'block_public_policy', 'refuses public policies'),
  publicAccessRule('CKV_AWS_55', 'ignore_public_acls', 'ignores public ACLs'),
  publicAccessRule('CKV_AWS_56', 'restrict_public_buckets', 'admits no access by a public policy'),
  companionRule({
    id: 'CKV_AWS_21',
    title: 'keeps older versions',
    type: BUCKET,
    companion: 'aws_s3_bucket_versioning',
    by: 'bucket',
    check: ({ body }) =>
      valueAt(body, 'versioning_configuration.status') === 'Enabled' ? undefined : 'its versioning is off',
    breaks: ({ body }) => putAt(body, 'versioning_configuration.status', 'Suspended'),
  }),
  companionRule({
    id: 'CKV2_AWS_61',
    title: 'has a lifecycle',
    type: BUCKET,
    companion: 'aws_s3_bucket_lifecycle_configuration',
    by: 'bucket',
  }),
  {
    id: 'CKV_AWS_300',
    title: 'clears uploads that never ended',
    types: ['aws_s3_bucket_lifecycle_configuration'],
    check: ({ body }) =>
      listAt(body, 'rule').some(clearsUploads) ? undefined : 'no rule for all objects ends their uploads',
    breaks: (model) => {
      for (const { body } of model.all('aws_s3_bucket_lifecycle_configuration'))
        removeAt(body, 'rule.abort_incomplete_multipart_upload');
    },
  },
  companionRule({
    id: 'CKV_AWS_145',
    title: 'is encrypted by a key of ours',
    type: BUCKET,
    companion: 'aws_s3_bucket_server_side_encryption_configuration',
    by: 'bucket',
    check: (companion, model) => {
      const path = 'rule.apply_server_side_encryption_by_default';
      if (valueAt(companion.body, `${path}.sse_algorithm`) !== 'aws:kms') return 'it is not encrypted by KMS';
      return isOwnKey(`${path}.kms_master_key_id`)(undefined, companion, model)
        ? undefined
        : 'the key is not ours';
    },
    breaks: ({ body }) =>
      putAt(body, 'rule.apply_server_side_encryption_by_default.kms_master_key_id', 'alias/aws/s3'),
  }),
  companionRule({
    id: 'CKV_AWS_18',
    title: 'logs who reads and writes it',
    type: BUCKET,
    companion: 'aws_s3_bucket_logging',
    by: 'bucket',
    check: ({ body }, { settings }) =>
      valueAt(body, 'target_bucket') === accessLogBucketName(settings)
        ? undefined
        : 'its log goes to another bucket than the one for logs',
    breaks: ({ body }) => putAt(body, 'target_bucket', 'somebody-elses-bucket'),
  }),
  {
    id: 'SHOP_S3_2',
    title: 'lets services of AWS in for our own resources alone',
    types: ['aws_s3_bucket_policy'],
    check(block, model) {
      for (const { sid, isAllow, principals, conditions, resources } of model.statementsAt(block, 'policy')) {
        if (!isAllow) continue;
        if (principals.some(({ type }) => type !== 'Service')) return `${sid} lets others in than a service`;
        const isBound = conditions.some(({ variable }) => /^aws:Source(Arn|Account)$/.test(variable));
        // Load balancers name no source: the folder holds the account's number.
        const isOfAccount = resources.every((one) =>
          one.includes(`/AWSLogs/${model.settings.aws.accountId}/`),
        );
        if (!isBound && !isOfAccount) return `${sid} lets everybody's service in`;
      }
      return undefined;
    },
    breaks: (model) => {
      const policy = model
        .all('aws_s3_bucket_policy')
        .find((one) => model.statementsAt(one, 'policy').some(({ sid }) => sid === 'ReadByDistribution'))!;
      const [document] = model.targets(policy, 'policy', 'data.aws_iam_policy_document');
      const statement = listAt(document!.body, 'statement').find(
        (one) => valueAt(one, 'sid') === 'ReadByDistribution',
      ) as Record<string, unknown>;
      statement.condition = [];
    },
  },
  companionRule({
    id: 'SHOP_S3_1',
    title: 'refuses requests without TLS',
    type: BUCKET,
    companion: 'aws_s3_bucket_policy',
    by: 'bucket',
    check: (companion, model, bucket) =>
      model.statementsAt(companion, 'policy').some((statement) => deniesPlainHttp(statement, bucket, model))
        ? undefined
        : 'no statement denies plain HTTP for the bucket and its objects',
    breaks: (companion, model) => {
      const document = model.targets(companion, 'policy', 'data.aws_iam_policy_document')[0]!;
      for (const statement of listAt(document.body, 'statement'))
        putAt(statement as Record<string, unknown>, 'condition.values', ['true']);
    },
  }),
  {
    id: 'CKV_AWS_27',
    title: 'is encrypted',
    types: ['aws_sqs_queue'],
    check: ({ body }) =>
      body.kms_master_key_id || body.sqs_managed_sse_enabled === true ? undefined : 'nothing encrypts it',
    breaks: (model) => {
      for (const { body } of model.all('aws_sqs_queue')) {
        delete body.kms_master_key_id;
        delete body.sqs_managed_sse_enabled;
      }
    },
  },
];
