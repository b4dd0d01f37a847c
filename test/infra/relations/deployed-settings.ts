// The table of where settings come from, compared with the programs that read them and the clouds that hold them.

import { z } from 'zod';
import {
  factPath,
  SECRETS,
  type SettingSource,
  type SettingSources,
  secretName,
} from '#contracts/deployed-settings.ts';
import type { Process } from '#contracts/process.ts';
import { namePrefix } from '../../../stacks/settings.ts';
import { textAt } from '../body.ts';
import type { Model } from '../model.ts';
import { statementsOfRole } from './programs.ts';

/** What happens to a setting without a value. */
function unsetIs(schema: z.ZodType): 'a fault' | 'its default' | 'nothing' {
  const parsed = schema.safeParse(undefined);
  if (!parsed.success) return 'a fault';
  return parsed.data === undefined ? 'nothing' : 'its default';
}

/** Settings that the table lacks, settings that it leaves out although they are required, and settings that are not read. */
export function tableFaults(shape: z.ZodRawShape, sources: SettingSources): string[] {
  const faults = Object.keys(sources)
    .filter((name) => !(name in shape))
    .map((name) => `${name} is given and not read`);
  for (const [name, schema] of Object.entries(shape)) {
    const unset = unsetIs(schema as z.ZodType);
    const source = sources[name];
    if (!source && unset !== 'its default') faults.push(`${name} has neither a source nor a default`);
    if (source?.from === 'nowhere' && unset === 'a fault') faults.push(`${name} is left out and needed`);
  }
  return faults;
}

/** Secrets of the table that hold no such value, and values that no setting takes. */
export function secretTableFaults(tables: readonly SettingSources[], secrets = SECRETS): string[] {
  const taken = new Set(
    tables.flatMap((sources) =>
      Object.entries(sources).flatMap(([name, source]) =>
        source.from === 'secret' ? `${source.secret} ${name}` : [],
      ),
    ),
  );
  const held = Object.entries(secrets).flatMap(([secret, values]) =>
    Object.keys(values).map((name) => `${secret} ${name}`),
  );
  return [
    ...[...taken].filter((one) => !held.includes(one)).map((one) => `${one}: no secret holds it`),
    ...held.filter((one) => !taken.has(one)).map((one) => `${one}: it is not read`),
  ];
}

const PARAMETER = 'aws_ssm_parameter';
const SECRET = 'aws_secretsmanager_secret';

/** Names of the table for which the clouds hold nothing, or more than one thing, and what they hold that is in no table. */
export function cloudFaults(
  model: Model,
  facts: readonly string[],
  secrets = Object.keys(SECRETS),
): string[] {
  const prefix = namePrefix(model.settings);
  const named = (type: string) => model.all(type).map(({ body }) => textAt(body, 'name'));
  const compared = (kind: string, wanted: readonly string[], found: readonly string[]) => [
    ...wanted
      .filter((name) => found.filter((one) => one === name).length !== 1)
      .map((name) => `${kind} ${name} is there ${found.filter((one) => one === name).length} times`),
    ...found.filter((name) => !wanted.includes(name)).map((name) => `${kind} ${name} is in no table`),
  ];
  return [
    ...compared(
      'fact',
      facts.map((name) => factPath(prefix, name)),
      named(PARAMETER),
    ),
    ...compared(
      'secret',
      secrets.map((name) => secretName(prefix, name)),
      named(SECRET),
    ),
  ];
}

/** Facts and secrets that the operator in the cluster cannot read, and what it can read too much. */
export function readerFaults(model: Model): string[] {
  const reader = model
    .all('aws_iam_role')
    .find(({ body }) => textAt(body, 'name') === `${namePrefix(model.settings)}-external-secrets`);
  if (!reader) return ['no role reads facts and secrets'];
  const statements = statementsOfRole(model, reader);
  const { region, accountId } = model.settings.aws;
  const may = (pattern: RegExp): string[] =>
    statements
      .filter(({ actions }) => actions.some((action) => pattern.test(action)))
      .flatMap(({ resources }) => resources);
  const facts = model
    .all(PARAMETER)
    .map(({ body }) => `arn:aws:ssm:${region}:${accountId}:parameter${textAt(body, 'name')}`);
  // Across stacks an ARN is a reference: the block that it leads to is what counts.
  const secretsRead = may(/^secretsmanager:/).flatMap((resource) => {
    const found = model.referencesIn(reader.stack, resource).map(({ address }) => address);
    return found.length > 0 ? found : [resource];
  });
  const secrets = model.all(SECRET).map(({ address }) => address);
  const others = statements.flatMap(({ actions }) =>
    actions.filter(
      (action) =>
        !/^(ssm:GetParameters?|secretsmanager:(Get|Describe)\w+|kms:(Decrypt|DescribeKey))$/.test(action),
    ),
  );
  return [
    ...difference(may(/^ssm:/), facts).map((one) => `it reads ${one}`),
    ...difference(facts, may(/^ssm:/)).map((one) => `it cannot read ${one}`),
    ...difference(secretsRead, secrets).map((one) => `it reads ${one}`),
    ...difference(secrets, secretsRead).map((one) => `it cannot read ${one}`),
    ...others.map((action) => `it may ${action}`),
  ];
}

const difference = (some: readonly string[], others: readonly string[]): string[] =>
  some.filter((one) => !others.includes(one));

/** What a service would find in its environment; for secrets, and for what only a cloud knows, a likely value. */
export function environmentOf(
  model: Model,
  sources: SettingSources,
  likely: Readonly<Record<string, string>>,
): Record<string, string> {
  const prefix = namePrefix(model.settings);
  const valueOf = (name: string, source: SettingSource): string | undefined => {
    switch (source.from) {
      case 'constant':
        return source.value;
      case 'service-token':
        return source.path;
      case 'secret':
        return likely[name];
      case 'fact': {
        const found = model.all(PARAMETER).find(({ body }) => body.name === factPath(prefix, source.fact));
        return textAt(found?.body, 'value')
          .replace(/^\$\{[^}]*issuer\}/, 'https://issuer.example.com')
          .replace(/\$\{[^}]+\}/g, 'made-by-the-cloud');
      }
      case 'nowhere':
        return undefined;
    }
  };
  return Object.fromEntries(
    Object.entries(sources).flatMap(([name, source]) => {
      const value = valueOf(name, source);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** The Postgres users that a service's role may sign in as. */
export function databaseUsersOf(model: Model, { name }: Process): string[] {
  const role = model
    .all('aws_iam_role')
    .find(({ body }) => textAt(body, 'name') === `${namePrefix(model.settings)}-${name}`);
  if (!role) return [];
  return statementsOfRole(model, role)
    .filter(({ actions }) => actions.includes('rds-db:connect'))
    .flatMap(({ resources }) => resources.map((resource) => resource.split('/').at(-1)!));
}
