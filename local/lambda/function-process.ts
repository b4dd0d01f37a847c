// A handler file in, a process that runs it out. One event at a time; a crash or a timeout ends the process and is an
// outcome like any other, after which the next event gets a new process.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { messageOf } from '#runtime/errors.ts';
import { STANDARD_OUTPUT } from '../server/file-log.ts';
import type { Answer, FunctionError, Invocation } from './protocol.ts';

export interface FunctionOptions {
  /** Exports `handler(event, context)`. */
  readonly handlerFile: string;
  /** All of the function's environment: nothing is inherited but PATH. */
  readonly env: Readonly<Record<string, string>>;
  /** Takes what the function prints; `STANDARD_OUTPUT` for that of this process. */
  readonly logFile: string;
  /** The program that loads the handler. @default the source beside this one */
  readonly runtimeFile?: string;
  readonly functionName: string;
  readonly functionArn: string;
  /** Cold start included. */
  readonly timeoutMs: number;
}

export type Outcome =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error: FunctionError };

const RUNTIME = join(import.meta.dirname, 'main.ts');
const STOP_MS_MAX = 2_000;

/** A child and what is known of it. */
interface Running {
  readonly child: ChildProcess;
  /** Resolves with how it ended, once all its output has been read; never rejects. */
  readonly ended: Promise<string>;
  isWarm: boolean;
}

/** One execution environment: started with the first event, and again after each end. */
export class FunctionProcess {
  readonly #options: FunctionOptions;
  #running: Running | undefined;

  constructor(options: FunctionOptions) {
    this.#options = options;
  }

  /** Undefined while there is none. */
  get pid(): number | undefined {
    return this.#running?.child.pid;
  }

  /** Resolves with the outcome, whatever happens; never rejects. */
  async invoke(requestId: string, event: unknown): Promise<Outcome> {
    const { timeoutMs, functionArn } = this.#options;
    const running = (this.#running ??= this.#start());
    const deadline = Date.now() + timeoutMs;
    let isTimedOut = false;
    const timer = setTimeout(() => {
      isTimedOut = true;
      running.child.kill('SIGKILL');
    }, timeoutMs);
    const exchanged = this.#exchange(running, { requestId, event, functionArn, deadline });
    const outcome = await Promise.race([exchanged, running.ended.then((how) => crashed(requestId, how))]);
    clearTimeout(timer);
    return isTimedOut && !outcome.ok ? timedOut(requestId, timeoutMs) : outcome;
  }

  async #exchange(running: Running, invocation: Invocation): Promise<Outcome> {
    const { child } = running;
    if (!running.isWarm) {
      const started = await nextAnswer(child);
      if (started.type === 'init-failed') {
        this.#forget(running);
        return { ok: false, error: started.error };
      }
      running.isWarm = true;
    }
    const answered = nextAnswer(child);
    // An error here means that the child has ended, which `ended` reports.
    child.send(invocation, () => {});
    const answer = await answered;
    return answer.type === 'succeeded'
      ? { ok: true, result: answer.result }
      : { ok: false, error: 'error' in answer ? answer.error : unexpected(answer) };
  }

  #start(): Running {
    const { handlerFile, env, logFile, functionName, runtimeFile = RUNTIME } = this.#options;
    const log = logFile === STANDARD_OUTPUT ? 'inherit' : openSync(logFile, 'a');
    const child = spawn(process.execPath, ['--enable-source-maps', runtimeFile, handlerFile], {
      env: {
        PATH: process.env.PATH ?? '',
        LAMBDA_TASK_ROOT: dirname(handlerFile),
        AWS_LAMBDA_FUNCTION_NAME: functionName,
        ...env,
      },
      stdio: ['ignore', log, log, 'ipc'],
    });
    if (log !== 'inherit') closeSync(log);
    const running = { child, ended: endOf(child), isWarm: false };
    void running.ended.then(() => this.#forget(running));
    return running;
  }

  #forget(running: Running): void {
    if (this.#running === running) this.#running = undefined;
  }

  /** Ends the process, in the middle of an event too. */
  async stop(): Promise<void> {
    const { child, ended } = this.#running ?? {};
    if (!child) return;
    if (child.connected) child.disconnect();
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX);
    await ended;
    clearTimeout(timer);
  }
}

const nextAnswer = (child: ChildProcess): Promise<Answer> =>
  new Promise((resolve) => {
    child.once('message', (answer) => resolve(answer as Answer));
  });

/** How the process ended, in the words of Lambda's logs. */
async function endOf(child: ChildProcess): Promise<string> {
  try {
    await once(child, 'exit');
  } catch (error) {
    return `it did not start: ${messageOf(error)}`;
  }
  // Its last words may still be in the pipe.
  if (child.connected) await once(child, 'disconnect');
  return child.signalCode ? `signal: ${child.signalCode}` : `exit status ${child.exitCode}`;
}

const unexpected = ({ type }: Answer): FunctionError => ({
  errorType: 'Runtime.UnexpectedAnswer',
  errorMessage: `the function's process said "${type}"`,
});

const crashed = (requestId: string, how: string): Outcome => ({
  ok: false,
  error: {
    errorType: 'Runtime.ExitError',
    errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: ${how}`,
  },
});

const timedOut = (requestId: string, timeoutMs: number): Outcome => ({
  ok: false,
  error: {
    errorType: 'Sandbox.Timedout',
    errorMessage: `RequestId: ${requestId} Error: Task timed out after ${(timeoutMs / 1_000).toFixed(2)} seconds`,
  },
});
