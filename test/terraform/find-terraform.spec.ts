import { describe, expect, it } from '@jest/globals';
import { findTerraform } from './find-terraform.ts';

const installed =
  (programs: Readonly<Record<string, string>>) =>
  (path: string): string | undefined =>
    programs[path];
const printed = (version: string) => JSON.stringify({ terraform_version: version });

describe('the terraform that specs run', () => {
  it.each([
    ['the one of the PATH', {}, { terraform: printed('1.11.0') }, { path: 'terraform', version: '1.11.0' }],
    [
      'the one that TERRAFORM_PATH names',
      { TERRAFORM_PATH: '/opt/terraform' },
      { terraform: printed('1.11.0'), '/opt/terraform': printed('2.0.1') },
      { path: '/opt/terraform', version: '2.0.1' },
    ],
    ['none where there is none', {}, {}, { missing: 'terraform does not run' }],
    [
      'none that is too old',
      {},
      { terraform: printed('1.10.5') },
      { missing: 'terraform is 1.10.5, and 1.11 or later is needed' },
    ],
    [
      'none that is something else',
      {},
      { terraform: 'v1' },
      { missing: 'terraform does not print its version' },
    ],
  ])('is %s', (_rule, env, programs, found) => {
    expect(findTerraform(env, installed(programs))).toEqual(found);
  });

  it.each([
    ['does not run', {}, 'TERRAFORM_PATH names /opt/terraform, and /opt/terraform does not run'],
    ['is too old', { '/opt/terraform': printed('0.15.0') }, '/opt/terraform is 0.15.0'],
  ])('is not passed over when it was named and %s', (_rule, programs, message) => {
    expect(() => findTerraform({ TERRAFORM_PATH: '/opt/terraform' }, installed(programs))).toThrow(message);
  });
});
