// One checkout, several environments, the real Terraform by the cdktf CLI, and an S3: states never mix, and are encrypted by the
// key of their bucket.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { stateBucketName, stateKeyArn } from '../../stacks/constructs/platform-stack.ts';
import { SETTINGS as WRITTEN } from '../infra/synth.ts';
import { describeWithTerraform } from '../terraform/with-terraform.ts';
import { CDKTF_PROGRAM } from './cli.ts';
import { openStateStore, type StateStore } from './state-store.ts';

// Each command of the CLI starts Node twice and Terraform a few times.
jest.setTimeout(300_000);
const ROOT = join(import.meta.dirname, '../..');
type Environment = 'dev' | 'prod';
interface State {
  readonly resources?: readonly {
    readonly instances: readonly {
      readonly attributes: {
        readonly id: string;
        readonly input: { readonly value: { readonly text: string } };
      };
    }[];
  }[];
}
/** Both environments in one account, so that the account check stops neither: only the layout keeps them apart. */
const ACCOUNT = WRITTEN.dev.aws.accountId;
const inOneAccount = (environment: Environment) => ({
  ...WRITTEN[environment],
  aws: { ...WRITTEN[environment].aws, accountId: ACCOUNT },
});
const SETTINGS = { dev: inOneAccount('dev'), prod: inOneAccount('prod') };
const placeOf = (environment: Environment): string =>
  `${stateBucketName(SETTINGS[environment])}/${environment}/noted.tfstate`;
const noteOf = (environment: Environment): string => `made for ${environment}`;

describe('the pages', () => {
  const MOVES_STATES = /-migrate-state|-force-copy|-reconfigure|state (push|mv)/;
  it.each(['README.md', 'docs/deploy.md', 'stacks/README.md'])(
    'teach no flag that moves a state: %s',
    (page) => {
      expect(readFileSync(join(ROOT, page), 'utf8')).not.toMatch(MOVES_STATES);
    },
  );

  it('negative control: what deploy.md said once is seen', () => {
    expect('`npx cdktf deploy bootstrap --migrate-state`').toMatch(MOVES_STATES);
  });
});

