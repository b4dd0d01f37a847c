// As many events at a time as there are processes; the others wait for their turn.
import { type FunctionOptions, FunctionProcess, type Outcome } from './function-process.ts';

export class FunctionPool {
  readonly #processes: readonly FunctionProcess[];
  /** The one that was used last is taken first: it is warm. */
  readonly #free: FunctionProcess[];
  readonly #waiting: ((free: FunctionProcess) => void)[] = [];

  constructor(options: FunctionOptions, size: number) {
    this.#processes = Array.from({ length: size }, () => new FunctionProcess(options));
    this.#free = [...this.#processes];
  }

  /** Undefined when the signal came before the event's turn did. */
  async invoke(requestId: string, event: unknown, signal: AbortSignal): Promise<Outcome | undefined> {
    const taken =
      this.#free.pop() ?? (await new Promise<FunctionProcess>((take) => this.#waiting.push(take)));
    try {
      return signal.aborted ? undefined : await taken.invoke(requestId, event);
    } finally {
      const next = this.#waiting.shift();
      if (next) next(taken);
      else this.#free.push(taken);
    }
  }

  pids(): number[] {
    return this.#processes.map(({ pid }) => pid).filter((pid) => pid !== undefined);
  }

  /** Ends all processes, in the middle of an event too. */
  async stop(): Promise<void> {
    await Promise.all(this.#processes.map((running) => running.stop()));
  }
}
