import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { StackJson } from '../infra/synth.ts';
import { sampleStack, without, withValue } from './sample-stack.ts';
import { openProviders, type Providers, testMsMax, validate } from './terraform-run.ts';
import { describeWithTerraform } from './with-terraform.ts';

describeWithTerraform('terraform validate refuses', (terraform) => {
  let providers: Providers;
  beforeAll(async () => {
    providers = await openProviders([sampleStack]);
  }, testMsMax);
  afterAll(() => providers?.stop());
  const faults = (stack: StackJson) => validate(terraform, providers, stack);

  it(
    'nothing of a stack that is right',
    async () => expect(await faults(sampleStack)).toEqual([]),
    testMsMax,
  );

  const vpc = ['resource', 'aws_vpc', 'network'] as const;
  const subnet = ['resource', 'aws_subnet', 'private'] as const;
  const lambda = ['resource', 'aws_lambda_function', 'images'] as const;
  const secret = ['resource', 'google_secret_manager_secret_version', 'database'] as const;
  const put = (place: readonly [string, ...string[]], argument: string, value: unknown): StackJson =>
    withValue(sampleStack, [...place, argument], value);

  it.each<[rule: string, broken: StackJson, message: RegExp]>([
    ['an unknown argument', put(vpc, 'cidr_blok', '10.0.0.0/16'), /cidr_blok/],
    ['a missing argument', without(sampleStack, [...subnet, 'vpc_id']), /aws_subnet\.private.*vpc_id/],
    ['a reference to no resource', put(subnet, 'vpc_id', '${aws_vpc.elsewhere.id}'), /aws_vpc.*elsewhere/],
    [
      'a reference to no attribute',
      put(subnet, 'vpc_id', '${aws_vpc.network.identity}'),
      /no argument, nested block, or exported attribute named "identity"/,
    ],
    ['a dependency on nothing', put(lambda, 'depends_on', ['aws_iam_role.none']), /none/],
    ['a list for a text', put(vpc, 'cidr_block', ['10.0.0.0/16']), /cidr_block.*string/],
    ['a text for a number', put(lambda, 'timeout', 'a minute'), /timeout.*number is required/],
    [
      'an unknown argument in a block',
      put(lambda, 'vpc_config', [{ subnet_ids: [], security_group_ids: [], zone: 'a' }]),
      /"zone"/,
    ],
    ['a missing argument in a block', put(lambda, 'vpc_config', [{ security_group_ids: [] }]), /subnet_ids/],
    [
      'more blocks than there may be',
      put(lambda, 'dead_letter_config', [{ target_arn: 'a' }, { target_arn: 'b' }]),
      /dead_letter_config/,
    ],
    ['a function that there is not', put(vpc, 'cidr_block', '${subnet("a")}'), /function.*"subnet"/],
    [
      'an ephemeral value that would be kept',
      put(secret, 'secret_data', '${ephemeral.random_password.database.result}'),
      /ephemeral/i,
    ],
    [
      'a resource type that no package has',
      withValue(sampleStack, ['resource', 'aws_vpx', 'a'], {}),
      /aws_vpx/,
    ],
    [
      'an unknown argument of a provider',
      withValue(sampleStack, ['provider', 'aws'], [{ zone: 'a' }]),
      /"zone"/,
    ],
    [
      'a version of terraform that is not here',
      withValue(sampleStack, ['terraform', 'required_version'], '< 1.0'),
      /version/,
    ],
  ])(
    '%s',
    async (_rule, broken, message) => {
      const found = await faults(broken);
      expect(found.join('\n')).toMatch(message);
    },
    testMsMax,
  );
});