describeWithTerraform('states of environments in one checkout', (terraform) => {
  let store: StateStore;
  let checkout: string;
  beforeEach(async () => {
    checkout = mkdtempSync(join(tmpdir(), 'checkout-'));
    store = await openStateStore([stateBucketName(SETTINGS.dev), stateBucketName(SETTINGS.prod)]);
  });
  afterEach(async () => {
    await store.close();
    rmSync(checkout, { recursive: true, force: true });
  });

  interface Ended {
    readonly code: number;
    readonly output: string;
  }
  /** `cdktf <command> noted` with the environment's settings, in one folder for both environments. */
  function cdktf(environment: Environment, command: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const app = `node ${join(ROOT, 'test/cdktf/state-app.ts')}`;
    const args = [CDKTF_PROGRAM, ...command, '--app', app, '--output', join(checkout, 'cdktf.out')];
    return new Promise<Ended>((resolve) => {
      execFile(
        process.execPath,
        args,
        {
          cwd: ROOT,
          env: {
            ...process.env,
            ...store.environmentOf(ACCOUNT),
            AWS_ACCOUNT: ACCOUNT,
            CHECKPOINT_DISABLE: '1',
            CI: 'true',
            TF_CLI_CONFIG_FILE: devNull,
            TERRAFORM_BINARY_NAME: terraform.path,
            SHOP_ENVIRONMENT: environment,
            ...env,
          },
        },
        (error, stdout, stderr) => {
          resolve({
            code: typeof error?.code === 'number' ? error.code : error ? 1 : 0,
            output: stdout + stderr,
          });
        },
      );
    });
  }
  const deploy = (environment: Environment, env: NodeJS.ProcessEnv = {}, flags: readonly string[] = []) =>
    cdktf(environment, ['deploy', 'noted', '--auto-approve', ...flags], env);

  const resourceIn = async (environment: Environment) => {
    const state = JSON.parse((await store.read(placeOf(environment))) ?? '{}') as State;
    return state.resources![0]!.instances[0]!.attributes;
  };
  const noteIn = async (environment: Environment) => (await resourceIn(environment)).input.value.text;
  const idIn = async (environment: Environment) => (await resourceIn(environment)).id;

  it('are each in their own bucket, encrypted by its key, in any order of deployments', async () => {
    for (const environment of ['dev', 'prod'] as const)
      expect(await deploy(environment)).toMatchObject({
        code: 0,
        output: expect.stringContaining('1 added'),
      });
    // Even with the flag that moves states there is nothing to be moved.
    for (const environment of ['dev', 'prod'] as const)
      expect(await deploy(environment, {}, ['--migrate-state'])).toMatchObject({
        code: 0,
        output: expect.stringContaining('0 added, 0 changed, 0 destroyed'),
      });
    expect([await noteIn('dev'), await noteIn('prod')]).toEqual([noteOf('dev'), noteOf('prod')]);
    expect(await idIn('dev')).not.toBe(await idIn('prod'));
    for (const environment of ['dev', 'prod'] as const) {
      const wanted = { algorithm: 'aws:kms', keyId: stateKeyArn(SETTINGS[environment]) };
      expect(store.written.get(placeOf(environment))).toEqual(wanted);
      expect(store.written.get(`${placeOf(environment)}.tflock`)).toEqual(wanted);
    }
  });

  it('of another account are not touched', async () => {
    const { code, output } = await deploy('prod', { AWS_ACCOUNT: WRITTEN.prod.aws.accountId });
    expect(code).not.toBe(0);
    expect(output).toContain('AWS account ID not allowed');
  });

  it('move from a file into the bucket, and back, by a copy that names the environment', async () => {
    const file = join(checkout, 'noted.dev.tfstate');
    const noted = join(checkout, 'cdktf.out/dev/stacks/noted/.terraform');
    expect(await deploy('dev', { STATE: 'file' })).toMatchObject({ code: 0 });
    expect(readFileSync(file, 'utf8')).toContain(noteOf('dev'));

    await store.write(placeOf('dev'), readFileSync(file, 'utf8'));
    rmSync(file);
    rmSync(noted, { recursive: true });
    expect((await cdktf('dev', ['diff', 'noted'])).output).toContain('No changes');

    // Without the copy Terraform would begin with an empty state.
    rmSync(noted, { recursive: true });
    expect((await cdktf('dev', ['diff', 'noted'], { STATE: 'file' })).output).toContain('1 to add');
    writeFileSync(file, (await store.read(placeOf('dev')))!);
    expect((await cdktf('dev', ['diff', 'noted'], { STATE: 'file' })).output).toContain('No changes');
  });

  it('negative control: in one folder for all environments, the flag moves one’s state into the other’s bucket', async () => {
    const shared = { STATE_LAYOUT: 'shared' };
    expect(await deploy('dev', shared)).toMatchObject({ code: 0 });
    const refused = await deploy('prod', shared);
    expect(refused).toMatchObject({ code: 1, output: expect.stringContaining('migrate') });
    expect(await store.read(placeOf('prod'))).toBeUndefined();
    const moved = await deploy('prod', shared, ['--migrate-state']);
    expect(moved).toMatchObject({ code: 0, output: expect.stringContaining('0 added, 1 changed') });
    expect(await idIn('prod')).toBe(await idIn('dev'));
  });

  it('negative control: without the key’s name Terraform asks for another encryption', async () => {
    expect(await deploy('dev', { UNKEYED: '1' })).toMatchObject({ code: 0 });
    expect(store.written.get(placeOf('dev'))).toEqual({ algorithm: 'AES256', keyId: undefined });
  });
});
