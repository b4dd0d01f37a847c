import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { App } from 'cdktf';
import { listAt, textAt, valueAt } from '../../test/infra/body.ts';
import { allOf, oneOf } from '../../test/infra/look-up.ts';
import {
  type Body,
  flinkPlatformOf,
  flinkSettings,
  platformOf,
  SETTINGS,
  type StackJson,
  synthesize,
} from '../../test/infra/synth.ts';
import { hostAddress } from '../addresses.ts';
import { APIS } from './api-services.ts';
import { GcpStack } from './stack.ts';

const { gcp } = platformOf('dev');
const { gcp: guarded } = platformOf('prod');
const { gcp: withFlink } = flinkPlatformOf('dev');
const SETTLED = /^time_sleep\.apis_settled_/;
const dependenciesOf = (body: Body): string[] => listAt(body, 'depends_on').map(String);
const waitsFor = (body: Body, address: RegExp): boolean =>
  dependenciesOf(body).some((one) => address.test(one));

describe('Google’s APIs', () => {
  it('are enabled, each, and stay when the stack goes', () => {
    const services = Object.values(allOf(gcp, 'google_project_service'));
    expect(services.map(({ service }) => service)).toEqual(APIS.map((api) => `${api}.googleapis.com`));
    expect(services.map((one) => one.disable_on_destroy)).toEqual(APIS.map(() => false));
  });

  it('have settled, all of them, before anything else is made', () => {
    expect(dependenciesOf(oneOf(gcp, 'time_sleep'))).toHaveLength(APIS.length);
    const impatient = Object.entries(gcp.resource ?? {})
      .filter(([type]) => type.startsWith('google_') && type !== 'google_project_service')
      .flatMap(([, byName]) => Object.entries(byName))
      .filter(([, body]) => !waitsFor(body, SETTLED));
    expect(impatient.map(([name]) => name)).toEqual([]);
  });

  it('do not make data sources wait for all of them: values would become unknown with every new one', () => {
    const bodies = Object.values(gcp.data ?? {}).flatMap((byName) => Object.values(byName));
    expect(bodies.filter((body) => waitsFor(body, SETTLED))).toEqual([]);
  });
});

describe('the network', () => {
  it('has a subnet for each range of the settings, and hands out the rest to Google’s services', () => {
    const { workersRange, dataprocRange, privateServicesRange } = SETTINGS.dev.gcp;
    const ranges = Object.values(allOf(gcp, 'google_compute_subnetwork')).map((one) => one.ip_cidr_range);
    expect(new Set(ranges)).toEqual(new Set([workersRange, dataprocRange]));
    const { address, prefix_length } = oneOf(gcp, 'google_compute_global_address');
    expect([address, prefix_length]).toEqual([
      hostAddress(privateServicesRange, 0),
      Number(privateServicesRange.split('/')[1]),
    ]);
  });

  it('admits Flink’s nodes to each other by their account, and nothing else', () => {
    const rules = Object.values(allOf(withFlink, 'google_compute_firewall'));
    const [allowed, ...others] = rules.filter(({ allow }) => allow);
    expect(others).toEqual([]);
    expect(allowed?.source_service_accounts).toEqual(allowed?.target_service_accounts);
    expect(listAt(allowed, 'source_ranges')).toEqual([]);
    expect(textAt(allowed, 'source_service_accounts')).toContain('google_service_account.flink_');
  });
});

