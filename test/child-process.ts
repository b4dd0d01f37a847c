// A module's source in, a real process of it out, and what any child prints: for rules about signals, exit codes and what reaches stdout.
import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const rootFolder = fileURLToPath(new URL('../', import.meta.url));

/** A child and everything it has printed so far. */
export interface ModuleProcess {
  readonly child: ChildProcess;
  /** Stdout and stderr together, in the order they came. */
  readonly output: () => string;
  /** Resolves once the output contains the text; rejects when the process ends before. */
  waitFor(text: string): Promise<void>;
  /** Exit code, or the signal's name. */
  readonly ended: Promise<number | string>;
}

/** Watches a child whose stdout and stderr are pipes. @param name for the error of `waitFor` */
export function watchChild(
  child: ChildProcessByStdio<null, Readable, Readable>,
  name = 'the process',
): ModuleProcess {
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      child.emit('printed');
    });
  }
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  const waitFor = async (text: string): Promise<void> => {
    while (!printed.includes(text)) {
      const end = await Promise.race([once(child, 'printed'), ended]);
      if (!Array.isArray(end) && !printed.includes(text))
        throw new Error(`${name} ended with ${end} before printing "${text}":\n${printed}`);
    }
  };
  return { child, output: () => printed, waitFor, ended };
}

/** Runs TypeScript-free ESM source; `#runtime/…` and `#contracts/…` imports work. */
export function runModule(source: string, env: Record<string, string> = {}): ModuleProcess {
  return watchChild(
    spawn(process.execPath, ['--input-type=module', '--eval', source], {
      cwd: rootFolder,
      env: { PATH: process.env.PATH ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
}

/** Runs the source to its end. */
export async function runToEnd(source: string, env: Record<string, string> = {}) {
  const running = runModule(source, env);
  const end = await running.ended;
  return { end, output: running.output() };
}
