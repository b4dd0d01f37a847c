// docs/deploy.md's way back leads to an empty account, in every environment.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { STACKS } from '../../stacks/platform.ts';
import { ENVIRONMENTS, type Settings } from '../../stacks/settings.ts';
import { type Step, stepsOf, takeDownFaults, unknownLocks } from './relations/take-down.ts';
import { FLINK_JOB, flinkSettings, type PlatformJson, platformOf, SETTINGS, synthesize } from './synth.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/deploy.md'), 'utf8');
const [, section] = /^## And back$([^]*?)^## /m.exec(page)!;
const steps = stepsOf(section!);
const built = new Map<string, PlatformJson>();
/** Synthesized once for each content: the walks pass the same settings. */
function build(settings: Settings): PlatformJson {
  const key = JSON.stringify(settings);
  const flinkJob = settings.analytics.engine === 'flink' ? FLINK_JOB : [];
  const json = built.get(key) ?? synthesize(settings, { flinkJob });
  built.set(key, json);
  return json;
}
/** The page's steps, with one of them changed or left out. */
const but = (change: (step: Step) => Step | undefined): Step[] => steps.flatMap((step) => change(step) ?? []);

describe('the documented way back', () => {
  it('names every stack, to lift its protections and to destroy it', () => {
    for (const does of ['deploy', 'destroy'] as const)
      expect(new Set(steps.flatMap((step) => (step.does === does ? step.stacks : [])))).toEqual(
        new Set(STACKS),
      );
  });

  it.each([...ENVIRONMENTS.map((name) => SETTINGS[name]), flinkSettings('prod')])(
    'leads to nothing from $environment, $analytics.engine',
    (settings) => {
      expect(takeDownFaults(settings, steps, build)).toEqual([]);
    },
  );

  it('has no lock that this spec does not know', () => {
    expect(STACKS.flatMap((name) => unknownLocks(platformOf('prod')[name]))).toEqual([]);
  });
});

describe('negative control: the walk', () => {
  const { prod } = SETTINGS;

  it('reports the protections of a stack that was not deployed without them', () => {
    const found = takeDownFaults(
      prod,
      but((step) => (step.does === 'deploy' ? { ...step, stacks: ['aws', 'gcp'] } : step)),
      build,
    );
    expect(found).toContainEqual(
      expect.stringMatching(/^link\/aws_cloudwatch_log_group\.tunnel-log_.*: deletion_protection_enabled$/),
    );
    expect(found).toContainEqual(
      expect.stringMatching(/^bootstrap\/aws_s3_bucket\.states_.*: force_destroy$/),
    );
    expect(found.filter((fault) => /^(aws|gcp)\//.test(fault))).toEqual([]);
  });

  it('reports what a plan refuses where the settings still protect', () => {
    const found = takeDownFaults(
      prod,
      but((step) => (step.does === 'change settings' ? undefined : step)),
      build,
    );
    expect(found).toContainEqual(expect.stringMatching(/^aws\/aws_db_instance\..*: prevent_destroy$/));
    expect(found).toContainEqual(
      expect.stringMatching(/^gcp\/google_firestore_database\..*: delete_protection_state$/),
    );
  });

  it('reports what the settings say about prod without its protection', () => {
    const found = takeDownFaults(
      prod,
      but((step) => (step.does === 'change settings' ? { ...step, values: { isProtected: false } } : step)),
      build,
    );
    expect(found).toContainEqual(expect.stringContaining('isProtected: prod must be protected'));
  });

  it('reports a stack that is destroyed before those that read it, and states before their stacks', () => {
    const backwards = steps.toReversed();
    const found = takeDownFaults(prod, [...steps.slice(0, 2), ...backwards], build);
    expect(found).toContain('link still reads what aws hands on');
    expect(found).toContainEqual(expect.stringMatching(/^the state of aws lies in shop-prod-/));
  });

  it('reports that bootstrap’s own state is deleted with its bucket', () => {
    const found = takeDownFaults(
      prod,
      but((step) => (step.does === 'copy the state of bootstrap to a file' ? undefined : step)),
      build,
    );
    expect(found).toEqual(['the state of bootstrap would go with its bucket']);
  });

  it('reports that ArgoCD is deleted before what it made, and that what it made is not deleted', () => {
    const isDeletion = (step: Step) => step.does === 'delete what ArgoCD made';
    const without = steps.filter((step) => !isDeletion(step));
    expect(takeDownFaults(prod, without, build)).toEqual(['what ArgoCD made stays, and no state has it']);
    expect(takeDownFaults(prod, [...without, ...steps.filter(isDeletion)], build)).toEqual([
      'what ArgoCD made stays, and no state has it',
      'there is no ArgoCD any more that would delete them',
    ]);
    const early = [...steps.filter(isDeletion), ...without];
    expect(takeDownFaults(prod, early, build)).toEqual(['what ArgoCD made stays, and no state has it']);
  });

  it('reports what was left out, and stops at an unknown line', () => {
    expect(takeDownFaults(prod, steps.slice(0, -1), build)).toEqual(['bootstrap still stands']);
    expect(() => stepsOf('```\nterraform state rm everything\n```')).toThrow('unknown step');
  });

  it('does not know a lock that is new', () => {
    const stack = { terraform: {}, resource: { aws_new: { thing: { termination_protection: true } } } };
    expect(unknownLocks(stack)).toEqual(['aws_new.thing: termination_protection']);
  });
});
