// Runs the terraform program over a synthesized stack, in a new folder that is deleted afterwards.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '#runtime/errors.ts';
import type { StackJson } from '../infra/synth.ts';
import type { Terraform } from './find-terraform.ts';
import { providerSchemas } from './provider-schemas.ts';
import { serveSchemas } from './schema-server.ts';

/** Where Terraform gets the providers: stand-ins that know a schema, or the registry. */
export interface Providers {
  readonly variables: Readonly<Record<string, string>>;
  /** Whether they must be fetched for each folder. */
  readonly needsInit: boolean;
  stop(): void;
}

/** The stand-ins, for what is in the stacks; the registry's providers where the environment asks for them. */
export async function openProviders(stacks: readonly StackJson[]): Promise<Providers> {
  if (wantsRegistry) return registryProviders();
  const servers = await serveSchemas(await providerSchemas(stacks));
  return { needsInit: false, ...servers };
}

const wantsRegistry = process.env.TERRAFORM_REGISTRY === '1';
/** Against what stacks are judged, for the titles of tests. */
export const providersLabel = wantsRegistry ? 'providers of the registry' : 'shallow schema';
/** Ends what hangs, and is no verdict: a busy machine takes minutes, and so do the registry's providers, downloaded once. */
export const testMsMax = 600_000;

/** Downloaded into the project's cache. */
function registryProviders(): Providers {
  const cacheFolder = fileURLToPath(new URL('../../.cache/terraform-providers', import.meta.url));
  mkdirSync(cacheFolder, { recursive: true });
  return { needsInit: true, variables: { TF_PLUGIN_CACHE_DIR: cacheFolder }, stop: () => {} };
}

/** Terraform's finding about one place. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly summary: string;
  readonly detail?: string;
  readonly address?: string;
  readonly snippet?: { readonly context?: string | null; readonly code?: string };
}

/** Each as one line that names the place. */
export const faultsOf = (diagnostics: readonly Diagnostic[]): string[] =>
  diagnostics
    .filter(({ severity }) => severity === 'error')
    .map(({ summary, detail, address, snippet }) =>
      [address ?? snippet?.context, summary, detail].filter(Boolean).join(': '),
    );

/** What `terraform validate` has against the stack; empty when nothing. */
export async function validate(
  terraform: Terraform,
  providers: Providers,
  stack: StackJson,
): Promise<string[]> {
  return inFolder({ 'cdk.tf.json': stack }, async (folder) => {
    const run = runIn(folder, terraform, providers);
    if (providers.needsInit) await mustSucceed(run, ['init', '-backend=false', '-input=false', '-no-color']);
    const { stdout, stderr } = await run(['validate', '-json', '-no-color']);
    const { diagnostics } = parsed(stdout, stderr) as { diagnostics: Diagnostic[] };
    return faultsOf(diagnostics);
  });
}

/** The lines of `terraform test -json -verbose` over the stack and one test file. */
export async function test(
  terraform: Terraform,
  providers: Providers,
  { stack, testFile }: { readonly stack: StackJson; readonly testFile: object },
): Promise<unknown[]> {
  return inFolder({ 'cdk.tf.json': stack, 'plan.tftest.json': testFile }, async (folder) => {
    const run = runIn(folder, terraform, providers);
    if (providers.needsInit) await mustSucceed(run, ['init', '-backend=false', '-input=false', '-no-color']);
    const { stdout, stderr } = await run(['test', '-json', '-verbose', '-no-color']);
    return stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => parsed(line, stderr));
  });
}

async function inFolder<T>(
  files: Readonly<Record<string, object>>,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'terraform-'));
  try {
    // On lines, so that Terraform's messages quote one argument and not the file.
    for (const [name, content] of Object.entries(files))
      writeFileSync(join(folder, name), JSON.stringify(content, undefined, 2));
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}
type Run = (args: readonly string[]) => Promise<Ended>;

/** Nothing of the machine's own Terraform settings takes part: no mirrors, no arguments, no log. */
function runIn(folder: string, { path }: Terraform, { variables }: Providers): Run {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('TF_'));
  const env = {
    ...Object.fromEntries(own),
    TF_CLI_CONFIG_FILE: devNull,
    CHECKPOINT_DISABLE: '1',
    ...variables,
  };
  return (args) =>
    new Promise((resolve) => {
      execFile(path, args, { cwd: folder, env, maxBuffer: 256 * 1024 * 1024 }, (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, stdout, stderr });
      });
    });
}

async function mustSucceed(run: Run, args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await run(args);
  if (code !== 0) throw new AppError('terraform-failed', `terraform ${args.join(' ')}:\n${stdout}${stderr}`);
}

function parsed(text: string, stderr: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError('terraform-unreadable', `terraform printed no JSON:\n${text}${stderr}`, {}, cause);
  }
}
