// Uncaught errors of a worker in which no spec runs any longer: a promise that a finished spec left behind.
// Jest knows no spec to blame and would lose them; here they go to the closing reporter, which counts them.
import { inspect } from 'node:util';
import { isWorker, tellReporter } from './to-reporter.ts';

let lastSpec = 'any spec';

/** Takes the place of jest's own listener, which ends the worker, and the next spec gets a new one: nothing fails. */
export function keepLateErrors(): void {
  // The process of jest itself is no worker; there an uncaught error ends the run.
  if (!isWorker) return;
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.removeAllListeners(event);
    process.on(event, (error: unknown) => {
      tellReporter({ isFailure: true, text: `After the end of ${lastSpec}: ${inspect(error)}` });
    });
  }
}

/** The spec files that a late error may come from. */
export function noteSpec(path: string): void {
  lastSpec = path;
}
