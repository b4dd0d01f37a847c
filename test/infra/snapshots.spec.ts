// The whole output of every stack and environment, so that no change of infrastructure goes unread; and that the output
// depends on nothing but settings and artifacts.
import { describe, expect, it } from '@jest/globals';
import { STACKS } from '../../stacks/platform.ts';
import { ENVIRONMENTS } from '../../stacks/settings.ts';
import { flinkPlatformOf, platformOf, SETTINGS, synthesize } from './synth.ts';

const CASES = ENVIRONMENTS.flatMap((environment) => STACKS.map((stack) => [environment, stack] as const));

describe('the synthesized JSON', () => {
  // Jest prints the keys of an object in order.
  it.each(CASES)('is as it was: %s, %s', (environment, stack) => {
    expect(platformOf(environment)[stack]).toMatchSnapshot();
  });

  it.each(['gcp', 'link', 'analytics'] as const)('is as it was, with a job of Flink: prod, %s', (stack) => {
    expect(flinkPlatformOf('prod')[stack]).toMatchSnapshot();
  });

  it.each(ENVIRONMENTS)('is the same when it is made again, in another folder: %s', (environment) => {
    const [first, again] = [platformOf(environment), synthesize(SETTINGS[environment])];
    // As texts: the order of keys must not change either, or Terraform's own diffs would be unreadable.
    expect(JSON.stringify(again, undefined, 1)).toBe(JSON.stringify(first, undefined, 1));
  });

  it.each(CASES)('contains no path of the machine: %s, %s', (environment, stack) => {
    const text = JSON.stringify([platformOf(environment)[stack], flinkPlatformOf(environment)[stack]]);
    expect(text).not.toContain(process.cwd());
    expect(text).not.toMatch(/\/(tmp|var\/folders|home|Users|root)\//);
  });

  it('differs from environment to environment', () => {
    const [dev, prod] = [platformOf('dev'), platformOf('prod')].map((platform) => JSON.stringify(platform));
    expect(dev).not.toBe(prod);
  });
});
