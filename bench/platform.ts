// A whole platform for a bench: `npm start` in a new folder and on other ports, with everything deleted afterwards.
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { RunState } from '../local/launcher/run-file.ts';
import { freePorts, launch, recordedRun } from '../test/launcher.ts';

/** A platform that is ready. */
export interface BenchPlatform {
  readonly launcherPid: number;
  readonly run: RunState;
  /** The addresses that commands find in `.local/env`. */
  readonly env: NodeJS.Dict<string>;
}

/** Starts a platform without sample photos, hands it to the work, and stops it however that ends. `settings` are the services'. */
export async function onPlatform(
  work: (platform: BenchPlatform) => Promise<void>,
  settings: Readonly<Record<string, string>> = {},
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-platform-'));
  // Postgres runs as another user when this one is root.
  await chmod(folder, 0o755);
  console.error('starting a platform of its own');
  const launcher = launch({ ...(await freePorts()), ...settings, LOCAL_DIR: folder });
  // Ctrl-C on a terminal reaches the launcher too; a signal to this process alone must not leave it behind.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => launcher.child.kill('SIGINT'));
  try {
    await launcher.waitFor('Ready');
    await work({
      launcherPid: launcher.child.pid!,
      run: await recordedRun(folder),
      env: parseEnv(await readFile(join(folder, 'env'), 'utf8')),
    });
  } finally {
    launcher.child.kill('SIGINT');
    await launcher.ended;
    await rm(folder, { recursive: true, force: true });
  }
}
