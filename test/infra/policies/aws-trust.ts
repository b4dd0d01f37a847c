// Which identities may assume an AWS role: federated ones prove their subject and audience, and none is admitted without a name.
import type { Block } from '../blocks.ts';
import { listAt, textAt, valueAt } from '../body.ts';
import { type Model, POLICY_DOCUMENT } from '../model.ts';
import type { Statement } from '../statements.ts';
import type { Breakage, Rule } from './rule.ts';

const GOOGLE = 'accounts.google.com';
const GITHUB = 'token.actions.githubusercontent.com';

/** Values that a federated statement asks for, without any wildcard; empty where it does not ask. */
const asked = ({ conditions }: Statement, variable: string): readonly string[] =>
  conditions.find((one) => one.test === 'StringEquals' && one.variable === variable)?.values ?? [];

/** The statements by which a document lets tokens of an issuer in, named by its host or by our provider for it. */
function federated(document: Block, model: Model, issuer: string): Statement[] {
  const isOurs = model
    .targets(document, 'statement.principals.identifiers', 'aws_iam_openid_connect_provider')
    .some(({ body }) => textAt(body, 'url').includes(issuer));
  return model
    .statementsOf(document)
    .filter(({ isAllow, principals }) =>
      principals.some(
        ({ type, identifiers }) =>
          isAllow && type === 'Federated' && (isOurs || identifiers.join().includes(issuer)),
      ),
    );
}

type Ask = (variable: string) => readonly string[];
interface TrustRule extends Pick<Rule, 'id' | 'title'> {
  readonly issuer: string;
  /** What the token must be asked for. */
  readonly variables: readonly string[];
  readonly fault: (ask: Ask, model: Model) => string | undefined;
  /** Values that must not be let in, by variable. */
  readonly strangers: Readonly<Record<string, readonly string[]>>;
}

const trustRule = ({ issuer, variables, fault, strangers, ...rest }: TrustRule): Rule => ({
  ...rest,
  types: [POLICY_DOCUMENT],
  judges: (block, model) => federated(block, model, issuer).length > 0,
  check(block, model) {
    for (const statement of federated(block, model, issuer)) {
      const ask: Ask = (variable) => asked(statement, `${issuer}:${variable}`);
      const missing = variables.filter((variable) => ask(variable).length === 0);
      if (missing.length > 0)
        return `${statement.sid} does not ask for ${missing.join(', ')} by StringEquals`;
      const found = fault(ask, model);
      if (found) return `${statement.sid}: ${found}`;
    }
    return undefined;
  },
  breaks: [
    ...variables.flatMap((variable): Breakage[] => [
      (model) => {
        for (const condition of conditionsOf(model, issuer, variable)) condition.test = 'StringLike';
      },
      (model) => {
        for (const condition of conditionsOf(model, issuer, variable)) condition.variable = 'aws:SourceIp';
      },
    ]),
    ...Object.entries(strangers).flatMap(([variable, values]) =>
      values.map(
        (value): Breakage =>
          (model) => {
            for (const condition of conditionsOf(model, issuer, variable))
              condition.values = [...(condition.values as string[]), value];
          },
      ),
    ),
  ],
});

/** The conditions on a variable, in the first document that lets the issuer's tokens in. */
function conditionsOf(model: Model, issuer: string, variable: string): Record<string, unknown>[] {
  const document = model.all(POLICY_DOCUMENT).find((one) => federated(one, model, issuer).length > 0);
  const conditions = listAt(document?.body, 'statement.condition') as Record<string, unknown>[];
  return conditions.filter((condition) => condition.variable === `${issuer}:${variable}`);
}

export const awsTrust: readonly Rule[] = [
  trustRule({
    id: 'SHOP_TRUST_1',
    title: 'becomes an AWS role from Google only for one account, one audience and one purpose',
    issuer: GOOGLE,
    variables: ['sub', 'aud', 'oaud'],
    fault: (ask, { settings }) =>
      ask('oaud').join() === settings.link.audience
        ? undefined
        : 'the token may be made for another audience',
    strangers: { oaud: ['somebody-elses-kafka'] },
  }),
  trustRule({
    id: 'SHOP_TRUST_2',
    title: 'becomes an AWS role from GitHub only for our repository, by its number',
    issuer: GITHUB,
    variables: ['sub', 'aud', 'repository_id'],
    fault(ask, { settings: { ci } }) {
      if (ask('repository_id').join() !== ci.githubRepositoryId) return 'another repository is let in';
      const [owner, name] = ci.githubRepository.split('/');
      const ours = [
        `repo:${owner}@${ci.githubOwnerId}/${name}@${ci.githubRepositoryId}:`,
        `repo:${ci.githubRepository}:`,
      ];
      const strange = ask('sub').filter((subject) => !ours.some((own) => subject.startsWith(own)));
      if (strange.length > 0) return `${strange.join(', ')} is no subject of ours`;
      const missing = ours.filter((own) => !ask('sub').some((subject) => subject.startsWith(own)));
      return missing.length > 0 ? `tokens that begin with ${missing.join(', ')} are refused` : undefined;
    },
    strangers: {
      repository_id: ['987654321'],
      sub: ['repo:somebody/two-cloud-shop:pull_request', 'repo:example@1/two-cloud-shop@2:pull_request'],
    },
  }),
  {
    id: 'SHOP_TRUST_3',
    title: 'is trusted to named identities only',
    types: ['aws_iam_role'],
    check(block, model) {
      const statements = model.statementsAt(block, 'assume_role_policy');
      if (statements.length === 0) return 'its trust is no document of ours: no rule checks it';
      const isOpen = statements.some(({ principals }) =>
        principals.some(({ identifiers }) => identifiers.includes('*')),
      );
      return isOpen ? 'everybody may become it' : undefined;
    },
    breaks: (model) => {
      const role = model.all('aws_iam_role')[0]!;
      const [document] = model.targets(role, 'assume_role_policy', POLICY_DOCUMENT);
      const principal = valueAt(document!.body, 'statement.principals') as Record<string, unknown>;
      Object.assign(principal, { type: 'AWS', identifiers: ['*'] });
    },
  },
];
