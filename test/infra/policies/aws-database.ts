// Amazon RDS: encrypted, private, redundant, backed up, and known by IAM.
import { listAt, putAt, valueAt } from '../body.ts';
import { statementRule } from './granted-actions.ts';
import { attributeRule, first, isOwnKey, type Rule } from './rule.ts';

const type = 'aws_db_instance';
const BACKUP_DAYS_MIN = 7;

export const awsDatabase: readonly Rule[] = [
  {
    id: 'CKV_AWS_16',
    title: 'is encrypted by a key of ours',
    types: [type],
    check(block, model) {
      if (block.body.storage_encrypted !== true) return 'it is not encrypted';
      return isOwnKey('kms_key_id')(undefined, block, model) ? undefined : 'the key is not ours';
    },
    breaks: [
      (model) => putAt(first(model, type).body, 'storage_encrypted', false),
      (model) => putAt(first(model, type).body, 'kms_key_id', 'alias/aws/rds'),
    ],
  },
  attributeRule({
    id: 'CKV_AWS_17',
    title: 'is not on the internet',
    type,
    path: 'publicly_accessible',
    wanted: false,
    bad: true,
  }),
  attributeRule({
    id: 'CKV_AWS_157',
    title: 'has a standby in another zone',
    type,
    path: 'multi_az',
    wanted: true,
    bad: false,
  }),
  attributeRule({
    id: 'CKV_AWS_133',
    title: `is backed up for ${BACKUP_DAYS_MIN} days or more`,
    type,
    path: 'backup_retention_period',
    wanted: (days) => Number(days) >= BACKUP_DAYS_MIN,
    bad: 0,
  }),
  attributeRule({
    id: 'CKV_AWS_293',
    title: 'cannot be deleted where the environment is protected',
    type,
    path: 'deletion_protection',
    wanted: (value, _block, { settings }) => value === settings.isProtected,
    bad: false,
  }),
  attributeRule({
    id: 'CKV_AWS_161',
    title: 'lets services in by IAM',
    type,
    path: 'iam_database_authentication_enabled',
    wanted: true,
    bad: false,
  }),
  attributeRule({
    id: 'SHOP_DB_1',
    title: 'shows a certificate of an authority that clients have: by the default it changes with AWS’s mind',
    type,
    path: 'ca_cert_identifier',
    wanted: (value) => /^rds-ca-(rsa2048|rsa4096|ecc384)-g1$/.test(String(value)),
    bad: 'rds-ca-2019',
  }),
  statementRule({
    id: 'SHOP_DB_2',
    title: 'signs in to a database as one user, named',
    isFaulty: (action, { resources }) =>
      action === 'rds-db:connect' && (resources.length !== 1 || resources.some((one) => /\*/.test(one))),
    bad: {
      actions: ['rds-db:connect'],
      resources: ['arn:aws:rds-db:eu-central-1:111122223333:dbuser:db-x/*'],
    },
  }),
  {
    id: 'CKV2_AWS_69',
    title: 'refuses connections without TLS',
    types: [type],
    check: (block, model) => {
      const [group] = model.targets(block, 'parameter_group_name', 'aws_db_parameter_group');
      const forced = listAt(group?.body, 'parameter').find(
        (parameter) => valueAt(parameter, 'name') === 'rds.force_ssl',
      );
      return String(valueAt(forced, 'value')) === '1' ? undefined : 'rds.force_ssl is not 1';
    },
    breaks: [
      (model) => {
        first(model, 'aws_db_parameter_group').body.parameter = [{ name: 'rds.force_ssl', value: '0' }];
      },
      (model) => putAt(first(model, type).body, 'parameter_group_name', 'default.postgres17'),
    ],
  },
  {
    id: 'SHOP_RDS_1',
    title: 'asks for a major version and takes the minor ones that RDS keeps',
    types: [type],
    check({ body }) {
      if (!/^\d+$/.test(String(body.engine_version))) return `${String(body.engine_version)} will be retired`;
      return body.auto_minor_version_upgrade === true ? undefined : 'minor versions are not upgraded';
    },
    breaks: [
      (model) => putAt(first(model, type).body, 'engine_version', '17.6'),
      (model) => putAt(first(model, type).body, 'auto_minor_version_upgrade', false),
    ],
  },
];
