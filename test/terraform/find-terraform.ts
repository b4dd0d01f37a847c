// Which terraform program the specs run: the one that TERRAFORM_PATH names, else the first on the PATH, from 1.11 on.
import { spawnSync } from 'node:child_process';

/** Ephemeral resources and write-only arguments, which the stacks use, came with it (HashiCorp, "Terraform 1.11"). */
const MINOR_MIN = 11;

/** A program that can be run. */
export interface Terraform {
  readonly path: string;
  readonly version: string;
}
/** Why there is none. */
export interface NoTerraform {
  readonly missing: string;
}

/** What `terraform version -json` of a program prints; undefined when it does not run. */
export type AskVersion = (path: string) => string | undefined;

/**
 * @throws Error when the program that TERRAFORM_PATH names cannot be used: an explicit setting is not ignored
 */
export function findTerraform(env: NodeJS.ProcessEnv, ask: AskVersion = askProgram): Terraform | NoTerraform {
  const named = env.TERRAFORM_PATH;
  const path = named || 'terraform';
  const found = judge(path, ask(path));
  if (named && 'missing' in found) throw new Error(`TERRAFORM_PATH names ${named}, and ${found.missing}`);
  return found;
}

function judge(path: string, printed: string | undefined): Terraform | NoTerraform {
  if (printed === undefined) return { missing: `${path} does not run` };
  const version = versionIn(printed);
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number);
  if (!version) return { missing: `${path} does not print its version` };
  if (major < 1 || (major === 1 && minor < MINOR_MIN))
    return { missing: `${path} is ${version}, and 1.${MINOR_MIN} or later is needed` };
  return { path, version };
}

function versionIn(printed: string): string | undefined {
  try {
    return (JSON.parse(printed) as { terraform_version?: string }).terraform_version;
  } catch {
    return undefined;
  }
}

function askProgram(path: string): string | undefined {
  const { status, stdout } = spawnSync(path, ['version', '-json'], {
    encoding: 'utf8',
    env: { ...process.env, CHECKPOINT_DISABLE: '1' },
  });
  return status === 0 ? stdout : undefined;
}
