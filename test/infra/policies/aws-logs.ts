// CloudWatch logs and the keys that encrypt everything.

import type { Block } from '../blocks.ts';
import { putAt, valueAt } from '../body.ts';
import { type Model, POLICY_DOCUMENT } from '../model.ts';
import type { Statement } from '../statements.ts';
import { attributeRule, first, isOwnKey, type Rule } from './rule.ts';

const LOG_GROUP = 'aws_cloudwatch_log_group';
const KEY = 'aws_kms_key';
const RETENTION_DAYS_MIN = 365;

/** A key's policy is in the key or in a separate resource. */
const keyStatements = (key: Block, model: Model): Statement[] => [
  ...model.statementsAt(key, 'policy'),
  ...model
    .companions(key, 'aws_kms_key_policy', 'key_id')
    .flatMap((policy) => model.statementsAt(policy, 'policy')),
];

/** An identity that may do one of these may do everything. */
const OWNING: ReadonlySet<string> = new Set(['kms:*', 'kms:PutKeyPolicy', 'kms:ScheduleKeyDeletion']);

/** Everything on a key is for the account alone, which shares it out by IAM (AWS, "Default key policy"). */
const isForAccount = ({ principals }: Statement, accountId: string): boolean =>
  principals.every(({ type, identifiers }) =>
    identifiers.every((one) => type === 'AWS' && new RegExp(`^arn:.*:iam::${accountId}:root$`).test(one)),
  );

function keyPolicyFault(statements: readonly Statement[], { settings }: Model): string | undefined {
  const allowed = statements.filter(({ isAllow }) => isAllow);
  if (allowed.length === 0) return 'it has no policy of its own';
  for (const statement of allowed) {
    const { sid, principals, conditions, actions } = statement;
    const isOpen = principals.some(({ identifiers }) => identifiers.includes('*'));
    if (isOpen && conditions.length === 0) return `${sid} lets everybody in`;
    if (actions.some((action) => OWNING.has(action)) && !isForAccount(statement, settings.aws.accountId))
      return `${sid} gives all rights to others than the account`;
  }
  return undefined;
}

export const awsLogs: readonly Rule[] = [
  attributeRule({
    id: 'CKV_AWS_338',
    title: 'keeps logs for a year or more',
    type: LOG_GROUP,
    path: 'retention_in_days',
    wanted: (days) => Number(days) >= RETENTION_DAYS_MIN,
    bad: 30,
  }),
  attributeRule({
    id: 'CKV_AWS_158',
    title: 'is encrypted by a key of ours',
    type: LOG_GROUP,
    path: 'kms_key_id',
    wanted: isOwnKey('kms_key_id'),
    bad: null,
  }),
  attributeRule({
    id: 'CKV_AWS_7',
    title: 'is rotated',
    type: KEY,
    path: 'enable_key_rotation',
    wanted: true,
    bad: false,
    judges: ({ body }) =>
      (valueAt(body, 'customer_master_key_spec') ?? 'SYMMETRIC_DEFAULT') === 'SYMMETRIC_DEFAULT',
  }),
  {
    id: 'CKV2_AWS_64',
    title: 'says itself who may use it',
    types: [KEY],
    check: (block, model) => keyPolicyFault(keyStatements(block, model), model),
    breaks: (model) => {
      const [document] = model.targets(first(model, KEY), 'policy', POLICY_DOCUMENT);
      putAt(document!.body, 'statement.principals.identifiers', ['*']);
    },
  },
];
