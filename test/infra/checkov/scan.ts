// One run of checkov over the Terraform of several environments, and what it failed there.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '#runtime/errors.ts';
import { STACKS, type StackName } from '../../../stacks/platform.ts';
import type { EnvironmentName } from '../../../stacks/settings.ts';
import type { Block } from '../blocks.ts';
import type { Model } from '../model.ts';
import type { Checkov } from './installed-checkov.ts';
import type { Found } from './waivers.ts';

/** What a scan says of one environment. */
export interface Scanned {
  /** A check that crashed is a fault too: it judged nothing. */
  readonly faults: readonly Found[];
  readonly passedCount: number;
}
export type Models = Readonly<Partial<Record<EnvironmentName, Model>>>;

/** @throws AppError `checkov-failed` when it does not run to its end, or reads less than was written */
export function scan(checkov: Checkov, models: Models): ReadonlyMap<EnvironmentName, Scanned> {
  const folder = mkdtempSync(join(tmpdir(), 'checkov-'));
  try {
    for (const [environment, model] of Object.entries(models)) writeStacks(join(folder, environment), model);
    const args = [
      '--directory',
      folder,
      '--framework',
      'terraform_json',
      '--output',
      'json',
      '--skip-download',
      '--compact',
    ];
    const { stdout, stderr, error } = spawnSync(checkov.path, args, {
      encoding: 'utf8',
      maxBuffer: 256 * 1024 * 1024,
      env: { ...process.env, LOG_LEVEL: 'ERROR', HOME: folder },
    });
    return readReport(parsed(stdout, error?.message ?? stderr), stderr, models);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Its reader crashes on a required version and on ephemeral blocks (3.3.30): it gets neither. */
function writeStacks(folder: string, model: Model): void {
  for (const name of STACKS) {
    const { ephemeral: _ephemeral, ...stack } = model.json[name];
    const { required_version: _version, ...terraform } = stack.terraform;
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, 'cdk.tf.json'), JSON.stringify({ ...stack, terraform }, undefined, 1));
  }
}

interface Check {
  readonly check_id: string;
  readonly check_name: string;
  /** `/prod/aws/cdk.tf.json` */
  readonly file_path: string;
  /** `aws_s3_bucket.raw`; for some types `resource.raw` or `data.raw`, without the type. */
  readonly resource: string;
}
interface Report {
  readonly results: { readonly failed_checks: readonly Check[]; readonly passed_checks: readonly Check[] };
  readonly summary: { readonly parsing_errors: number };
}

function parsed(stdout: string, reason: string): Report {
  try {
    return JSON.parse(stdout) as Report;
  } catch (cause) {
    throw new AppError('checkov-failed', `checkov printed no report: ${reason.slice(-2_000)}`, {}, cause);
  }
}

/** The report of a run, by environment. */
export function readReport(
  { results, summary }: Report,
  stderr: string,
  models: Models,
): ReadonlyMap<EnvironmentName, Scanned> {
  if (summary.parsing_errors > 0)
    throw new AppError('checkov-failed', `checkov could not read ${summary.parsing_errors} files`);
  const crashed = [...stderr.matchAll(/Failed to run check (\S+) on (\S+\.json):(\S+)/g)].map(
    ([, check_id = '', file_path = '', resource = '']): Check => ({
      check_id,
      check_name: 'crashed, and judged nothing',
      file_path,
      resource,
    }),
  );
  const of = (environment: string, checks: readonly Check[]) =>
    checks.filter(({ file_path }) => file_path.startsWith(`/${environment}/`));
  return new Map(
    Object.entries(models).map(([name, model]) => {
      const passedCount = of(name, results.passed_checks).length;
      if (passedCount === 0) throw new AppError('checkov-failed', `checkov judged nothing of ${name}`);
      const faults = of(name, [...results.failed_checks, ...crashed]).map(
        (check): Found => ({
          environment: name as EnvironmentName,
          rule: check.check_id,
          address: addressOf(model, check),
          text: check.check_name,
        }),
      );
      return [name as EnvironmentName, { faults, passedCount }];
    }),
  );
}

/** As our own policies write it: `aws/aws_s3_bucket.raw`. */
function addressOf(model: Model, { file_path, resource }: Check): string {
  const stack = file_path.split('/')[2] as StackName;
  const whole = `${stack}/${resource}`;
  if (model.at(whole)) return whole;
  const name = resource.replace(/^(resource|data)\./, '');
  const isData = resource.startsWith('data.');
  const named = model.blocks.filter(
    (block: Block) =>
      block.stack === stack && block.name === name && block.type.startsWith('data.') === isData,
  );
  return named.length === 1 ? named[0]!.address : whole;
}
