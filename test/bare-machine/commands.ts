// Commands as a person types them in a terminal, for the bare machine.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '#runtime/errors.ts';
import { kill } from '../../local/launcher/process-identity.ts';

export type Environment = Record<string, string | undefined>;

/** A command that runs, and all that it has started. */
export interface StartedCommand {
  readonly child: ChildProcess;
  readonly lines: () => string[];
  readonly ended: Promise<number | string>;
  waitFor(text: string, msMax: number): Promise<void>;
  /** As Ctrl-C on a terminal does: to npm and all that it has started there. */
  interrupt(): void;
}

/** In a new process group, as a shell does for a terminal. */
export function startCommand(
  [command = '', ...args]: string[],
  cwd: string,
  env: Environment,
): StartedCommand {
  const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  const waitFor = async (text: string, msMax: number): Promise<void> => {
    for (const deadline = Date.now() + msMax; !printed.includes(text); await sleep(100)) {
      if (child.exitCode !== null || Date.now() > deadline)
        throw new AppError(
          'command-failed',
          `${command} ${args.join(' ')} did not say "${text}":\n${printed.slice(-4_000)}`,
        );
    }
  };
  return {
    child,
    lines: () => printed.split('\n'),
    ended,
    waitFor,
    interrupt: () => kill(-child.pid!, 'SIGINT'),
  };
}

/** To its end. @throws AppError with what it printed */
export async function runCommandToEnd(command: string[], cwd: string, env: Environment): Promise<string> {
  const started = startCommand(command, cwd, env);
  const end = await started.ended;
  const output = started.lines().join('\n');
  if (end !== 0)
    throw new AppError('command-failed', `${command.join(' ')} ended with ${end}:\n${output.slice(-4_000)}`);
  return output;
}