describe('the buckets', () => {
  const rulesOf = (part: string) =>
    listAt(oneOf(gcp, 'google_storage_bucket', part), 'lifecycle_rule') as {
      action: { type: string };
      condition: Body;
    }[];

  it('have the purpose and the project in names that Google Cloud takes', () => {
    const names = Object.values(allOf(gcp, 'google_storage_bucket')).map(({ name }) => String(name));
    expect(names).toContain('shop-dev-flink-results-shop-dev-example');
    for (const name of names) expect(name).toMatch(/^shop-dev-flink-[a-z]+-shop-dev-example$/);
  });

  it('refuse a project whose id makes their names too long', () => {
    const settings = { ...SETTINGS.staging, project: 'twelveletter' };
    const long = { ...settings, gcp: { ...settings.gcp, projectId: 'project-with-thirty-letters-ab' } };
    expect(() => synthesize(long)).toThrow('more than 63 characters');
  });

  it('never lose a live checkpoint or result to its age', () => {
    for (const part of ['checkpoints', 'results', 'staging']) {
      const aged = rulesOf(part).filter(
        ({ action, condition }) => action.type === 'Delete' && condition.age !== undefined,
      );
      const prefixes = aged.map(({ condition }) => condition.matches_prefix);
      expect([part, prefixes]).toEqual([part, part === 'checkpoints' ? [['savepoints/']] : []]);
    }
  });

  it('delete older versions and unfinished uploads', () => {
    for (const part of Object.keys(allOf(gcp, 'google_storage_bucket'))) {
      const rules = rulesOf(part);
      expect(rules.map(({ action }) => action.type)).toContain('AbortIncompleteMultipartUpload');
      expect(rules.some(({ condition }) => condition.days_since_noncurrent_time)).toBe(true);
    }
  });

  it('are destroyed with their content only where they are not protected', () => {
    const force = (stack: StackJson) =>
      new Set(Object.values(allOf(stack, 'google_storage_bucket')).map((one) => one.force_destroy));
    expect([force(gcp), force(guarded)]).toEqual([new Set([true]), new Set([false])]);
  });
});

describe('the Flink cluster', () => {
  const cluster = oneOf(withFlink, 'google_dataproc_cluster');

  it('does not exist, nor an account or a rule for it, while Node counts: it would cost by the hour', () => {
    const blocks = Object.entries(gcp.resource ?? {}).flatMap(([type, byName]) =>
      Object.keys(byName).map((name) => `${type}.${name}`),
    );
    expect(blocks.filter((name) => /dataproc_cluster|\.flink_/.test(name))).toEqual([]);
    expect(gcp.output).not.toHaveProperty('flink_cluster');
  });

  it('has Flink, in the region of the settings', () => {
    expect(cluster.region).toBe(SETTINGS.dev.gcp.region);
    expect(valueAt(cluster, 'cluster_config.software_config.optional_components')).toBe('FLINK');
    expect(valueAt(cluster, 'cluster_config.software_config.image_version')).toBe(
      SETTINGS.dev.gcp.flink.imageVersion,
    );
  });

  it('keeps its state in RocksDB and its checkpoints in their bucket', () => {
    const properties = valueAt(cluster, 'cluster_config.software_config.override_properties') as Body;
    expect(properties['flink:state.backend.type']).toBe('rocksdb');
    for (const [option, kind] of [
      ['dir', 'checkpoints'],
      ['savepoint-dir', 'savepoints'],
    ])
      expect(properties[`flink:execution.checkpointing.${option}`]).toMatch(
        new RegExp(`^gs://\\$\\{google_storage_bucket\\.buckets_checkpoints_.*\\.name\\}/${kind}$`),
      );
  });

  it('starts once its nodes have all rights and connections that they need', () => {
    const needs = [
      /^google_project_iam_member\.flink_/,
      /^google_storage_bucket_iam_member\.buckets_checkpoints_flink/,
      /^google_storage_bucket_iam_member\.buckets_init-scripts_flink/,
      /^google_storage_bucket_object\.flink_libraries_/,
      /^google_kms_crypto_key_iam_member\.key_used-by-compute/,
      /^google_kms_crypto_key_iam_member\.key_used-by-dataproc/,
      /^google_compute_firewall\.flink_/,
    ];
    expect(needs.filter((need) => !waitsFor(cluster, need))).toEqual([]);
  });

  it('starts with the script that is stored under its own hash', () => {
    const script = textAt(cluster, 'cluster_config.initialization_action.script');
    expect(script).toMatch(/\/init-actions\/[0-9a-f]{64}\/install-flink-libraries\.sh$/);
    expect(script.endsWith(textAt(oneOf(withFlink, 'google_storage_bucket_object'), 'name'))).toBe(true);
    expect(valueAt(cluster, 'cluster_config.gce_cluster_config.metadata.flink-libraries')).toBe('none');
  });

  it('gets each library by an address that holds its hash', () => {
    const folder = mkdtempSync(join(tmpdir(), 'flink-'));
    const path = join(folder, 'kafka.jar');
    writeFileSync(path, 'a jar');
    const stack = new GcpStack(new App({ outdir: folder }), 'gcp', flinkSettings('dev'), [
      { name: 'kafka.jar', path, sha256: 'f'.repeat(64) },
    ]);
    const [only] = Object.values((stack.toTerraform() as StackJson).resource?.google_dataproc_cluster ?? {});
    rmSync(folder, { recursive: true });
    expect(textAt(only, 'cluster_config.gce_cluster_config.metadata.flink-libraries')).toMatch(
      new RegExp(`^gs://.+/libraries/${'f'.repeat(64)}/kafka\\.jar$`),
    );
  });
});

