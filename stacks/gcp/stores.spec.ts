import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { compositeIndexes, FIRESTORE_QUERIES } from '#contracts/firestore.ts';
import { listAt, textAt, valueAt } from '../../test/infra/body.ts';
import { allOf, oneOf } from '../../test/infra/look-up.ts';
import { type Body, platformOf, SETTINGS } from '../../test/infra/synth.ts';
import { SERVER_CA_FILE, SERVER_CA_FOLDER } from './server-certificate.ts';

const { gcp } = platformOf('dev');
const { gcp: guarded } = platformOf('prod');
const dependenciesOf = (body: Body): string[] => listAt(body, 'depends_on').map(String);
const waitsFor = (body: Body, address: RegExp): boolean =>
  dependenciesOf(body).some((one) => address.test(one));

describe('the database', () => {
  const secret = textAt(oneOf(gcp, 'google_secret_manager_secret_version', 'url'), 'secret_data_wo');

  it('has one password in both places, which no state ever holds', () => {
    const password = '${ephemeral.random_password.analytics_database.result}';
    const user = oneOf(gcp, 'google_sql_user', 'url');
    expect(user.password_wo).toBe(password);
    expect(secret).toContain(`:${password}@`);
    expect(gcp.ephemeral).toEqual({
      random_password: { analytics_database: { length: 32, special: false } },
    });
    expect(gcp.resource?.random_password).toBeUndefined();
    expect(user.password).toBeUndefined();
    expect(user.password_wo_version).toBe(SETTINGS.dev.gcp.sql.passwordVersion);
  });

  it('gives both another password by one number', () => {
    const version = oneOf(gcp, 'google_secret_manager_secret_version', 'url');
    expect(version.secret_data_wo_version).toBe(oneOf(gcp, 'google_sql_user', 'url').password_wo_version);
    // If the login fails, the next apply creates both again.
    expect(waitsFor(version, /^google_sql_user\./)).toBe(true);
  });

  it('is reached at its private address, by TLS, and is verified by its own authority alone', () => {
    const folder = mkdtempSync(join(tmpdir(), 'cloud-sql-'));
    try {
      writeFileSync(join(folder, SERVER_CA_FILE), 'the authority');
      const connectionString = secret
        .replace(/\$\{ephemeral[^}]+\}/, 'pw')
        .replace(/\$\{[^}]+\.private_ip_address\}/, '10.40.64.3')
        .replace(/\$\{[^}]+\.name\}/, textAt(oneOf(gcp, 'google_sql_database'), 'name'))
        .replace(SERVER_CA_FOLDER, folder);
      // As the worker's own client reads it.
      const client = new pg.Client({ connectionString }) as unknown as { connectionParameters: Body };
      expect(client.connectionParameters).toMatchObject({
        host: '10.40.64.3',
        port: 5432,
        user: 'analytics',
        database: 'analytics',
        ssl: { ca: 'the authority' },
      });
      // Unset, Node refuses a certificate of any other authority.
      expect(client.connectionParameters.ssl).not.toHaveProperty('rejectUnauthorized');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('takes the console by IAM, under the name of its account and without a password', () => {
    const user = oneOf(gcp, 'google_sql_user', 'console');
    expect(user).toMatchObject({
      name: 'shop-dev-console@shop-dev-example.iam',
      type: 'CLOUD_IAM_SERVICE_ACCOUNT',
    });
    expect(Object.keys(user).filter((name) => name.startsWith('password'))).toEqual([]);
    const flags = listAt(oneOf(gcp, 'google_sql_database_instance'), 'settings.database_flags');
    expect(flags).toContainEqual({ name: 'cloudsql.iam_authentication', value: 'on' });
  });

  it('is made after the route to it, and only with the right to encrypt', () => {
    const instance = oneOf(gcp, 'google_sql_database_instance');
    expect(waitsFor(instance, /^google_service_networking_connection\./)).toBe(true);
    expect(waitsFor(instance, /^google_kms_crypto_key_iam_member\.key_used-by-sqladmin/)).toBe(true);
  });

  it('does not shrink back to its first size', () => {
    const instance = oneOf(gcp, 'google_sql_database_instance');
    expect(valueAt(instance, 'settings.disk_autoresize')).toBe(true);
    expect(valueAt(instance, 'lifecycle.ignore_changes')).toBe('settings[0].disk_size');
  });

  it('is locked in Terraform and in Google Cloud where the environment is protected', () => {
    const instance = oneOf(guarded, 'google_sql_database_instance');
    const locks = [
      'deletion_protection',
      'settings.deletion_protection_enabled',
      'lifecycle.prevent_destroy',
    ];
    expect(locks.map((path) => valueAt(instance, path))).toEqual([true, true, true]);
    expect(valueAt(instance, 'settings.availability_type')).toBe('REGIONAL');
  });
});

describe('Firestore', () => {
  const indexes = Object.entries(allOf(gcp, 'google_firestore_index'));

  it('has exactly the indexes that the declared queries need', () => {
    const wanted = compositeIndexes(FIRESTORE_QUERIES).map(({ collection, fields }) => ({
      collection,
      query_scope: 'COLLECTION',
      fields: fields.map(({ field, direction }) => ({
        field_path: field,
        order: direction === 'asc' ? 'ASCENDING' : 'DESCENDING',
      })),
    }));
    const made = indexes.map(([, { collection, query_scope, fields }]) => ({
      collection,
      query_scope,
      fields,
    }));
    expect(made).toHaveLength(wanted.length);
    expect(made).toEqual(expect.arrayContaining(wanted));
  });

  it('makes one index after the other', () => {
    const before = indexes.map(([, body]) =>
      dependenciesOf(body).filter((one) => one.startsWith('google_firestore_index.')),
    );
    expect(before.flat()).toHaveLength(indexes.length - 1);
    expect(new Set(before.flat()).size).toBe(indexes.length - 1);
  });

  it('really goes in a destroy where nothing is protected, and only there', () => {
    expect(oneOf(gcp, 'google_firestore_database').deletion_policy).toBe('DELETE');
    expect(oneOf(guarded, 'google_firestore_database').deletion_policy).toBe('ABANDON');
  });
});
