// The cdktf CLI as a person runs it: on our own stacks as far as no cloud is needed, and to the end on a stack that needs none.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { STACKS } from '../../stacks/platform.ts';
import { describeWithTerraform } from '../terraform/with-terraform.ts';
import { CDKTF_PROGRAM } from './cli.ts';

// Ends what hangs: a busy machine takes minutes.
jest.setTimeout(600_000);
const ROOT = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'cdktf-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const BY_NPX = ['npx', '--no-install', 'cdktf'] as const;
function cdktf(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  [program, ...before]: readonly [string, ...string[]] = [process.execPath, CDKTF_PROGRAM],
) {
  const { status, stdout, stderr } = spawnSync(program, [...before, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    env: {
      ...process.env,
      CHECKPOINT_DISABLE: '1',
      CI: 'true',
      ...env,
    },
  });
  return { status, output: `${stdout}${stderr}` };
}
const LAPTOP = ['--app', 'node test/cdktf/laptop-app.ts', '--output', join(folder, 'laptop')];
describe('the CLI on our stacks', () => {
  it('lists them all', () => {
    const { status, output } = cdktf(['list', '--output', join(folder, 'ours')], {}, BY_NPX);
    expect({ status, output }).toMatchObject({ status: 0 });
    for (const name of STACKS) expect(output).toContain(join(folder, 'ours', 'dev', 'stacks', name));
  });

  it('synthesizes the environment that SHOP_ENVIRONMENT names', () => {
    const out = join(folder, 'prod');
    const { status, output } = cdktf(['synth', '--output', out], { SHOP_ENVIRONMENT: 'prod' });
    expect({ status, output }).toMatchObject({ status: 0 });
    expect(readFileSync(join(out, 'prod/stacks/aws/cdk.tf.json'), 'utf8')).toContain('"environment": "prod"');
  });

  it('fails with the message of the settings when these are faulty', () => {
    const { status, output } = cdktf(['synth', '--output', join(folder, 'none')], {
      SHOP_ENVIRONMENT: 'moon',
    });
    expect(status).not.toBe(0);
    expect(output).toContain('There is no environment moon: choose one of dev, staging, prod');
  });
});

describeWithTerraform('the CLI on a stack that needs no cloud', (terraform) => {
  const laptop = (command: string, env: Readonly<Record<string, string>> = {}) =>
    cdktf([command, 'laptop', ...(command === 'diff' ? [] : ['--auto-approve']), ...LAPTOP], {
      TERRAFORM_BINARY_NAME: terraform.path,
      ...env,
    });
  const state = join(folder, 'laptop/stacks/laptop/laptop.tfstate');

  it('shows what would change, and changes nothing', () => {
    const { status, output } = laptop('diff');
    expect({ status, output }).toMatchObject({ status: 0 });
    expect(output).toContain('1 to add, 0 to change, 0 to destroy');
    expect(existsSync(state)).toBe(false);
  });

  it('deploys it, and a change of it', () => {
    const first = laptop('deploy');
    expect(first).toMatchObject({ status: 0 });
    expect(readFileSync(state, 'utf8')).toContain('"text": "hello"');
    expect(laptop('deploy', { LAPTOP_GREETING: 'good day' }).output).toContain('1 changed');
    expect(readFileSync(state, 'utf8')).toContain('"text": "good day"');
  });

  it('destroys it', () => {
    expect(laptop('destroy')).toMatchObject({ status: 0 });
    expect(readFileSync(state, 'utf8')).not.toContain('good day');
  });
});
