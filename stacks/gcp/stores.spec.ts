import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { compositeIndexes, FIRESTORE_QUERIES } from '#contracts/firestore.ts';
import { listAt, textAt, valueAt } from '../../test/infra/body.ts';
import { allOf, oneOf } from '../../test/infra/look-up.ts';
import { type Body, platformOf, SETTINGS } from '../../test/infra/synth.ts';

const { gcp } = platformOf('dev');
const { gcp: guarded } = platformOf('prod');
const dependenciesOf = (body: Body): string[] => listAt(body, 'depends_on').map(String);
const waitsFor = (body: Body, address: RegExp): boolean =>
  dependenciesOf(body).some((one) => address.test(one));

describe('the database', () => {
  const secret = textAt(oneOf(gcp, 'google_secret_manager_secret_version'), 'secret_data_wo');

  it('has one password in both places, which no state ever holds', () => {
    const password = '${ephemeral.random_password.analytics_database.result}';
    const user = oneOf(gcp, 'google_sql_user');
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
    const version = oneOf(gcp, 'google_secret_manager_secret_version');
    expect(version.secret_data_wo_version).toBe(oneOf(gcp, 'google_sql_user').password_wo_version);
    // Should the login fail, the next apply makes both anew.
    expect(waitsFor(version, /^google_sql_user\./)).toBe(true);
  });

  it('is reached over the socket that Cloud Run mounts', async () => {
    const root = mkdtempSync(join(tmpdir(), 'cloudsql-'));
    const connectionName = 'shop-dev-example:europe-west3:shop-dev-analytics-0a1b2c3d';
    const url = secret
      .replace(/\$\{ephemeral[^}]+\}/, 'pw')
      .replace(/\$\{[^}]+\.connection_name\}/, connectionName)
      .replace(/\$\{[^}]+\.name\}/, textAt(oneOf(gcp, 'google_sql_database'), 'name'))
      .replace('/cloudsql/', `${root}/`);
    try {
      expect(await startupOf(url, join(root, connectionName))).toMatchObject({
        user: 'analytics',
        database: 'analytics',
      });
    } finally {
      rmSync(root, { recursive: true });
    }
  });

  it('is made after the way to it, and only with the leave to encrypt', () => {
    const instance = oneOf(gcp, 'google_sql_database_instance');
    expect(waitsFor(instance, /^google_service_networking_connection\./)).toBe(true);
    expect(waitsFor(instance, /^google_kms_crypto_key_iam_member\.key_used-by-sqladmin/)).toBe(true);
  });

  it('does not shrink back to the size of its beginning', () => {
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

/** What a client tells a server at first (PostgreSQL, "Message Formats", StartupMessage), there in that folder. */
async function startupOf(url: string, folder: string): Promise<Record<string, string>> {
  mkdirSync(folder);
  const server = createServer().listen(join(folder, '.s.PGSQL.5432'));
  await once(server, 'listening');
  const client = new pg.Client({ connectionString: url });
  // The server says nothing and hangs up: only how the client begins is looked at.
  const given = client.connect().catch(() => {});
  const [socket]: Socket[] = await once(server, 'connection');
  const [message]: Buffer[] = await once(socket!, 'data');
  socket!.destroy();
  server.close();
  await given;
  const words = message!.subarray(8).toString().split('\0');
  return Object.fromEntries(
    words.flatMap((word, at) => (at % 2 === 0 && word ? [[word, words[at + 1] ?? '']] : [])),
  );
}
