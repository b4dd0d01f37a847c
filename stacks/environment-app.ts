// Where the Terraform of an environment is written: each has its own folder. Beside its JSON, Terraform notes there which backend it
// works with; in a folder that environments share, Terraform would offer to move the other's state into its own bucket.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Manifest } from 'cdktf';
import type { EnvironmentName } from './settings.ts';

interface StackPaths {
  readonly workingDirectory: string;
  readonly synthesizedStackPath: string;
  readonly stackMetadataPath: string;
}

export class EnvironmentApp extends App {
  readonly #environment: EnvironmentName;
  readonly #root: string;

  /** Writes to `<root>/<environment>`. */
  constructor(environment: EnvironmentName, root: string) {
    const outdir = join(root, environment);
    // cdktf makes one folder, not those above.
    mkdirSync(outdir, { recursive: true });
    super({ outdir });
    this.#environment = environment;
    this.#root = root;
  }

  override synth(): void {
    super.synth();
    this.#leadCli();
  }

  /** The CLI knows the root alone, and reads there where each stack is. */
  #leadCli(): void {
    const manifest = JSON.parse(readFileSync(join(this.outdir, Manifest.fileName), 'utf8')) as {
      stacks: Record<string, StackPaths>;
    };
    const below = (path: string): string => join(this.#environment, path);
    const stacks = Object.entries(manifest.stacks).map(([name, stack]) => [
      name,
      {
        ...stack,
        workingDirectory: below(stack.workingDirectory),
        synthesizedStackPath: below(stack.synthesizedStackPath),
        stackMetadataPath: below(stack.stackMetadataPath),
      },
    ]);
    const led = { ...manifest, stacks: Object.fromEntries(stacks) };
    writeFileSync(join(this.#root, Manifest.fileName), `${JSON.stringify(led, undefined, 2)}\n`);
  }
}
