// Ctrl-C, a signal or a failure in; everything that has started stopped, in reverse order, and the process ended.
import { messageOf } from '#runtime/errors.ts';
import { type Screen, seconds } from './screen.ts';

interface Part {
  readonly name: string;
  readonly stop: () => unknown;
}

/** Registers how to stop a part that has started; one without a name is stopped without a word. */
export type OnStop = (name: string, stop: Part['stop']) => void;

/** How this launcher ends. */
export interface Shutdown {
  readonly onStop: OnStop;
  /** For parts that need nothing of each other: they are stopped at once. */
  together(): OnStop;
  readonly isStopping: () => boolean;
  /** Says why, stops everything and ends the process; only the first call counts. */
  exit(code: number, why: string): Promise<never>;
}

/** npm hands on the Ctrl-C that the terminal has given to its whole group: one press, two signals. */
const SAME_PRESS_MS = 1_000;

/** How often it is looked whether npm still lives. */
const NPM_CHECK_MS = 500;

export function createShutdown(screen: Screen): Shutdown {
  const layers: Part[][] = [];
  const together = (): OnStop => {
    const layer: Part[] = [];
    layers.push(layer);
    return (name, stop) => void layer.push({ name, stop });
  };
  let stoppingSince: number | undefined;
  const exit = async (code: number, why: string): Promise<never> => {
    if (stoppingSince !== undefined) return new Promise<never>(() => {});
    stoppingSince = performance.now();
    screen.say(why);
    for (const layer of layers.toReversed()) await Promise.all(layer.map((part) => stopPart(part, screen)));
    if (layers.flat().some(({ name }) => name)) screen.say(`Stopped in ${seconds(stoppingSince)}.`);
    process.exit(code);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (stoppingSince === undefined)
        void exit(0, '\nStopping, last started first; Ctrl-C again does not wait for it.');
      else if (performance.now() - stoppingSince > SAME_PRESS_MS) process.exit(130);
    });
  }
  // A signal to npm ends its shell, which does not pass it on: without this, the process would run on and nothing would stop it.
  const { ppid, env } = process;
  if (env.npm_lifecycle_event) {
    const check = setInterval(() => {
      if (process.ppid !== ppid) void exit(0, '\nStopping, because npm has ended.');
    }, NPM_CHECK_MS);
    check.unref();
  }
  return {
    onStop: (name, stop) => together()(name, stop),
    together,
    isStopping: () => stoppingSince !== undefined,
    exit,
  };
}

async function stopPart({ name, stop }: Part, screen: Screen): Promise<void> {
  const since = performance.now();
  try {
    await stop();
    if (name) screen.part(name, 'stopped', since);
  } catch (error) {
    screen.warn(`${name} did not stop: ${messageOf(error)}`);
  }
}
