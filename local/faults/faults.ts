// Faults on a switch: one at a time, each for its own time. Guarantee: whoever starts one need not end it; its repair begins by itself
// when its time is over, and at once when the platform stops; then the records are compared.
import { AppError, messageOf } from '#runtime/errors.ts';

/** What a fault is given while it runs. */
export interface FaultRun {
  /** Aborted when its time is over, or the platform stops. */
  readonly over: AbortSignal;
  /** Aborted when the platform stops: nothing is awaited any more. */
  readonly closing: AbortSignal;
  /** A line for people about what has just happened. */
  say(words: string): void;
}

export interface Fault {
  /** In addresses: `broker-down`. */
  readonly name: string;
  readonly title: string;
  /** What breaks, and what to look at meanwhile. */
  readonly about: string;
  readonly seconds: number;
  /** Breaks something, waits until its time is over, and repairs it. */
  run(at: FaultRun): Promise<void>;
  /** Proves that nothing was lost or counted twice. @throws AppError when records differ */
  compare(at: FaultRun): Promise<void>;
}

/** What is known of a fault now. `failed`: its last run could not be done or repaired, or records differ after it. */
export interface FaultState extends Pick<Fault, 'name' | 'title' | 'about' | 'seconds'> {
  readonly phase: 'ready' | 'broken' | 'repairing' | 'comparing' | 'failed';
  /** Of the last run, or of this one. */
  readonly startedAt?: string;
  readonly overAt?: string;
  readonly endedAt?: string;
  readonly steps: readonly { readonly at: string; readonly words: string }[];
}

export interface Faults {
  readonly states: () => readonly FaultState[];
  /** @throws AppError `fault-unknown`, `fault-running` while any is not yet repaired */
  start(name: string): FaultState;
  /** Ends what is broken now, and waits for its repair; nothing can be started after it. */
  close(): Promise<void>;
}

export function createFaults(faults: readonly Fault[]): Faults {
  const states = new Map<string, FaultState>(faults.map((fault) => [fault.name, freshState(fault)]));
  const closing = new AbortController();
  let running: Promise<void> | undefined;

  const run = async (fault: Fault): Promise<void> => {
    const change = (part: Partial<FaultState>): void => {
      states.set(fault.name, { ...states.get(fault.name)!, ...part });
    };
    const say = (words: string): void =>
      change({ steps: [...states.get(fault.name)!.steps, { at: now(), words }] });
    const end = new AbortController();
    const timer = setTimeout(() => end.abort(), fault.seconds * 1_000);
    closing.signal.addEventListener('abort', () => end.abort(), { once: true });
    end.signal.addEventListener('abort', () => change({ phase: 'repairing', overAt: now() }), { once: true });
    const at: FaultRun = { over: end.signal, closing: closing.signal, say };
    try {
      await fault.run(at);
      if (!closing.signal.aborted) {
        change({ phase: 'comparing' });
        await fault.compare(at);
      }
      change({ phase: 'ready' });
    } catch (error) {
      // What follows is for who looks into the log.
      say(`It failed: ${messageOf(error).split('\n', 1)[0]}`);
      change({ phase: 'failed' });
    } finally {
      clearTimeout(timer);
    }
    change({ endedAt: now() });
  };

  return {
    states: () => [...states.values()],
    start: (name) => {
      const fault = faults.find((one) => one.name === name);
      if (!fault) throw new AppError('fault-unknown', 'There is no fault of that name.');
      if (running || closing.signal.aborted)
        throw new AppError('fault-running', 'Another fault is not repaired yet: one at a time.');
      const startedAt = now();
      const overAt = new Date(Date.parse(startedAt) + fault.seconds * 1_000).toISOString();
      states.set(name, { ...freshState(fault), phase: 'broken', startedAt, overAt });
      running = run(fault).finally(() => {
        running = undefined;
      });
      return states.get(name)!;
    },
    close: async () => {
      closing.abort();
      await running;
    },
  };
}

const freshState = ({ name, title, about, seconds }: Fault): FaultState => ({
  name,
  title,
  about,
  seconds,
  phase: 'ready',
  steps: [],
});

const now = (): string => new Date().toISOString();

/** Resolves when the time of a fault is over. */
export const untilOver = (over: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (over.aborted) resolve();
    else over.addEventListener('abort', () => resolve(), { once: true });
  });
