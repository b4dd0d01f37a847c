// Rights on AWS: named actions on named resources, and no more than each identity needs.

import type { Block } from '../blocks.ts';
import { textAt } from '../body.ts';
import { type Model, POLICY_DOCUMENT } from '../model.ts';
import type { Statement } from '../statements.ts';
import { documentsAt, GRANTS, statementRule } from './granted-actions.ts';
import { first, type Rule } from './rule.ts';
import { UNRESTRICTABLE } from './unrestrictable-actions.ts';

/** Policies that belong to a resource and say who may use it: in them `*` means that resource. */
const RESOURCE_POLICIES: readonly [type: string, path: string][] = [
  ['aws_iam_role', 'assume_role_policy'],
  ['aws_kms_key', 'policy'],
  ['aws_kms_key_policy', 'policy'],
  ['aws_ecr_repository_policy', 'policy'],
  ['aws_vpc_endpoint', 'policy'],
];

const READS = /^[a-z0-9-]+:(Get|List|Describe|BatchGet|Read|Connect|Head)/;

/** With one of these an identity can give itself any right, unless a boundary limits it. */
const MAKES_RIGHTS: ReadonlySet<string> = new Set([
  'iam:AttachRolePolicy',
  'iam:CreatePolicyVersion',
  'iam:CreateRole',
  'iam:PutRolePolicy',
  'iam:SetDefaultPolicyVersion',
  'iam:UpdateAssumeRolePolicy',
]);

const isGranted = (block: Block, model: Model): boolean => documentsAt(model, GRANTS).has(block);
const isNotOfResource = (block: Block, model: Model): boolean =>
  !documentsAt(model, RESOURCE_POLICIES).has(block);

const isEverything = ({ resources }: Statement): boolean =>
  resources.some((resource) => /^(\*|arn:[^:]*:[^:]*:\*:\*:\*)$/.test(resource));

export const awsIam: readonly Rule[] = [
  {
    id: 'CKV_AWS_355',
    title: 'is given by a policy document, which the rules below read',
    types: [...new Set(GRANTS.map(([type]) => type))],
    judges: ({ type, body }) => type !== 'aws_iam_role' || body.inline_policy !== undefined,
    check: (block, model) => {
      const [, path] = GRANTS.find(([type]) => type === block.type)!;
      return model.targets(block, path, POLICY_DOCUMENT).length === 1
        ? undefined
        : 'its policy is no document of ours: no rule checks it';
    },
    breaks: (model) => {
      const [granted] = GRANTS.flatMap(([type]) => model.all(type));
      granted!.body.policy = '{"Statement":[{"Effect":"Allow","Action":"s3:PutObject","Resource":"*"}]}';
    },
  },
  statementRule({
    id: 'CKV_AWS_356',
    title: 'names resources wherever AWS can',
    judges: isNotOfResource,
    isFaulty: (action, statement) => isEverything(statement) && !UNRESTRICTABLE.has(action),
    bad: { actions: ['s3:GetObject'], resources: ['*'] },
  }),
  statementRule({
    id: 'CKV_AWS_290',
    title: 'changes nothing without a bound',
    judges: isGranted,
    isFaulty: (action, statement) =>
      isEverything(statement) &&
      statement.conditions.length === 0 &&
      !READS.test(action) &&
      !UNRESTRICTABLE.has(action),
    bad: { actions: ['s3:PutObject'], resources: ['*'] },
    alsoBreaks: ['CKV_AWS_356'],
  }),
  statementRule({
    id: 'SHOP_IAM_1',
    title: 'names every action',
    judges: isNotOfResource,
    isFaulty: (action) => action.includes('*'),
    bad: { actions: ['s3:*'], resources: ['arn:aws:s3:::one-bucket/*'] },
  }),
  {
    id: 'SHOP_IAM_2',
    title: 'has statements with names of their own',
    types: [POLICY_DOCUMENT],
    check: (block, model) => {
      const sids = model.statementsOf(block).map(({ sid }) => sid);
      if (sids.some((sid) => !/^[A-Za-z0-9]+$/.test(sid)))
        return 'a statement has no sid of letters and digits';
      return new Set(sids).size === sids.length ? undefined : 'two statements have the same sid';
    },
    breaks: (model) => {
      for (const statement of model.all(POLICY_DOCUMENT)[0]!.body.statement as Record<string, unknown>[])
        delete statement.sid;
    },
  },
  statementRule({
    id: 'CKV_AWS_286',
    title: 'lets no identity make a role that may do more than its maker',
    judges: isGranted,
    isFaulty: (action, { conditions }) =>
      MAKES_RIGHTS.has(action) && !conditions.some(({ variable }) => variable === 'iam:PermissionsBoundary'),
    bad: { actions: ['iam:PutRolePolicy'], resources: ['arn:aws:iam::111122223333:role/shop-*'] },
  }),
  {
    id: 'CKV_AWS_274',
    title: 'makes no identity an administrator',
    types: ['aws_iam_role_policy_attachment'],
    check: ({ body }) =>
      /policy\/(AdministratorAccess|IAMFullAccess)$/.test(textAt(body, 'policy_arn'))
        ? 'it may do everything'
        : undefined,
    breaks: (model) => {
      first(model, 'aws_iam_role_policy_attachment').body.policy_arn =
        'arn:aws:iam::aws:policy/AdministratorAccess';
    },
  },
];
