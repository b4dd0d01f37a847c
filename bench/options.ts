// What a bench is asked on its command line: numbers by name.
import { parseArgs } from 'node:util';
import { messageOf } from '#runtime/errors.ts';

/** The numbers that were given, else the defaults. `--help` and what is not understood print the help and end the process. */
export function readOptions<Name extends string>(
  help: string,
  defaults: Readonly<Record<Name, number>>,
): Readonly<Record<Name, number>> {
  try {
    const options = Object.fromEntries(
      Object.keys(defaults).map((name) => [name, { type: 'string' as const }]),
    );
    const { values } = parseArgs({ options: { ...options, help: { type: 'boolean' } } });
    if (values.help) end(help, 0);
    const given = Object.entries(values).map(([name, text]) => [name, positive(name, text)]);
    return { ...defaults, ...Object.fromEntries(given) };
  } catch (error) {
    return end(`${messageOf(error)}\n\n${help}`, 2);
  }
}

function positive(name: string, text: unknown): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${name} takes a whole number above 0`);
  return value;
}

function end(text: string, code: number): never {
  (code === 0 ? process.stdout : process.stderr).write(`${text}\n`);
  process.exit(code);
}
