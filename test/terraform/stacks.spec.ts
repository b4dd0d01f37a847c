import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { STACKS } from '../../stacks/platform.ts';
import { ENVIRONMENTS } from '../../stacks/settings.ts';
import { flinkPlatformOf, platformOf } from '../infra/synth.ts';
import { openProviders, type Providers, testMsMax, validate } from './terraform-run.ts';
import { describeWithTerraform } from './with-terraform.ts';

describeWithTerraform('terraform validate accepts', (terraform) => {
  let providers: Providers;
  beforeAll(async () => {
    providers = await openProviders(
      ENVIRONMENTS.flatMap((environment) => Object.values(platformOf(environment))),
    );
  }, testMsMax);
  afterAll(() => providers?.stop());

  const cases = ENVIRONMENTS.flatMap((environment) => STACKS.map((stack) => ({ stack, environment })));
  it.each(cases)(
    'the stack $stack of $environment',
    async ({ stack, environment }) => {
      expect(await validate(terraform, providers, platformOf(environment)[stack])).toEqual([]);
    },
    testMsMax,
  );

  const byFlink = ENVIRONMENTS.flatMap((environment) =>
    (['gcp', 'link', 'analytics'] as const).map((name) => ({ name, environment })),
  );
  it.each(byFlink)(
    'the stack $name of $environment with a job of Flink',
    async ({ name, environment }) => {
      const stack = flinkPlatformOf(environment)[name];
      const own = await openProviders([stack]);
      try {
        expect(await validate(terraform, own, stack)).toEqual([]);
      } finally {
        own.stop();
      }
    },
    testMsMax,
  );
});
