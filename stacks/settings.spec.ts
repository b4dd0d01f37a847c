import { describe, expect, it } from '@jest/globals';
import { overlaps } from './addresses.ts';
import { readEnvironment } from './environments/environments.ts';
import { prod } from './environments/prod.ts';
import { checkSettings, ENVIRONMENTS, type Settings } from './settings.ts';
import { routedRanges } from './settings-rules.ts';

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
    [
      'edge.hostName',
      'shop.example.org',
      'edge.hostName: shop.example.org is not in the zone shop.example.com',
    ],
    ['edge.hostName', 'Shop.example.com', 'edge.hostName: expected a host name'],
    ['edge.alarmAddress', 'nobody', 'edge.alarmAddress: Invalid email'],
    ['aws.natGateways', 'one', 'aws.natGateways: prod needs a gateway in each zone'],
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
    ['logRetentionDays', 30, 'logRetentionDays: Invalid input'],
    ['aws.colour', 'red', 'aws: Unrecognized key: "colour"'],
  ])('%s = %j', (path, value, fault) => {
    expect(faultsOf(changed(path, value))).toContain(fault);
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
