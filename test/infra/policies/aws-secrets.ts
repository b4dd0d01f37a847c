// AWS Secrets Manager: encrypted by a key of ours, and not filled by planning or deploying identities.
import { attributeRule, first, isOwnKey, type Rule } from './rule.ts';

const type = 'aws_secretsmanager_secret';
const VERSION = 'aws_secretsmanager_secret_version';

export const awsSecrets: readonly Rule[] = [
  attributeRule({
    id: 'CKV_AWS_149',
    title: 'is encrypted by a key of ours',
    type,
    path: 'kms_key_id',
    wanted: isOwnKey('kms_key_id'),
    bad: 'alias/aws/secretsmanager',
  }),
  {
    id: 'SHOP_SECRET_3',
    title: 'has its value from outside of Terraform, which would read it at each plan',
    types: [type],
    check: (block, model) =>
      model.companions(block, VERSION, 'secret_id').length > 0
        ? 'Terraform holds a version of it'
        : undefined,
    breaks: (model) => {
      const { name } = first(model, type);
      // A write-only value is in no state, and is read at each plan all the same.
      model.add('aws', VERSION, 'known', {
        secret_id: `\${${type}.${name}.id}`,
        secret_string_wo: 'x',
        secret_string_wo_version: 1,
      });
    },
  },
];
