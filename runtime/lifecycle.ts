// Start, run, drain: SIGTERM and SIGINT stop the parts in reverse order of their start, within a deadline.
import { DRAIN_SECONDS_MAX } from '#contracts/shutdown.ts';
import './closed-pipe.ts';
import { messageOf } from './errors.ts';
import type { Logger } from './log.ts';

/** Stops one part; called once, and awaited when it returns a promise. */
export type Stop = () => unknown;

export interface Lifecycle {
  /** Registers how to stop a part that has started. */
  onStop(name: string, stop: Stop): void;
  readonly isStopping: () => boolean;
  /** Stops everything and ends the process with this code. */
  exit(code: number, reason: string): Promise<never>;
}

/** One per process. The second signal, or the deadline, ends the process at once. */
export function createLifecycle(log: Logger, drainMsMax = DRAIN_SECONDS_MAX * 1_000): Lifecycle {
  const parts: { name: string; stop: Stop }[] = [];
  let isStopping = false;

  const exit = async (code: number, reason: string): Promise<never> => {
    if (isStopping) return new Promise<never>(() => {});
    isStopping = true;
    if (code === 0) log.info({ reason }, 'stopping');
    else log.fatal({ reason }, 'stopping, since it cannot go on');
    // Not unref'ed: with nothing else left to wait for, a part that never stops would pass for a clean end.
    setTimeout(() => {
      log.error({ drainMsMax }, 'did not drain in time');
      process.exit(code || 1);
    }, drainMsMax);
    for (const part of parts.toReversed()) {
      try {
        await part.stop();
      } catch (error) {
        log.error({ part: part.name, reason: messageOf(error) }, 'part did not stop cleanly');
      }
    }
    log.info('stopped');
    process.exit(code);
  };

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (isStopping) process.exit(130);
      void exit(0, signal);
    });
  }
  process.on('unhandledRejection', (error) => void exit(1, `unhandled rejection: ${messageOf(error)}`));
  return { onStop: (name, stop) => parts.push({ name, stop }), isStopping: () => isStopping, exit };
}

/** Runs a process's main: a failed start prints one clear message and ends with code 1. */
export function runMain(main: () => Promise<void>): void {
  main().catch((error: unknown) => {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exit(1);
  });
}
