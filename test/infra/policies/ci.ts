// What GitHub's workflows may do on AWS: those of pull requests read, and change nothing but the lock of a state.
import type { Block } from '../blocks.ts';
import { textAt } from '../body.ts';
import { type Model, POLICY_DOCUMENT } from '../model.ts';
import type { Rule } from './rule.ts';

const ROLE = 'aws_iam_role';
const WRITES = /^s3:(Put|Delete|Restore|Abort|Replicate)/;
const isPlanRole = ({ body }: Block): boolean => String(body.name).endsWith('-ci-plan');

const planRole = (model: Model): Block => model.all(ROLE).find(isPlanRole)!;
/** Its statements that write into buckets, as they are in the JSON. */
const lockStatement = (model: Model): Record<string, unknown> => {
  const [policy] = model.companions(planRole(model), 'aws_iam_role_policy', 'role');
  const [document] = model.targets(policy!, 'policy', POLICY_DOCUMENT);
  const statements = document!.body.statement as Record<string, unknown>[];
  return statements.find(({ actions }) => (actions as string[]).some((action) => WRITES.test(action)))!;
};

export const ci: readonly Rule[] = [
  {
    id: 'SHOP_CI_1',
    title: 'of pull requests changes nothing but locks of states',
    types: [ROLE],
    judges: isPlanRole,
    check(role, model) {
      const managed = model.companions(role, 'aws_iam_role_policy_attachment', 'role');
      const strong = managed.filter(({ body }) => !textAt(body, 'policy_arn').endsWith('/ReadOnlyAccess'));
      if (strong.length > 0)
        return `it has ${strong.map(({ body }) => textAt(body, 'policy_arn')).join(', ')}`;
      const written = model
        .companions(role, 'aws_iam_role_policy', 'role')
        .flatMap((policy) => model.statementsAt(policy, 'policy'))
        .filter(({ isAllow, actions }) => isAllow && actions.some((action) => WRITES.test(action)))
        .flatMap(({ resources }) => resources)
        .filter((resource) => !resource.endsWith('/*.tflock'));
      return written.length > 0 ? `it writes ${written.join(', ')}` : undefined;
    },
    breaks: [
      (model) => {
        const statement = lockStatement(model);
        statement.actions = ['s3:PutObject'];
        statement.resources = (statement.resources as string[]).map((one) =>
          one.replace('tflock', 'tfstate'),
        );
      },
      (model) => {
        const attachment = model.companions(planRole(model), 'aws_iam_role_policy_attachment', 'role')[0];
        attachment!.body.policy_arn = 'arn:aws:iam::aws:policy/PowerUserAccess';
      },
    ],
  },
  {
    id: 'SHOP_CI_2',
    title: 'deletes no state',
    types: [POLICY_DOCUMENT],
    judges: ({ stack }) => stack === 'bootstrap',
    check(document, model) {
      const deleting = model
        .statementsOf(document)
        .filter(({ isAllow, actions }) => isAllow && actions.includes('s3:DeleteObject'))
        .flatMap(({ resources }) => resources)
        .filter((resource) => !resource.endsWith('.tflock'));
      return deleting.length > 0 ? `it deletes ${deleting.join(', ')}` : undefined;
    },
    breaks: (model) => {
      const document = model
        .all(POLICY_DOCUMENT)
        .find(({ stack, name }) => stack === 'bootstrap' && name.includes('deploy-state-access'));
      const statements = document!.body.statement as Record<string, unknown>[];
      const reading = statements.find(({ sid }) => sid === 'ReadStates')!;
      reading.actions = ['s3:GetObject', 's3:DeleteObject'];
    },
  },
];
