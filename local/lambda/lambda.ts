// Lambda's asynchronous invocation on this machine: an event is on disk before it counts as taken, is tried three times with
// pauses between, and goes to the dead letters if all fail. At least once, over crashes of the function and of this host.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { isDoneWithin } from '#runtime/deadline.ts';
import { messageOf } from '#runtime/errors.ts';
import { createFileLog } from '../server/file-log.ts';
import { type FailureRecord, failureRecord } from './failure-record.ts';
import { FunctionPool } from './function-pool.ts';
import { type PendingEvent, PendingEvents } from './pending-events.ts';
import type { FunctionError } from './protocol.ts';

export interface LambdaOptions {
  /** Exports `handler(event, context)`. */
  readonly handlerFile: string;
  /** The function's environment; it inherits none. */
  readonly env: Readonly<Record<string, string>>;
  readonly dataDir: string;
  /** Takes what function and host have to say; `STANDARD_OUTPUT` for that of this process. */
  readonly logFile: string;
  /** The program that loads the handler. @default from its source */
  readonly runtimeFile?: string;
  /** Resolves when the record is safe. */
  readonly deadLetter: (record: FailureRecord) => Promise<void>;
  /** @default image-renditions */
  readonly functionName?: string;
  /** Events at a time, each in its own process. @default 2 */
  readonly concurrency?: number;
  /** Pauses before the second and the third try. AWS waits one and two minutes. @default [2_000, 4_000] */
  readonly retryDelaysMs?: readonly number[];
  /** @default 60_000 */
  readonly timeoutMs?: number;
  /** How long a stop waits for events that are running. @default 5_000 */
  readonly drainMsMax?: number;
}

export interface LambdaHost {
  /** Resolves once the event is on disk. */
  enqueue(event: unknown): Promise<void>;
  /** Resolves when every event is done or a dead letter. */
  idle(): Promise<void>;
  /** Process ids of the function, as of now. */
  readonly pids: () => number[];
  /** Waits a little for what is running, ends the processes; the rest is delivered at the next start. */
  stop(): Promise<void>;
}

const DEAD_LETTER_RETRY_MS = 2_000;

/** Opens the host on its folder and delivers the events that are left there. */
export async function startLambdaHost(options: LambdaOptions): Promise<LambdaHost> {
  const { dataDir, logFile, env, functionName = 'image-renditions', timeoutMs = 60_000 } = options;
  await mkdir(dataDir, { recursive: true });
  const log = createFileLog('lambda-host', logFile);
  const store = await PendingEvents.open(join(dataDir, 'pending'));
  const region = env.AWS_REGION ?? 'eu-central-1';
  const functionArn = `arn:aws:lambda:${region}:000000000000:function:${functionName}:$LATEST`;
  const pool = new FunctionPool(
    { ...options, functionName, functionArn, timeoutMs },
    options.concurrency ?? 2,
  );
  const stopping = new AbortController();
  const { retryDelaysMs = [2_000, 4_000], drainMsMax = 5_000, deadLetter } = options;
  const invoker = { store, log, pool, functionArn, retryDelaysMs, deadLetter, signal: stopping.signal };

  /** One for each event that is not done; none of them rejects. */
  const open = new Set<Promise<void>>();
  const take = (pending: PendingEvent): void => {
    const done = seeThrough(invoker, pending).catch((error: unknown) => {
      if (!stopping.signal.aborted)
        log.error({ reason: messageOf(error) }, 'event is left for the next start');
    });
    open.add(done);
    void done.finally(() => open.delete(done));
  };
  for (const left of await store.load((file) => log.error({ file }, 'event cannot be read'))) take(left);

  return {
    async enqueue(event) {
      const pending = await store.add(event);
      if (!stopping.signal.aborted) take(pending);
    },
    async idle() {
      while (open.size > 0) await Promise.all(open);
    },
    pids: () => pool.pids(),
    async stop() {
      stopping.abort();
      await isDoneWithin(drainMsMax, Promise.all(open));
      await pool.stop();
      await Promise.all(open);
    },
  };
}

interface Invoker extends Pick<LambdaOptions, 'deadLetter'> {
  readonly store: PendingEvents;
  readonly log: Logger;
  readonly pool: FunctionPool;
  readonly functionArn: string;
  readonly retryDelaysMs: readonly number[];
  /** Set when the host stops: what has not ended then is left for the next start. */
  readonly signal: AbortSignal;
}

/** Tries an event until it is done or a dead letter. */
async function seeThrough(invoker: Invoker, event: PendingEvent): Promise<void> {
  const { store, log, pool, retryDelaysMs, signal } = invoker;
  for (let pending = event; ; ) {
    const outcome = await pool.invoke(pending.id, pending.event, signal);
    if (outcome?.ok) return store.remove(pending);
    // A try that we ended ourselves does not count.
    if (!outcome || signal.aborted) return undefined;
    const { error } = outcome;
    pending = { ...pending, failures: pending.failures + 1 };
    await store.save(pending);
    log.warn({ requestId: pending.id, failures: pending.failures, ...error }, 'try failed');
    const delayMs = retryDelaysMs[pending.failures - 1];
    if (delayMs === undefined) return bury(invoker, pending, error);
    await sleep(delayMs, undefined, { signal });
  }
}

/** Hands the event to the dead letters; the file goes only when they have it. */
async function bury(invoker: Invoker, pending: PendingEvent, error: FunctionError): Promise<void> {
  const { store, log, functionArn, deadLetter, signal } = invoker;
  for (;;) {
    try {
      await deadLetter(failureRecord(pending, functionArn, error));
      log.error({ requestId: pending.id, ...error }, 'event went to the dead letters');
      return await store.remove(pending);
    } catch (reason) {
      log.error({ requestId: pending.id, reason: messageOf(reason) }, 'dead letters cannot be reached');
      await sleep(DEAD_LETTER_RETRY_MS, undefined, { signal });
    }
  }
}
