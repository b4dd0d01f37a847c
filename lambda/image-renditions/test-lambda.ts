// The built zip in, a process that runs it as Lambda does out: unpacked outside the repository, called with JSON events.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import type { Artifact } from '../build-record.ts';
import { ZIP_PATH } from './build.ts';

/** How an invocation ended. */
export interface Outcome {
  /** The message of what the handler threw. */
  readonly error?: string;
  /** Highest memory of the process so far, in MiB. */
  readonly memoryMiB: number;
}

/** A warm function. */
export interface LambdaProcess {
  invoke(event: unknown): Promise<Outcome>;
  /** Everything it has printed. */
  readonly output: () => string;
  stop(): Promise<void>;
}

/** Builds by the command that a person runs, which keeps a fresh artifact unless `--anew` is among the arguments. */
export async function builtArtifact(...args: readonly string[]): Promise<Artifact> {
  const command = [join(import.meta.dirname, 'build.ts'), ...args];
  const { stdout } = await promisify(execFile)(process.execPath, command);
  return { ...(JSON.parse(stdout) as Artifact), path: ZIP_PATH };
}

/** Unpacks the zip into a new folder where nothing of the repository can be found by accident. */
export async function unpackArtifact(zipPath: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'image-renditions-'));
  for (const [path, content] of Object.entries(unzipSync(await readFile(zipPath)))) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}

export const removeFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });

/** Stands in for Lambda's runtime: loads `handler.handler` once and hands it one event after the other. */
const RUNTIME = `
  const { handler } = await import(process.env.LAMBDA_TASK_ROOT + '/handler.mjs');
  process.on('message', async (event) => {
    const outcome = await handler(event).then(() => ({}), (thrown) => ({ error: String(thrown.message) }));
    process.send({ ...outcome, memoryMiB: process.resourceUsage().maxRSS / 1024 });
  });
  process.send('warm');
`;

/**
 * Starts the function and waits for its cold start.
 * @throws Error with what the process printed, when the cold start fails
 */
export async function startLambda(folder: string, env: Record<string, string>): Promise<LambdaProcess> {
  const child = spawn(process.execPath, ['--enable-source-maps', '--input-type=module', '--eval', RUNTIME], {
    cwd: folder,
    env: { LAMBDA_TASK_ROOT: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  const ended = once(child, 'close').then((): never => {
    throw new Error(`the function ended:\n${printed}`);
  });
  ended.catch(() => {});
  await Promise.race([once(child, 'message'), ended]);
  return {
    async invoke(event) {
      const answer = once(child, 'message');
      child.send(event as object);
      const [outcome] = await Promise.race([answer, ended]);
      return outcome as Outcome;
    },
    output: () => printed,
    async stop() {
      child.kill('SIGTERM');
      await ended.catch(() => {});
    },
  };
}
