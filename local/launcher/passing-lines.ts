// Lines for people, some of which are passing: on a terminal each takes the place of the one before, elsewhere one is printed now
// and then.

/** Writes to one stream. */
export interface LineWriter {
  say(line: string): void;
  /** `⋯ 27 %`: the next line of any kind replaces it. */
  pass(line: string): void;
}

/** In a log it is enough to see that work continues. */
const PASSING_MS_MIN = 5_000;
/** To the line's start, and clear it (ECMA-48). */
const CLEAR_LINE = '\r\u001B[2K';

/** A terminal, or not. */
interface LineStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

export function createLineWriter(stream: LineStream, passingMsMin = PASSING_MS_MIN): LineWriter {
  let isPassing = false;
  let saidAt = performance.now();
  const say = (line: string): void => {
    stream.write(`${isPassing ? CLEAR_LINE : ''}${line}\n`);
    isPassing = false;
    saidAt = performance.now();
  };
  const pass = (line: string): void => {
    if (stream.isTTY) {
      // A line that wraps could not be replaced; a terminal that does not know its width says 0.
      stream.write(`${CLEAR_LINE}${line.slice(0, (stream.columns || 80) - 1)}`);
      isPassing = true;
    } else if (performance.now() - saidAt >= passingMsMin) say(line);
  };
  return { say, pass };
}
