// What the rules about IAM share: the policy documents that are attached to identities, and a rule about each action in them.
import type { Block } from '../blocks.ts';
import { type Model, POLICY_DOCUMENT } from '../model.ts';
import type { Statement } from '../statements.ts';
import type { Rule } from './rule.ts';

/** Where a policy is given to an identity. */
export const GRANTS: Places = [
  ['aws_iam_policy', 'policy'],
  ['aws_iam_role_policy', 'policy'],
  ['aws_iam_user_policy', 'policy'],
  ['aws_iam_group_policy', 'policy'],
  ['aws_iam_role', 'inline_policy.policy'],
];
type Places = readonly [type: string, path: string][];

const documents = new WeakMap<Model, Map<Places, ReadonlySet<Block>>>();
/** The policy documents that are at these places. */
export function documentsAt(model: Model, places: Places): ReadonlySet<Block> {
  const known = documents.get(model) ?? new Map<Places, ReadonlySet<Block>>();
  documents.set(model, known);
  const found = known.get(places) ?? lookUp(model, places);
  known.set(places, found);
  return found;
}

const lookUp = (model: Model, places: Places): ReadonlySet<Block> =>
  new Set(
    places.flatMap(([type, path]) =>
      model.all(type).flatMap((block) => model.targets(block, path, POLICY_DOCUMENT)),
    ),
  );

const allowed = (block: Block, model: Model): Statement[] =>
  model.statementsOf(block).filter(({ isAllow }) => isAllow);

/** Complains of the first action of a statement that fails. */
export const statementRule = (
  rule: Pick<Rule, 'id' | 'title' | 'judges' | 'alsoBreaks'> & {
    readonly isFaulty: (action: string, statement: Statement) => boolean;
    readonly bad: Record<string, unknown>;
  },
): Rule => {
  const { isFaulty, bad, ...rest } = rule;
  const check = (block: Block, model: Model): string | undefined => {
    for (const statement of allowed(block, model)) {
      const action = statement.actions.find((one) => isFaulty(one, statement));
      if (action) return `${statement.sid}: ${action} on ${statement.resources.join(', ')}`;
    }
    return undefined;
  };
  return {
    ...rest,
    types: [POLICY_DOCUMENT],
    check,
    breaks: (model) => {
      // One that a waiver excuses would prove nothing.
      const granted = [...documentsAt(model, GRANTS)].find((block) => !check(block, model))!;
      granted.body.statement = [{ sid: 'Broken', ...bad }];
    },
  };
};
