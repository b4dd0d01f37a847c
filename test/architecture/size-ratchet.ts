// Lengths of files and functions against their limits. What is over a limit today is written down with its size and may
// only shrink; what is not written down may not be over.
import type { SourceFile } from './source-files.ts';

/** "Near 150": code that says one thing. */
/** A question to whoever writes the file, no reason to cut in two what is read together (ADR 0016). */
const FILE_LINES_MAX = 350;
/** A spec is a table of rules, which a split would not make clearer. */
const SPEC_LINES_MAX = 500;
/** "Near 40". */
const FUNCTION_LINES_MAX = 44;

/** Sizes over the limit, by `path` for files and `path#function` for functions. */
export type Oversizes = Readonly<Record<string, number>>;

/** What is over its limit now. The blocks of a spec are tables of contents and not counted as functions. */
export function oversizesOf(files: readonly SourceFile[]): Oversizes {
  const found = files.flatMap(({ path, lines, functions }): [string, number][] => {
    const isSpec = path.endsWith('.spec.ts');
    const long = functions.filter((one) => one.lines > FUNCTION_LINES_MAX && !isSpec);
    return [
      ...(lines > (isSpec ? SPEC_LINES_MAX : FILE_LINES_MAX) ? [[path, lines] as [string, number]] : []),
      ...long.map((one): [string, number] => [`${path}#${one.name}`, one.lines]),
    ];
  });
  return Object.fromEntries(found.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** What grew or is new, and entries that no longer tell the truth. */
export function ratchetFaults(now: Oversizes, recorded: Oversizes): string[] {
  const names = [...new Set([...Object.keys(now), ...Object.keys(recorded)])];
  return names.flatMap((name) => {
    const [present, allowed] = [now[name], recorded[name]];
    if (present === allowed) return [];
    if (allowed === undefined) return [`${name} has ${present} lines: split it by what it says`];
    if (present === undefined)
      return [`${name} is no longer over the limit: npm run ratchet removes its entry`];
    if (present > allowed) return [`${name} grew from ${allowed} to ${present} lines: it may only shrink`];
    return [`${name} shrank from ${allowed} to ${present} lines: npm run ratchet writes it down`];
  });
}

/** The record after a step of the ratchet: entries go down or out, never up or in. */
export function tighten(now: Oversizes, recorded: Oversizes): Oversizes {
  const kept = Object.entries(recorded).flatMap(([name, allowed]): [string, number][] => {
    const present = now[name];
    return present === undefined ? [] : [[name, Math.min(present, allowed)]];
  });
  return Object.fromEntries(kept);
}
