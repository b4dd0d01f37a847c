import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { planOf } from './plan.ts';
import { sampleStack, withValue } from './sample-stack.ts';
import { openProviders, type Providers, testMsMax } from './terraform-run.ts';
import { describeWithTerraform } from './with-terraform.ts';

const HANDED_ON = { other: { secret_id: 'projects/shop/secrets/database' } };

describeWithTerraform('a plan with made-up clouds', (terraform) => {
  let providers: Providers;
  beforeAll(async () => {
    providers = await openProviders([sampleStack]);
  }, testMsMax);
  afterAll(() => providers?.stop());

  it(
    'evaluates functions and follows references',
    async () => {
      const attributes = { 'aws_vpc.network': { id: 'vpc-7' }, aws_subnet: { id: 'subnet-1' } };
      const plan = await planOf(terraform, providers, sampleStack, { attributes, outputs: HANDED_ON });
      expect(plan.ofType('aws_subnet')).toMatchObject([{ cidr_block: '10.0.32.0/20', vpc_id: 'vpc-7' }]);
      expect(plan.ofType('aws_lambda_function')).toMatchObject([
        { vpc_config: [{ subnet_ids: ['subnet-1'] }] },
      ]);
      expect(plan.outputs).toMatchObject({ subnet: 'subnet-1' });
      expect(plan.dataOfType('aws_iam_policy_document')).toMatchObject([{ statement: [{ sid: 'Lambda' }] }]);
    },
    testMsMax,
  );

  it(
    'makes up missing values, the same wherever they are referred to',
    async () => {
      const plan = await planOf(terraform, providers, sampleStack, { outputs: HANDED_ON });
      const [role, lambda] = [plan.ofType('aws_iam_role')[0], plan.ofType('aws_lambda_function')[0]];
      expect(role?.arn).toMatch(/^\w+$/);
      expect(lambda?.role).toBe(role?.arn);
    },
    testMsMax,
  );

  it(
    'takes from another stack what that one hands on',
    async () => {
      const plan = await planOf(terraform, providers, sampleStack, { outputs: HANDED_ON });
      expect(plan.ofType('google_secret_manager_secret_version')).toMatchObject([
        { secret: HANDED_ON.other.secret_id, secret_data_wo: null },
      ]);
    },
    testMsMax,
  );

  it.each([
    ['another stack hands on nothing of that name', sampleStack, /secret_id/],
    [
      'a function has no answer',
      withValue(sampleStack, ['resource', 'aws_vpc', 'network', 'cidr_block'], '10.0.0.0/30'),
      /cidrsubnet/,
    ],
  ])(
    'fails when %s',
    async (_rule, stack, message) => {
      await expect(planOf(terraform, providers, stack)).rejects.toThrow(message);
    },
    testMsMax,
  );
});
