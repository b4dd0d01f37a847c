// Faults on a switch: one at a time, each for its own time. Guarantee: nobody has to end one; its repair begins without a request
// when its time is over, and at once when the platform stops; then the records are compared.
import { AppError, messageOf } from '#runtime/errors.ts';

/** What a fault is given while it runs. */
export interface FaultRun {
  /** Aborted when its time is over, or the platform stops. */
  readonly over: AbortSignal;
  /** Aborted when the platform stops: then nothing is awaited. */
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

/** The switch itself. */
export class Faults {
  private readonly faults: readonly Fault[];
  private readonly known: Map<string, FaultState>;
  private readonly closing = new AbortController();
  private running: Promise<void> | undefined;

  constructor(faults: readonly Fault[]) {
    this.faults = faults;
    this.known = new Map(faults.map((fault) => [fault.name, freshState(fault)]));
  }

  states(): readonly FaultState[] {
    return [...this.known.values()];
  }

  /** @throws AppError `fault-unknown`, `fault-running` while any is not yet repaired */
  start(name: string): FaultState {
    const fault = this.faults.find((one) => one.name === name);
    if (!fault) throw new AppError('fault-unknown', 'There is no fault of that name.');
    if (this.running || this.closing.signal.aborted)
      throw new AppError('fault-running', 'Another fault is not repaired yet: one at a time.');
    const startedAt = now();
    const overAt = new Date(Date.parse(startedAt) + fault.seconds * 1_000).toISOString();
    this.known.set(name, { ...freshState(fault), phase: 'broken', startedAt, overAt });
    this.running = this.run(fault).finally(() => {
      this.running = undefined;
    });
    return this.known.get(name)!;
  }

  /** Ends what is broken now, and waits for its repair; nothing can be started after it. */
  async close(): Promise<void> {
    this.closing.abort();
    await this.running;
  }

  private async run(fault: Fault): Promise<void> {
    const { name, seconds } = fault;
    const closing = this.closing.signal;
    const end = new AbortController();
    const timer = setTimeout(() => end.abort(), seconds * 1_000);
    closing.addEventListener('abort', () => end.abort(), { once: true });
    const repair = (): void => this.change(name, { phase: 'repairing', overAt: now() });
    end.signal.addEventListener('abort', repair, { once: true });
    const at: FaultRun = { over: end.signal, closing, say: (words) => this.say(name, words) };
    try {
      await fault.run(at);
      if (!closing.aborted) {
        this.change(name, { phase: 'comparing' });
        // A comparison changes nothing and may take long, so the platform stops without waiting for it.
        await Promise.race([fault.compare(at), untilOver(closing)]);
      }
      this.change(name, { phase: 'ready' });
    } catch (error) {
      // What follows is for who looks into the log.
      this.say(name, `It failed: ${messageOf(error).split('\n', 1)[0]}`);
      this.change(name, { phase: 'failed' });
    } finally {
      clearTimeout(timer);
    }
    this.change(name, { endedAt: now() });
  }

  private say(name: string, words: string): void {
    this.change(name, { steps: [...this.known.get(name)!.steps, { at: now(), words }] });
  }

  private change(name: string, part: Partial<FaultState>): void {
    this.known.set(name, { ...this.known.get(name)!, ...part });
  }
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

/** Resolves when the signal is aborted, as the time of a fault is over. */
export const untilOver = (over: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (over.aborted) resolve();
    else over.addEventListener('abort', () => resolve(), { once: true });
  });
