// What a program is given where it runs: its variables, its identity and that identity's rights.
import type { Process } from '#contracts/process.ts';
import type { Block } from '../blocks.ts';
import { listAt, textAt, valueAt } from '../body.ts';
import type { Model } from '../model.ts';
import type { Statement } from '../statements.ts';

const FUNCTION = 'aws_lambda_function';
const WORKER_POOL = 'google_cloud_run_v2_worker_pool';

/** Where a program runs. */
export interface Program {
  readonly block: Block;
  /** Names and values; a secret's value is its reference. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** The AWS role that it has or becomes. */
  readonly role: Block | undefined;
}

/** @throws when nothing runs the program */
export function programOf(model: Model, name: string): Program {
  const runs = (block: Block, path: string) => new RegExp(`(^|-)${name}$`).test(textAt(block.body, path));
  const lambda = model.all(FUNCTION).find((block) => runs(block, 'function_name'));
  if (lambda) return lambdaProgram(model, lambda);
  const pool = model.all(WORKER_POOL).find((block) => runs(block, 'name'));
  if (pool) return poolProgram(model, pool);
  throw new Error(`nothing runs ${name}`);
}

const lambdaProgram = (model: Model, block: Block): Program => ({
  block,
  variables: Object(valueAt(block.body, 'environment.variables')),
  role: model.targets(block, 'role', 'aws_iam_role')[0],
});

function poolProgram(model: Model, block: Block): Program {
  const variables = Object.fromEntries(
    listAt(block.body, 'template.containers.env').map((one) => [
      textAt(one, 'name'),
      valueAt(one, 'value') ?? valueAt(one, 'value_source.secret_key_ref.secret'),
    ]),
  );
  const roles = model.referencesIn(block.stack, variables.KAFKA_AWS_ROLE_ARN);
  const role = roles
    .flatMap(({ address }) => model.at(address) ?? [])
    .find(({ type }) => type === 'aws_iam_role');
  return { block, variables, role };
}

/** The block of a type that a variable names. */
export function namedBy(
  model: Model,
  { block, variables }: Program,
  variable: string,
  type: string,
): Block | undefined {
  return model
    .referencesIn(block.stack, variables[variable])
    .flatMap(({ address }) => model.at(address) ?? [])
    .find((one) => one.type === type);
}

/** Everything that a role is allowed, by its own policies and by those attached to it. */
export function statementsOfRole(model: Model, role: Block): Statement[] {
  const attached = model
    .companions(role, 'aws_iam_role_policy_attachment', 'role')
    .flatMap((attachment) => model.targets(attachment, 'policy_arn', 'aws_iam_policy'));
  return [
    ...model.statementsAt(role, 'inline_policy.policy'),
    ...[...model.companions(role, 'aws_iam_role_policy', 'role'), ...attached].flatMap((policy) =>
      model.statementsAt(policy, 'policy'),
    ),
  ].filter(({ isAllow }) => isAllow);
}

/** The last part of each resource for which a role has an action: a topic's or a group's name. */
export const namesFor = (statements: readonly Statement[], action: string): string[] => {
  const found = statements
    .filter(({ actions }) => actions.includes(action))
    .flatMap(({ resources }) => resources.map((resource) => resource.slice(resource.lastIndexOf('/') + 1)));
  return [...new Set(found)].toSorted();
};

export const topicNames = (topics: Process['publishes']): string[] =>
  topics.map(({ name }) => name).toSorted();

/** Roles on Google Cloud that a service account has, as `role on type.name`, or `role` for the project. */
export function googleRolesOf(model: Model, account: Block): string[] {
  return model.blocks
    .filter(({ type }) => /^google_.*_iam_member$/.test(type))
    .filter((grant) => model.targets(grant, 'member', 'google_service_account').includes(account))
    .map((grant) => {
      const on = ['bucket', 'secret_id', 'repository', 'crypto_key_id', 'service_account_id']
        .flatMap((path) => model.referencesIn(grant.stack, grant.body[path]))
        .map(({ address }) => address);
      return [textAt(grant.body, 'role'), ...on].join(' on ');
    })
    .toSorted();
}
