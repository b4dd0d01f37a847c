// What holds on both clouds: secrets stay where they are, data cannot be deleted by a plan, everything has labels.

import type { Block } from '../blocks.ts';
import { listAt, putAt, valueAt } from '../body.ts';
import type { Model } from '../model.ts';
import { attributeRule, first, type Rule } from './rule.ts';

/** What nothing else could restore. Destroyed by a plan, it would be gone. */
export const DATA_TYPES: readonly string[] = [
  'aws_db_instance',
  'aws_ecr_repository',
  'aws_kms_key',
  'aws_msk_cluster',
  'aws_route53_zone',
  'aws_s3_bucket',
  'aws_secretsmanager_secret',
  'google_firestore_database',
  'google_kms_crypto_key',
  'google_sql_database',
  'google_sql_database_instance',
  'google_storage_bucket',
];

/** The argument by which each service deletes with everything in it, and its value where the environment is protected. */
const DELETIONS: readonly [type: string, path: string, safe: unknown, isByDefault: boolean][] = [
  ['aws_db_instance', 'skip_final_snapshot', false, true],
  ['aws_s3_bucket', 'force_destroy', false, true],
  ['google_storage_bucket', 'force_destroy', false, true],
  ['google_sql_database_instance', 'deletion_protection', true, true],
  ['google_sql_database_instance', 'settings.deletion_protection_enabled', true, false],
];

/** Attributes that hold a secret, of any resource. */
const SECRET =
  /(^|[_.])(password|password_wo|secret_string|secret_data|shared_secret|preshared_key|private_key|private_key_pem|token|auth_token|connection_uri)$/;
const SECRET_TYPES = /\/(ephemeral\.|random_(password|bytes)\.|tls_private_key\.)/;

function secretsIn(output: Block, model: Model): string[] {
  return model
    .referencesOf(output)
    .filter(({ address, attribute }) => SECRET.test(attribute) || SECRET_TYPES.test(address))
    .map(({ address, attribute }) => `${address}.${attribute}`);
}

/** Arguments that would put a secret into the state; each has a write-only twin or a way around. */
const SECRET_ARGUMENTS: readonly [type: string, path: string][] = [
  ['aws_db_instance', 'password'],
  ['aws_secretsmanager_secret_version', 'secret_string'],
  ['aws_vpn_connection', 'tunnel1_preshared_key'],
  ['aws_vpn_connection', 'tunnel2_preshared_key'],
  ['google_secret_manager_secret_version', 'secret_data'],
  ['google_sql_database_instance', 'root_password'],
  ['google_sql_user', 'password'],
];

const protectedRule: Rule = {
  id: 'SHOP_PROTECT_1',
  title: 'cannot be destroyed by a plan where the environment is protected',
  types: DATA_TYPES,
  check: ({ body }, { settings }) =>
    !settings.isProtected || valueAt(body, 'lifecycle.prevent_destroy') === true
      ? undefined
      : 'a plan may destroy it',
  breaks: (model) => putAt(first(model, 'aws_s3_bucket').body, 'lifecycle.prevent_destroy', false),
};

const deletionRule: Rule = {
  id: 'SHOP_PROTECT_2',
  title: 'is not deleted with everything in it where the environment is protected',
  types: [...new Set(DELETIONS.map(([type]) => type))],
  check(block, { settings }) {
    if (!settings.isProtected) return undefined;
    const wrong = DELETIONS.filter(([type, path, safe, isByDefault]) => {
      const value = valueAt(block.body, path);
      return type === block.type && value !== safe && !(isByDefault && value === undefined);
    });
    return wrong.length > 0 ? wrong.map(([, path]) => path).join(', ') : undefined;
  },
  breaks: (model) => putAt(first(model, 'aws_s3_bucket').body, 'force_destroy', true),
};

