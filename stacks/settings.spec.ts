import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { overlaps } from './addresses.ts';
import { neededConcurrency } from './combination-rules.ts';
import { readEnvironment } from './environments/environments.ts';
import { prod } from './environments/prod.ts';
import { ENVIRONMENTS, type Settings } from './settings.ts';
import { checkSettings, routedRanges } from './settings-rules.ts';

/** The settings of prod with one thing changed. */
function changed(path: string, value: unknown): unknown {
  const copy: unknown = structuredClone(prod);
  const names = path.split('.');
  const last = names.pop()!;
  const parent = names.reduce((at, name) => (at as Record<string, unknown>)[name], copy) as Record<
    string,
    unknown
  >;
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return copy;
}
const faultsOf = (written: unknown): string => {
  try {
    checkSettings(written, 'prod.ts');
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('the settings', () => {
  it.each(ENVIRONMENTS)('of %s are valid, and say which environment they are', (name) => {
    expect(readEnvironment(name).environment).toBe(name);
  });

  it('of an environment that is not there name those that are', () => {
    expect(() => readEnvironment('production')).toThrow(
      'no environment production: choose one of dev, staging, prod',
    );
  });

  it('of two environments share no routed address, so that they may be joined one day', () => {
    const ranges = ENVIRONMENTS.map(readEnvironment).map((settings: Settings) =>
      routedRanges(settings).filter(([[, name]]) => name !== 'serviceRange'),
    );
    const clashes = ranges.flatMap((own, at) =>
      ranges
        .slice(at + 1)
        .flat()
        .flatMap(([, other]) => own.filter(([, range]) => overlaps(range, other))),
    );
    expect(clashes).toEqual([]);
  });
});

it('docs/deploy.md asks for the concurrency that the settings reserve', () => {
  const page = readFileSync(join(import.meta.dirname, '../docs/deploy.md'), 'utf8');
  const row = page.split('\n').find((line) => line.includes('(L-B99A9384) |'));
  const needed = ENVIRONMENTS.map(readEnvironment).map((settings) =>
    settings.aws.lambda.reservesConcurrency ? String(neededConcurrency(settings)) : 'none asked for',
  );
  expect(
    row!
      .split(' | ')
      .slice(2)
      .map((cell) => cell.replace(' |', '')),
  ).toEqual(needed);
});

describe('faulty settings are refused by name:', () => {
  it.each([
    ['gcp.projectId', undefined, 'gcp.projectId: Invalid input'],
    ['gcp.projectId', '', 'gcp.projectId: expected the id of a Google Cloud project'],
    ['aws.accountId', '1234', 'aws.accountId: expected the 12 digits'],
    ['aws.region', 'moon-north-1', 'aws.region: Invalid option'],
    ['aws.vpcRange', '10.0.0.1/16', 'aws.vpcRange: expected a private range'],
    ['aws.vpcRange', '10.12.0.0/24', 'aws.vpcRange: /24: nine subnets need a range from /16 to /20'],
    [
      'gcp.workersRange',
      '10.12.8.0/24',
      'gcp.workersRange: 10.12.8.0/24 overlaps aws.vpcRange (10.12.0.0/16)',
    ],
    ['aws.serviceRange', '10.42.0.0/16', 'gcp.workersRange: 10.42.0.0/24 overlaps aws.serviceRange'],
    [
      'aws.zones',
      ['eu-central-1a', 'eu-central-1b', 'eu-west-1c'],
      'aws.zones.2: eu-west-1c is no zone of eu-central-1',
    ],
    [
      'aws.zones',
      ['eu-central-1a', 'eu-central-1b', 'eu-central-1a'],
      'aws.zones.2: eu-central-1a is named twice',
    ],
    ['isProtected', false, 'isProtected: prod must be protected: set true'],
    ['isBeingTakenDown', true, 'isProtected: what is being taken down cannot be protected: set false'],
    [
      'edge.hostName',
      'shop.example.org',
      'edge.hostName: shop.example.org is not in the zone shop.example.com',
    ],
    ['edge.hostName', 'Shop.example.com', 'edge.hostName: expected a host name'],
    ['edge.alarmAddress', 'nobody', 'edge.alarmAddress: Invalid email'],
    ['aws.natGateways', 'one', 'aws.natGateways: prod needs a gateway in each zone'],
    ['payments.provider', 'sandbox', 'payments.provider: prod would hand goods out for money of the sandbox'],
    ['payments.publishableKey', undefined, 'payments.publishableKey: without it no card can be entered'],
    [
      'payments.publishableKey',
      'pk_test_0123456789abcdef',
      'payments.publishableKey: prod would hand goods out for Stripe’s test money',
    ],
    ['payments.publishableKey', 'pk_live_', 'payments.publishableKey: expected Stripe’s publishable key'],
    ['payments.publishableKey', 'none', 'payments.publishableKey: expected Stripe’s publishable key'],
    ['gcp.sql.isRegional', false, 'gcp.sql.isRegional: prod needs a standby'],
    ['aws.kafka.volumeGibMax', 100, 'aws.kafka.volumeGibMax: 100 is less than volumeGib (200)'],
    ['aws.eks.general.nodeCountMax', 2, 'aws.eks.general.nodeCountMax: 2 is less than nodeCountMin (3)'],
    ['aws.eks.publicApiRanges', ['0.0.0.0/0'], 'aws.eks.publicApiRanges: 0.0.0.0/0 opens the Kubernetes API'],
    ['link.gcpAsn', 64_522, 'link.gcpAsn: both sides have the ASN 64522'],
    ['link.awsAsn', 64_000, 'link.awsAsn: Too small'],
    [
      'link.insideRanges',
      ['169.254.5.0/30', '10.0.0.0/30', '169.254.12.8/30', '169.254.12.8/30'],
      'link.insideRanges.0: AWS keeps 169.254.5.0/30 for itself',
    ],
    ['ci.githubRepositoryId', 'two-cloud-shop', 'ci.githubRepositoryId: expected the number that GitHub has'],
    [
      'ci.githubRepository',
      `example/${'long'.repeat(24)}`,
      'ci.githubRepository: its subject in GitHub’s tokens has 144 bytes, and Google Cloud takes 127',
    ],
    ['ci.githubOwnerId', undefined, 'ci.githubOwnerId: Invalid input'],
    ['logRetentionDays', 30, 'logRetentionDays: Invalid input'],
    ['aws.postgres.version', '17.6', 'aws.postgres.version: expected a major version such as 17'],
    [
      'aws.postgres.version',
      '14',
      'aws.postgres.version: stacks/versions.ts knows RDS for PostgreSQL 17, and not 14',
    ],
    ['aws.eks.version', '1.31', 'aws.eks.version: stacks/versions.ts knows EKS 1.35, and not 1.31'],
    ['aws.kafka.version', '4.1.x', 'aws.kafka.version: 4.1.x: Kafka 4 has no ZooKeeper; write 4.1.x.kraft'],
    ['aws.kafka.version', '4.2.x.kraft', 'aws.kafka.version: 4.2.x.kraft is for Express brokers only'],
    [
      'aws.kafka.instanceType',
      'kafka.t3.small',
      'aws.kafka.instanceType: kafka.t3.small is for Kafka 3 only',
    ],
    ['aws.kafka.volumeGibMax', 20_000, 'aws.kafka.volumeGibMax: a broker has 16384 GiB at most'],
    ['aws.postgres.volumeGib', 10, 'aws.postgres.volumeGib: gp3 begins at 20 GiB'],
    [
      'aws.postgres.volumeGibMax',
      105,
      'aws.postgres.volumeGibMax: RDS wants a tenth more than volumeGib: 110',
    ],
    [
      'aws.eks.general.instanceTypes',
      ['m7g.large', 'm7i.large'],
      'aws.eks.general.instanceTypes: m7g.large, m7i.large: only m7g.large are Graviton',
    ],
    [
      'aws.lambda.concurrencyQuota',
      50,
      'aws.lambda.concurrencyQuota: reservations need 210 (100 stay unreserved)',
    ],
    [
      'aws.lambda.reservesConcurrency',
      false,
      'aws.lambda.reservesConcurrency: in prod one function must not',
    ],
    ['gcp.sql.tier', 'db-f1-micro', 'gcp.sql.tier: db-f1-micro has no core of its own'],
    ['gcp.sql.tier', 'db-custom-3-11520', 'gcp.sql.tier: 3 cores: Cloud SQL has 1, or an even number'],
    ['gcp.sql.tier', 'db-custom-1-3000', 'gcp.sql.tier: 3000 MiB for 1 cores: Cloud SQL wants 3840 or more'],
    ['gcp.sql.tier', 'db-custom-2-16384', 'gcp.sql.tier: 16384 MiB for 2 cores: Cloud SQL wants'],
    [
      'gcp.flink.workerMachineType',
      'c4a-standard-4',
      'gcp.flink.workerMachineType: c4a-standard-4 is ARM, and 3.0-debian13 is no image for that',
    ],
    ['gcp.worker.memory', '16Gi', 'gcp.worker.memory: 16Gi with 2 CPU: Cloud Run wants 512 to 8192 MiB'],
    ['aws.colour', 'red', 'aws: Unrecognized key: "colour"'],
  ])('%s = %j', (path, value, fault) => {
    expect(faultsOf(changed(path, value))).toContain(fault);
  });

  it.each(['sk_live_0123456789abcdef', 'rk_live_0123456789abcdef', 'pk_live_0123456789 sk_live_0123456789'])(
    'payments.publishableKey = %j, without repeating what may be a secret',
    (secret) => {
      const faults = faultsOf(changed('payments.publishableKey', secret));
      expect(faults).toContain('payments.publishableKey: expected Stripe’s publishable key');
      expect(faults).not.toContain('0123456789');
    },
  );

  it.each([
    ['aws.kafka.version', '3.9.x'],
    ['aws.eks.general.instanceTypes', ['m7i.large', 'm6i.large']],
    ['gcp.sql.tier', 'db-custom-4-26624'],
    ['gcp.worker', { instanceCount: 3, cpu: '4', memory: '16Gi' }],
  ])('but not %s = %j for what it combines', (path, value) => {
    // A version that is missing in versions.ts is another fault.
    expect(faultsOf(changed(path, value)).replace(/.*stacks\/versions.ts knows.*\n/, '')).not.toContain(
      `  ${path}:`,
    );
  });

  it('all at once, with the file to change', () => {
    const written = {
      ...prod,
      isProtected: false,
      aws: { ...prod.aws, natGateways: 'one' },
      link: { ...prod.link, gcpAsn: 64_522 },
    };
    const message = faultsOf(written);
    expect(message).toContain('prod.ts are faulty');
    expect(message).toContain('isProtected:');
    expect(message).toContain('aws.natGateways:');
    expect(message).toContain('link.gcpAsn:');
  });

  it('also when a field is missing, together with the contradictions among those that are there', () => {
    const copy = changed('gcp.projectId', undefined) as Record<string, unknown>;
    const message = faultsOf({ ...copy, isProtected: false });
    expect(message).toContain('gcp.projectId:');
  });
});