describe('who may do what', () => {
  const worker = /^\$\{google_service_account\.worker_/;
  const rolesOf = (stack: StackJson, type: string, member: RegExp): string[] =>
    Object.values(allOf(stack, type))
      .filter((one) => member.test(textAt(one, 'member')))
      .map((one) => `${textAt(one, 'role')}${one.condition ? ' (one resource)' : ''}`)
      .toSorted();

  it('the worker: its database, its documents, new results and its own secret', () => {
    expect(rolesOf(gcp, 'google_project_iam_member', worker)).toEqual([
      'roles/datastore.user (one resource)',
      'roles/logging.logWriter',
      'roles/monitoring.metricWriter',
    ]);
    expect(rolesOf(gcp, 'google_storage_bucket_iam_member', worker)).toEqual([
      'roles/storage.objectCreator',
      'roles/storage.objectViewer',
    ]);
  });

  it('the console: it signs in to the database and reads documents and results, and has no secret', () => {
    const looker = /^\$\{google_service_account\.console_/;
    expect(rolesOf(gcp, 'google_project_iam_member', looker)).toEqual([
      'roles/cloudsql.instanceUser (one resource)',
      'roles/datastore.viewer (one resource)',
    ]);
    expect(rolesOf(gcp, 'google_storage_bucket_iam_member', looker)).toEqual(['roles/storage.objectViewer']);
    expect(rolesOf(gcp, 'google_secret_manager_secret_iam_member', looker)).toEqual([]);
  });

  it('Flink’s nodes read the database’s secrets, where there are nodes', () => {
    const flink = /^\$\{google_service_account\.flink_/;
    expect(rolesOf(withFlink, 'google_secret_manager_secret_iam_member', flink)).toHaveLength(2);
  });

  it('Flink’s nodes have no part in what the workers deliver', () => {
    const flink = /^\$\{google_service_account\.flink_/;
    expect(rolesOf(withFlink, 'google_project_iam_member', flink)).toEqual(['roles/dataproc.worker']);
    const buckets = Object.entries(allOf(withFlink, 'google_storage_bucket_iam_member'))
      .filter(([, one]) => flink.test(textAt(one, 'member')))
      .map(([name]) => name);
    expect(buckets.filter((name) => name.includes('results'))).toEqual([]);
  });

  it('no identity has a key', () => {
    expect(allOf(gcp, 'google_service_account_key')).toEqual({});
  });
});

describe('the outputs', () => {
  it('say what they are, and hold no secret', () => {
    for (const { description, value } of Object.values(gcp.output ?? {}))
      if (description) expect(String(value)).not.toMatch(/ephemeral|secret_data|password/);
    expect(Object.keys(gcp.output ?? {})).toEqual(
      expect.arrayContaining(['sql_connection_name', 'sql_private_address', 'database_url_secret']),
    );
  });
});
