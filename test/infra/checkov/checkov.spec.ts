// What checkov says of every environment, where it is installed; where it is not, the end of the run says that it was not asked.
import { beforeAll, describe, expect, it } from '@jest/globals';
import { ENVIRONMENTS, type EnvironmentName } from '../../../stacks/settings.ts';
import { tellReporter } from '../../runner/to-reporter.ts';
import { Model } from '../model.ts';
import { platformOf, SETTINGS } from '../synth.ts';
import { findCheckov } from './installed-checkov.ts';
import { readReport, type Scanned, scan } from './scan.ts';
import { staleRules, unexcused } from './waivers.ts';

const scanMsMax = 300_000;
const checkov = findCheckov();

if ('missing' in checkov) {
  const line = `checkov was NOT RUN over the stacks: ${checkov.missing}`;
  tellReporter({ isFailure: false, text: line });
  describe('checkov', () => it.todo(line));
} else {
  describe('checkov', () => {
    let scanned: ReadonlyMap<EnvironmentName, Scanned>;
    let ofBroken: Scanned;
    beforeAll(() => {
      const models = Object.fromEntries(
        ENVIRONMENTS.map((name) => [name, new Model(platformOf(name), SETTINGS[name])]),
      );
      scanned = scan(checkov, models);
      const broken = new Model(structuredClone(platformOf('dev')), SETTINGS.dev);
      for (const block of broken.all('aws_s3_bucket_server_side_encryption_configuration'))
        broken.remove(block);
      broken.all('aws_db_instance')[0]!.body.storage_encrypted = false;
      ofBroken = scan(checkov, { dev: broken }).get('dev')!;
    }, scanMsMax);

    it.each(ENVIRONMENTS)('fails nothing in %s that is not excused', (environment) => {
      const { faults, passedCount } = scanned.get(environment)!;
      expect(unexcused(faults)).toEqual([]);
      expect(passedCount).toBeGreaterThan(1_000);
    });

    it('has no waiver that excuses nothing', () => {
      expect(staleRules([...scanned.values()].flatMap(({ faults }) => faults))).toEqual([]);
    });

    it('reports a copy that stores in the clear', () => {
      const rules = unexcused(ofBroken.faults).map(({ rule }) => rule);
      expect(rules).toEqual(expect.arrayContaining(['CKV_AWS_145', 'CKV_AWS_16']));
    });
  });
}

describe('the report of checkov', () => {
  const model = new Model(platformOf('dev'), SETTINGS.dev);
  const bucket = model.all('aws_s3_bucket').find(({ stack }) => stack === 'aws')!;
  const at = (resource: string) => ({
    check_id: 'CKV_X',
    check_name: 'Ensure something',
    file_path: '/dev/aws/cdk.tf.json',
    resource,
  });
  const read = (failed: readonly string[], stderr = '', parsing_errors = 0) =>
    readReport(
      {
        results: { failed_checks: failed.map(at), passed_checks: [at('aws_vpc.a')] },
        summary: { parsing_errors },
      },
      stderr,
      { dev: model },
    ).get('dev')!.faults;

  it('names resources as our policies do, also where the type is missing', () => {
    const faults = read([
      `aws_s3_bucket.${bucket.name}`,
      `resource.${model.all('aws_msk_cluster')[0]!.name}`,
    ]);
    expect(faults.map(({ address }) => address)).toEqual([
      bucket.address,
      model.all('aws_msk_cluster')[0]!.address,
    ]);
  });

  it('counts a check that crashed as a fault', () => {
    const stderr = `[ERROR]  Failed to run check CKV_GCP_54 on /dev/aws/cdk.tf.json:aws_s3_bucket.${bucket.name}`;
    expect(read([], stderr)).toEqual([
      {
        environment: 'dev',
        rule: 'CKV_GCP_54',
        address: bucket.address,
        text: 'crashed, and judged nothing',
      },
    ]);
  });

  it('is none when a file was not read, or nothing was judged', () => {
    expect(() => read([], '', 1)).toThrow(/could not read 1 files/);
    const nothing = { results: { failed_checks: [], passed_checks: [] }, summary: { parsing_errors: 0 } };
    expect(() => readReport(nothing, '', { dev: model })).toThrow(/judged nothing of dev/);
  });

  it('is excused rule by rule and place by place', () => {
    const waivers = [{ rules: ['CKV_X'], where: /^aws\/aws_s3_bucket\./, reason: 'a reason' }];
    const [fault] = read([`aws_s3_bucket.${bucket.name}`]);
    const elsewhere = { ...fault!, address: 'bootstrap/aws_s3_bucket.a' };
    const other = { ...fault!, rule: 'CKV_Y' };
    expect(unexcused([fault!, elsewhere, other], waivers)).toEqual([elsewhere, other]);
    expect(staleRules([elsewhere], waivers)).toEqual(['CKV_X at ^aws\\/aws_s3_bucket\\.']);
  });
});
