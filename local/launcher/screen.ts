// What a person sees of a start: one line for each part, with its address and how long it took. Colours on a terminal only.
import { styleText } from 'node:util';
import { createLineWriter } from './passing-lines.ts';

/** Writes lines for people to stdout. */
export interface Screen {
  say(line: string): void;
  /** A part that is there. */
  part(name: string, address: string, startedAtMs: number): void;
  /** A small step of a part; a passing one is replaced by what comes next. */
  step(name: string, line: string, kind?: 'passing'): void;
  warn(line: string): void;
  title(line: string): void;
}

const NAME_WIDTH = 22;
const ADDRESS_WIDTH = 34;

export const seconds = (sinceMs: number): string => `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;

export function createScreen(stream: NodeJS.WriteStream = process.stdout): Screen {
  // A terminal that was closed must not end the launcher before it has stopped everything.
  stream.on('error', () => {});
  const paint = (style: Parameters<typeof styleText>[0], text: string) => styleText(style, text, { stream });
  const { say, pass } = createLineWriter(stream);
  return {
    say,
    part: (name, address, startedAtMs) =>
      say(
        `  ${paint('green', '✓')} ${name.padEnd(NAME_WIDTH)} ${address.padEnd(ADDRESS_WIDTH)} ${seconds(startedAtMs)}`,
      ),
    step: (name, line, kind) =>
      kind === 'passing' ? pass(`  · ${name}: ${line}`) : say(`  ${paint('dim', `· ${name}: ${line}`)}`),
    warn: (line) => say(`  ${paint('yellow', `! ${line}`)}`),
    title: (line) => say(paint('bold', line)),
  };
}
