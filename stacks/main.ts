// Writes the Terraform of all stacks of one environment: offline, without credentials, without Terraform. The cdktf CLI runs
// this same program (cdktf.json) and sets where it writes.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs, styleText } from 'node:util';
import { builtArtifacts } from './built-artifacts.ts';
import { EnvironmentApp } from './environment-app.ts';
import { readEnvironment } from './environments/environments.ts';
import { buildPlatform, STACKS } from './platform.ts';
import { ENVIRONMENTS, SettingsError } from './settings.ts';

const HELP = `Writes the Terraform of all stacks of one environment; before, npm run synth writes the manifests of all
(npm run manifests).

  npm run synth [-- --environment <name>] [--out <folder>]

  --environment   ${ENVIRONMENTS.join(', ')}; by default SHOP_ENVIRONMENT, or else dev
  --out           the folder above those of the environments, by default cdktf.out
  --help          this text

SHOP_ENVIRONMENT chooses for the cdktf CLI too: SHOP_ENVIRONMENT=prod npx cdktf diff aws`;

const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(2)} s`;
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const done = styleText('green', '✓', { stream: process.stdout });

function main(): void {
  const { values } = parseArgs({
    options: {
      environment: { type: 'string' },
      out: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return say(HELP);
  const startedAt = performance.now();
  const settings = readEnvironment(values.environment ?? process.env.SHOP_ENVIRONMENT ?? 'dev');
  const { analytics } = settings;
  const artifacts = builtArtifacts((program) => say(`  · building ${program.replace(/\/build\.ts$/, '')}`), {
    hasFlinkJob: analytics.engine === 'flink' && analytics.run !== undefined,
  });
  const app = new EnvironmentApp(settings.environment, values.out ?? process.env.CDKTF_OUTDIR ?? 'cdktf.out');
  let since = performance.now();
  buildPlatform(app, settings, artifacts, (name) => {
    say(`  ${done} ${name.padEnd(10)} ${seconds(since)}`);
    since = performance.now();
  });
  app.synth();
  for (const name of STACKS) {
    const file = join(app.outdir, 'stacks', name, 'cdk.tf.json');
    say(`  ${String(countResources(file)).padStart(4)} resources   ${relative('.', file)}`);
  }
  say(
    `${settings.environment}: ${readdirSync(join(app.outdir, 'stacks')).length} stacks in ${seconds(startedAt)}`,
  );
}

function countResources(file: string): number {
  const { resource = {} } = JSON.parse(readFileSync(file, 'utf8')) as { resource?: Record<string, object> };
  return Object.values(resource).reduce((sum, named) => sum + Object.keys(named).length, 0);
}

try {
  main();
} catch (error) {
  // A fault in the settings needs a sentence, a fault of ours its stack.
  process.stderr.write(`${error instanceof SettingsError ? error.message : (error as Error).stack}\n`);
  process.exitCode = 1;
}