const secretRules: readonly Rule[] = [
  {
    id: 'SHOP_SECRET_1',
    title: 'hands on no secret: outputs lie in two states, and people see them',
    types: ['output'],
    check(block, model) {
      const secrets = secretsIn(block, model);
      return secrets.length > 0 ? secrets.join(', ') : undefined;
    },
    breaks: (model) => {
      const { type, name } = first(model, 'aws_vpn_connection');
      first(model, 'output').body.value = `\${${type}.${name}.tunnel1_preshared_key}`;
    },
  },
  {
    id: 'SHOP_SECRET_2',
    title: 'keeps no secret of ours in the state',
    types: [...new Set(SECRET_ARGUMENTS.map(([type]) => type))],
    check: ({ type, body }) => {
      const [, path] =
        SECRET_ARGUMENTS.find(([of, path]) => of === type && valueAt(body, path) !== undefined) ?? [];
      return path ? `${path} stands in the state` : undefined;
    },
    breaks: (model) => {
      first(model, 'google_sql_user').body.password = 'secret';
    },
  },
];

const LABELS = ['project', 'environment', 'owner', 'managed_by'];

/** The key that bootstrap makes for them, by its alias. */
const isStateKey = (arn: unknown, model: Model): boolean =>
  model
    .all('aws_kms_alias')
    .filter(({ stack }) => stack === 'bootstrap')
    .some(({ body }) => {
      const { region, accountId } = model.settings.aws;
      return arn === `arn:aws:kms:${region}:${accountId}:${String(body.name)}`;
    });

const providerRules: readonly Rule[] = [
  {
    id: 'SHOP_LABELS_1',
    title: 'labels everything with who owns it',
    types: ['provider.aws', 'provider.google', 'provider.google-beta'],
    check({ body }) {
      const [labels] = [...listAt(body, 'default_tags.tags'), ...listAt(body, 'default_labels')];
      const missing = LABELS.filter((label) => !valueAt(labels, label));
      return missing.length > 0 ? `it does not label with ${missing.join(', ')}` : undefined;
    },
    breaks: (model) => {
      delete first(model, 'provider.google').body.default_labels;
    },
  },
  attributeRule({
    id: 'SHOP_ACCOUNT_1',
    title: 'works in the account of the environment only',
    type: 'provider.aws',
    path: 'allowed_account_ids',
    wanted: (id, _block, { settings }) => id === settings.aws.accountId,
    bad: [],
  }),
  attributeRule({
    id: 'SHOP_ACCOUNT_2',
    title: 'works in the project of the environment only',
    type: 'provider.google',
    path: 'project',
    wanted: (id, _block, { settings }) => id === settings.gcp.projectId,
    bad: 'somebody-elses-project',
  }),
  {
    id: 'SHOP_STATE_1',
    title: 'keeps its state locked and encrypted by the key that bootstrap makes, in a place of its own',
    types: ['terraform'],
    // Bootstrap makes the bucket and cannot begin in it.
    judges: ({ stack }, { settings }) => stack !== 'bootstrap' || settings.bootstrap.state === 'bucket',
    check({ stack, body }, model) {
      const backend = valueAt(body, 'backend.s3');
      if (valueAt(backend, 'key') !== `${model.settings.environment}/${stack}.tfstate`)
        return 'its state has no place of its own';
      if (valueAt(backend, 'encrypt') !== true || !isStateKey(valueAt(backend, 'kms_key_id'), model))
        return 'its state is not encrypted by the key for states';
      return valueAt(backend, 'use_lockfile') === true ? undefined : 'two people could change it at once';
    },
    breaks: [
      ['use_lockfile', false],
      ['encrypt', false],
      ['kms_key_id', null],
      ['kms_key_id', 'arn:aws:kms:eu-central-1:777788889999:alias/shop-prod-images'],
    ].map(([name, value]) => (model) => {
      const [, settings] = model.all('terraform');
      putAt(settings!.body, `backend.s3.${String(name)}`, value);
    }),
  },
];

export const platform: readonly Rule[] = [protectedRule, deletionRule, ...secretRules, ...providerRules];
