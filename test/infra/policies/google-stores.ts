// Buckets, Firestore and Cloud SQL: private, encrypted, and what was lost can be brought back.
import type { Block } from '../blocks.ts';
import { listAt, putAt, textAt } from '../body.ts';
import type { Model } from '../model.ts';
import { attributeRule, first, isOwn, type Rule } from './rule.ts';

const BUCKET = 'google_storage_bucket';
const SQL = 'google_sql_database_instance';
const FIRESTORE = 'google_firestore_database';

/** A key of ours, or the leave to use it: who names the leave waits until it is given. */
export const isOwnKey =
  (path: string) =>
  (_value: unknown, block: Block, model: Model): boolean => {
    const grants = model.targets(block, path, 'google_kms_crypto_key_iam_member');
    const keys = grants.flatMap((grant) => model.targets(grant, 'crypto_key_id', 'google_kms_crypto_key'));
    return keys.length === 1 || isOwn(path, 'google_kms_crypto_key')(_value, block, model);
  };

const storage: readonly Rule[] = [
  attributeRule({
    id: 'CKV_GCP_29',
    title: 'has one way to give access',
    type: BUCKET,
    path: 'uniform_bucket_level_access',
    wanted: true,
    bad: false,
  }),
  attributeRule({
    id: 'CKV_GCP_114',
    title: 'cannot become public',
    type: BUCKET,
    path: 'public_access_prevention',
    wanted: 'enforced',
    bad: 'inherited',
  }),
  attributeRule({
    id: 'CKV_GCP_78',
    title: 'keeps older versions',
    type: BUCKET,
    path: 'versioning.enabled',
    wanted: true,
    bad: false,
  }),
  attributeRule({
    id: 'SHOP_GCS_1',
    title: 'is encrypted by a key of ours',
    type: BUCKET,
    path: 'encryption.default_kms_key_name',
    wanted: isOwnKey('encryption.default_kms_key_name'),
    bad: 'projects/other/locations/europe-west3/keyRings/r/cryptoKeys/k',
  }),
  attributeRule({
    id: 'SHOP_FIRESTORE_1',
    title: 'cannot be deleted where the environment is protected',
    type: FIRESTORE,
    path: 'delete_protection_state',
    wanted: (value, _block, { settings }) => !settings.isProtected || value === 'DELETE_PROTECTION_ENABLED',
    bad: 'DELETE_PROTECTION_DISABLED',
  }),
  attributeRule({
    id: 'SHOP_FIRESTORE_2',
    title: 'can be brought back to any minute of its last week',
    type: FIRESTORE,
    path: 'point_in_time_recovery_enablement',
    wanted: 'POINT_IN_TIME_RECOVERY_ENABLED',
    bad: 'POINT_IN_TIME_RECOVERY_DISABLED',
  }),
];

/** A setting of Postgres itself. */
const flagRule = (id: string, title: string, flag: string, wanted: string): Rule => ({
  id,
  title,
  types: [SQL],
  check({ body }) {
    const found = listAt(body, 'settings.database_flags').find((one) => textAt(one, 'name') === flag);
    return textAt(found, 'value') === wanted
      ? undefined
      : `${flag} is ${textAt(found, 'value') || 'not set'}`;
  },
  breaks(model) {
    const { body } = first(model, SQL);
    const kept = listAt(body, 'settings.database_flags').filter((one) => textAt(one, 'name') !== flag);
    putAt(body, 'settings.database_flags', kept);
  },
});

const sql: readonly Rule[] = [
  flagRule('CKV_GCP_54', 'tells who waited for a lock', 'log_lock_waits', 'on'),
  flagRule('CKV_GCP_57', 'logs every temporary file of a query', 'log_temp_files', '0'),
  attributeRule({
    id: 'CKV_GCP_60',
    title: 'is not on the internet',
    type: SQL,
    path: 'settings.ip_configuration.ipv4_enabled',
    wanted: false,
    bad: true,
  }),
  attributeRule({
    id: 'CKV_GCP_6',
    title: 'refuses connections without TLS',
    type: SQL,
    path: 'settings.ip_configuration.ssl_mode',
    wanted: ['ENCRYPTED_ONLY', 'TRUSTED_CLIENT_CERTIFICATE_REQUIRED'],
    bad: 'ALLOW_UNENCRYPTED_AND_ENCRYPTED',
  }),
  attributeRule({
    id: 'CKV_GCP_14',
    title: 'is backed up',
    type: SQL,
    path: 'settings.backup_configuration.enabled',
    wanted: true,
    bad: false,
  }),
  attributeRule({
    id: 'SHOP_SQL_1',
    title: 'can be brought back to any minute',
    type: SQL,
    path: 'settings.backup_configuration.point_in_time_recovery_enabled',
    wanted: true,
    bad: false,
  }),
];

export const googleStores: readonly Rule[] = [...storage, ...sql];
