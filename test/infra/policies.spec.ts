// Every policy over every resource of every stack and environment; and each policy over a copy that breaks it.
import { describe, expect, it } from '@jest/globals';
import { ENVIRONMENTS, type EnvironmentName } from '../../stacks/settings.ts';
import { Model } from './model.ts';
import { type Fault, faultsOf, judgedBy, type Rule } from './policies/rule.ts';
import { RULES } from './policies/rules.ts';
import { staleWaivers, unwaived, WAIVERS, type Waiver } from './policies/waivers.ts';
import { platformOf, SETTINGS } from './synth.ts';

const modelOf = (environment: EnvironmentName) => new Model(platformOf(environment), SETTINGS[environment]);
const MODELS = Object.fromEntries(ENVIRONMENTS.map((name) => [name, modelOf(name)])) as Record<
  EnvironmentName,
  Model
>;
const allFaults = (model: Model): Fault[] => RULES.flatMap((rule) => faultsOf(rule, model));

/** Rules that hold of something this platform does not have (yet), each with the reason to keep it. */
const APPLIES_TO_NOTHING: Readonly<Record<string, string>> = {};

const name = ({ id, types, title }: Rule): string => `${id}: each ${types.join(', ')} ${title}`;

describe.each(ENVIRONMENTS)('policies of %s', (environment) => {
  it.each(RULES.map((rule) => [name(rule), rule] as const))('%s', (_name, rule) => {
    expect(unwaived(faultsOf(rule, MODELS[environment]), environment, WAIVERS)).toEqual([]);
  });
});

describe('each policy', () => {
  it('has an id of its own', () => {
    const ids = RULES.map(({ id }) => id);
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
  });

  it.each(RULES.map((rule) => [rule.id, rule] as const))('%s judges something', (id, rule) => {
    expect(judgedBy(rule, MODELS.prod).length > 0).toBe(!(id in APPLIES_TO_NOTHING));
  });

  const before = new Set(allFaults(MODELS.prod).map(({ rule, address }) => `${rule} ${address}`));
  it.each(RULES.map((rule) => [rule.id, rule] as const))(
    'negative control: %s sees what breaks it',
    (id, rule) => {
      for (const breakage of [rule.breaks].flat()) {
        const broken = new Model(structuredClone(MODELS.prod.json), SETTINGS.prod);
        breakage(broken);
        const found = allFaults(new Model(broken.json, SETTINGS.prod))
          .filter((fault) => !before.has(`${fault.rule} ${fault.address}`))
          .map((fault) => fault.rule);
        // Nothing else may complain, or the proof would be of another rule.
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
