import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { STACKS } from '../../stacks/platform.ts';
import { ENVIRONMENTS } from '../../stacks/settings.ts';
import { platformOf, SETTINGS, synthesize } from '../infra/synth.ts';
import { openProviders, type Providers, testMsMax, validate } from './terraform-run.ts';
import { describeWithTerraform } from './with-terraform.ts';

/** Any files, under names that a job of Flink has. */
const flinkJob = ['launcher.py', 'image-bytes.sql', 'kafka.jar'].map((name) => ({
  name,
  path: fileURLToPath(import.meta.url),
  sha256: '0'.repeat(64),
}));

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

  it(
    'the stack analytics with the job of Flink',
    async () => {
      const settings = { ...SETTINGS.dev, analytics: { engine: 'flink' as const } };
      const { analytics } = synthesize(settings, { flinkJob });
      expect(analytics.resource).toHaveProperty('google_dataproc_job');
      const own = await openProviders([analytics]);
      try {
        expect(await validate(terraform, own, analytics)).toEqual([]);
      } finally {
        own.stop();
      }
    },
    testMsMax,
  );
});
