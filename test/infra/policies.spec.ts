// Every policy over every resource of every stack and environment; and each policy over a copy that breaks it.
import { describe, expect, it } from '@jest/globals';
import { ENVIRONMENTS, type EnvironmentName } from '../../stacks/settings.ts';
import { valueAt } from './body.ts';
import { Model } from './model.ts';
import { type Fault, faultsOf, judgedBy, type Rule } from './policies/rule.ts';
import { RULES } from './policies/rules.ts';
import { staleWaivers, unwaived, WAIVERS, type Waiver } from './policies/waivers.ts';
import { FLINK_JOB, flinkPlatformOf, flinkSettings, platformOf, SETTINGS, synthesize } from './synth.ts';

const modelOf = (environment: EnvironmentName) => new Model(platformOf(environment), SETTINGS[environment]);
const MODELS = Object.fromEntries(ENVIRONMENTS.map((name) => [name, modelOf(name)])) as Record<
  EnvironmentName,
  Model
>;
/** Rules about Flink judge something only where there is a cluster. */
const FLINK = new Model(flinkPlatformOf('prod'), flinkSettings('prod'));
const judgedModel = (rule: Rule): Model => (judgedBy(rule, MODELS.prod).length > 0 ? MODELS.prod : FLINK);
const allFaults = (model: Model): Fault[] => RULES.flatMap((rule) => faultsOf(rule, model));

/** Rules that hold of something this platform does not have (yet), each with the reason to keep it. */
const APPLIES_TO_NOTHING: Readonly<Record<string, string>> = {};

/** The public rules that the platform promises to keep: none may be dropped. */
const ASKED_FOR = [
  ...[6, 11, 12, 61, 64, 69].map((number) => `CKV2_AWS_${number}`),
  ...[7, 16, 17, 21, 24, 37, 38, 39, 50, 53, 54, 55, 56, 58, 79, 80, 81].map((number) => `CKV_AWS_${number}`),
  ...[115, 116, 117, 133, 145, 157, 158, 161, 260, 290, 291, 293].map((number) => `CKV_AWS_${number}`),
  ...[300, 338, 339, 341, 355, 356, 364, 382].map((number) => `CKV_AWS_${number}`),
  ...[6, 14, 26, 29, 49, 60, 74, 78, 91, 103, 114, 117].map((number) => `CKV_GCP_${number}`),
  'CKV2_GCP_3',
];

const name = ({ id, types, title }: Rule): string => `${id}: each ${types.join(', ')} ${title}`;

describe.each(ENVIRONMENTS)('policies of %s', (environment) => {
  it.each(RULES.map((rule) => [name(rule), rule] as const))('%s', (_name, rule) => {
    expect(unwaived(faultsOf(rule, MODELS[environment]), environment, WAIVERS)).toEqual([]);
  });
});

describe('policies of prod with its other choices', () => {
  const other = structuredClone(flinkSettings('prod'));
  other.aws.eks.publicApiRanges = ['203.0.113.0/24'];
  other.bootstrap.state = 'bucket';
  const model = new Model(synthesize(other, { flinkJob: FLINK_JOB }), other);

  it('hold with a Flink job, a Kubernetes API for named ranges, and bootstrap’s own state in the bucket', () => {
    expect(unwaived(allFaults(model), 'prod', WAIVERS)).toEqual([]);
    const types = ['google_dataproc_job', 'google_storage_bucket_object'];
    expect(model.all(...types).filter(({ stack }) => stack === 'analytics')).toHaveLength(
      FLINK_JOB.length + 1,
    );
    expect(valueAt(model.all('aws_eks_cluster')[0]?.body, 'vpc_config.public_access_cidrs')).toBe(
      '203.0.113.0/24',
    );
    expect(valueAt(model.at('bootstrap/terraform')?.body, 'backend.s3.encrypt')).toBe(true);
  });
});

describe('each policy', () => {
  it('that the design asks for is there', () => {
    const ids = RULES.map(({ id }) => id);
    expect(ASKED_FOR.filter((id) => !ids.includes(id))).toEqual([]);
  });

  it('has an id that no other has', () => {
    const ids = RULES.map(({ id }) => id);
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
  });

  it.each(RULES.map((rule) => [rule.id, rule] as const))('%s judges something', (id, rule) => {
    expect(judgedBy(rule, judgedModel(rule)).length > 0).toBe(!(id in APPLIES_TO_NOTHING));
  });

  const before = new Set(
    [MODELS.prod, FLINK].flatMap(allFaults).map(({ rule, address }) => `${rule} ${address}`),
  );
  it.each(RULES.map((rule) => [rule.id, rule] as const))(
    'negative control: %s sees what breaks it',
    (id, rule) => {
      for (const breakage of [rule.breaks].flat()) {
        const { json, settings } = judgedModel(rule);
        const broken = new Model(structuredClone(json), settings);
        breakage(broken);
        const found = allFaults(new Model(broken.json, settings))
          .filter((fault) => !before.has(`${fault.rule} ${fault.address}`))
          .map((fault) => fault.rule);
        // No other rule may report it, or this would prove another rule.
        expect([...new Set(found)].toSorted()).toEqual([id, ...(rule.alsoBreaks ?? [])].toSorted());
      }
    },
  );
});

describe('waivers', () => {
  it('are of faults that there are, with a reason', () => {
    const faults = {
      dev: allFaults(MODELS.dev),
      staging: allFaults(MODELS.staging),
      prod: allFaults(MODELS.prod),
    };
    expect(staleWaivers(faults, WAIVERS)).toEqual([]);
    expect(WAIVERS.filter(({ reason }) => reason.length < 20)).toEqual([]);
  });

  const fault: Fault = {
    rule: 'CKV_AWS_21',
    address: 'aws/aws_s3_bucket.raw',
    text: 'its versioning is off',
  };
  const waiver: Waiver = { rule: fault.rule, address: fault.address, reason: 'a bucket of copies' };

  it('excuse one rule for one resource', () => {
    expect(unwaived([fault], 'dev', [waiver])).toEqual([]);
    expect(unwaived([{ ...fault, address: 'aws/aws_s3_bucket.other' }], 'dev', [waiver])).toHaveLength(1);
    expect(unwaived([{ ...fault, rule: 'CKV_AWS_145' }], 'dev', [waiver])).toHaveLength(1);
    expect(unwaived([fault], 'dev', [{ ...waiver, environments: ['prod'] }])).toHaveLength(1);
  });

  it('negative control: are stale when an environment has no such fault', () => {
    const faults = { dev: [fault], staging: [], prod: [] };
    expect(staleWaivers(faults, [waiver])).toEqual([waiver]);
    expect(staleWaivers(faults, [{ ...waiver, environments: ['dev'] }])).toEqual([]);
  });
});
