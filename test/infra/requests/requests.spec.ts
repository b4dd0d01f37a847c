// What every resource asks of its cloud, against the cloud's own description of its API: no account, no network.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { ENVIRONMENTS, type EnvironmentName } from '../../../stacks/settings.ts';
import { putAt, removeAt } from '../body.ts';
import { Model } from '../model.ts';
import { flinkSettings, platformOf, SETTINGS, synthesize } from '../synth.ts';
import { cloudResources, resourceFaults } from './platform-requests.ts';
import { oneRequest } from './request-rule.ts';
import { OPERATIONS } from './rules/rules.ts';
import { MODELS_FOLDER, readModels } from './service-model.ts';
import { nameFaults } from './table-faults.ts';

const modelOf = (environment: EnvironmentName) => new Model(platformOf(environment), SETTINGS[environment]);
const faultsOf = (model: Model): string[] =>
  cloudResources(model).flatMap((block) => resourceFaults(model, block));

describe('the requests of every resource', () => {
  it.each(ENVIRONMENTS)('are as the clouds describe them: %s', (environment) => {
    const model = modelOf(environment);
    expect(cloudResources(model).length).toBeGreaterThan(300);
    expect(faultsOf(model)).toEqual([]);
  });

  it('are as described with a Flink job and a Kubernetes API for named ranges', () => {
    const settings = structuredClone(flinkSettings('prod'));
    settings.aws.eks.publicApiRanges = ['203.0.113.0/24'];
    const folder = mkdtempSync(join(tmpdir(), 'flink-'));
    try {
      const path = join(folder, 'launcher.py');
      writeFileSync(path, '');
      const flinkJob = [{ name: 'launcher.py', path, sha256: 'content' }];
      const model = new Model(synthesize(settings, { flinkJob }), settings);
      expect(model.all('google_dataproc_job')).toHaveLength(1);
      expect(faultsOf(model)).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('the tables and the descriptions', () => {
  const models = readModels();

  it('name the same operations', () => {
    const described = Object.entries(models).flatMap(([service, { operations }]) =>
      Object.keys(operations).map((name) => `${service}.${name}`),
    );
    expect(described.toSorted()).toEqual(OPERATIONS);
  });

  it('put arguments where there is a place for them', () => {
    expect(nameFaults(models)).toEqual([]);
  });

  it('are of the packages that requirements.txt pins', () => {
    const text = readFileSync(join(MODELS_FOLDER, 'requirements.txt'), 'utf8');
    const pins = [...text.matchAll(/^([\w-]+)==([\d.]+) --hash=sha256:[0-9a-f]{64}$/gm)];
    const pinned = pins.map(([, name, version]) => `${name} ${version}`);
    const sources = Object.values(models).map(({ source }) => source.split(',')[0]!);
    expect([...new Set(sources)].toSorted()).toEqual(pinned.toSorted());
  });
});

describe('negative control: a request is refused for', () => {
  let prod: Model;
  beforeAll(() => {
    prod = modelOf('prod');
  });

  /** Changes the first resource of a type in a copy, and returns the faults of that copy. */
  function faultsWhen(type: string, change: (body: Record<string, unknown>) => void): string[] {
    const copy = new Model(structuredClone(prod.json), prod.settings);
    const [first] = copy.all(type);
    change(first!.body);
    const found = resourceFaults(copy, first!);
    for (const fault of found) expect(fault).toContain(first!.address);
    return found;
  }

  it.each<[rule: string, type: string, path: string, value: unknown, message: RegExp]>([
    ['a wrong enum', 'aws_eks_node_group', 'ami_type', 'AL2023_ARM', /none of AL2_x86_64/],
    ['a wrong enum in a block', 'aws_eks_cluster', 'access_config.authentication_mode', 'IAM', /none of API/],
    [
      'a wrong enum in a list',
      'aws_s3_bucket_notification',
      'lambda_function.events',
      ['s3:Created'],
      /none of/,
    ],
    ['a wrong enum of Google', 'google_compute_router_nat', 'nat_ip_allocate_option', 'AUTO', /none of/],
    ['a name like no role’s', 'aws_iam_role', 'name', 'shop prod', /not like/],
    ['a name like no pool’s', 'google_compute_network', 'name', 'Shop_Prod', /not like/],
    ['a text that is too long', 'aws_iam_role', 'name', 'r'.repeat(65), /65 characters: at most 64/],
    ['a text that is too short', 'aws_cloudwatch_metric_alarm', 'alarm_name', '', /0 characters: at least 1/],
    [
      'a list that is too long',
      'aws_lambda_function',
      'architectures',
      ['arm64', 'x86_64'],
      /2 elements: at most 1/,
    ],
    ['a number that is too large', 'aws_msk_cluster', 'number_of_broker_nodes', 16, /is 16: at most 15/],
    ['a text for a number', 'aws_db_instance', 'allocated_storage', 'much', /no integer/],
    ['a fraction', 'aws_db_instance', 'allocated_storage', 20.5, /no integer/],
    ['a text for a switch', 'aws_db_instance', 'multi_az', 'yes', /neither true nor false/],
    ['an unknown field', 'aws_vpc', 'cidr_blok', '10.0.0.0/16', /cidr_blok is in no request/],
    [
      'an unknown field in a block',
      'aws_eks_cluster',
      'vpc_config.zones',
      ['a'],
      /vpc_config\.zones .*no place/,
    ],
    [
      'a field that Google does not have',
      'google_cloud_run_v2_worker_pool',
      'scaling.scaling_mode',
      'MANUAL',
      /scaling_mode .*no place/,
    ],
    ['a field that the cloud sets', 'google_compute_network', 'self_link', 'x', /set by the cloud alone/],
    ['a project like none', 'google_kms_crypto_key', 'key_ring', 'shop', /not like \^projects/],
  ])('%s', (_rule, type, path, value, message) => {
    expect(faultsWhen(type, (body) => putAt(body, path, value)).join('\n')).toMatch(message);
  });

  it.each<[type: string, path: string, message: RegExp]>([
    ['aws_eks_cluster', 'role_arn', /roleArn is required, and missing/],
    ['aws_lambda_permission', 'principal', /Principal is required, and missing/],
    ['aws_msk_cluster', 'broker_node_group_info.client_subnets', /ClientSubnets is required, and missing/],
    ['google_firestore_database', 'location_id', /locationId is required, and missing/],
    ['google_compute_network', 'name', /name is required, and missing/],
  ])('a missing field: %s without %s', (type, path, message) => {
    expect(faultsWhen(type, (body) => removeAt(body, path)).join('\n')).toMatch(message);
  });

  it('a type that no table has, and names the table to extend', () => {
    const copy = new Model(structuredClone(prod.json), prod.settings);
    copy.add('aws', 'aws_neptune_cluster', 'graph', {});
    const changed = new Model(copy.json, copy.settings);
    expect(faultsOf(changed)).toEqual([
      expect.stringMatching(
        /^aws\/aws_neptune_cluster\.graph: no request is known for .*test\/infra\/requests\/rules/,
      ),
    ]);
  });

  it('a value that another resource hands it', () => {
    const copy = new Model(structuredClone(prod.json), prod.settings);
    const [role] = copy.all('aws_iam_role');
    role!.body.name = 'two words';
    const refused = copy.blocks.filter((block) => resourceFaults(copy, block).join().includes('two words'));
    expect(refused.map(({ type }) => type)).toContain('aws_iam_role_policy');
  });

  it('a table that puts an argument where there is no place', () => {
    const wrong = oneRequest('eks.CreateCluster', { name: 'clusterName' });
    expect(nameFaults(readModels(), { aws_eks_cluster: wrong })).toEqual([
      'aws_eks_cluster: eks.CreateCluster has no clusterName',
    ]);
  });
});
