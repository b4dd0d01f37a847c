// Whether a file can be read alone: no circles of files, functions that fit a screen, and a question about very long files.
import type { SourceFile } from './source-files.ts';

/** "Near 40". The blocks of a spec are tables of contents and not counted. */
const FUNCTION_LINES_MAX = 44;
/** A question to its author whether it holds two concepts. What is read together stays together. */
const FILE_LINES_MAX = 600;

/** Functions and files that are too long to be read in one go. */
export function lengthFaults({ path, lines, functions }: SourceFile): string[] {
  const long = path.endsWith('.spec.ts') ? [] : functions.filter((one) => one.lines > FUNCTION_LINES_MAX);
  return [
    ...long.map((one) => `${path}: ${one.name} has ${one.lines} lines: name its steps`),
    ...(lines > FILE_LINES_MAX ? [`${path} has ${lines} lines: does it hold two concepts?`] : []),
  ];
}

/** Files that import each other, directly or by others, types included: none of them can be read without all the others. */
export function circleFaults(files: readonly SourceFile[]): string[] {
  const importsOf = new Map(
    files.map(({ path, imports }) => [path, imports.flatMap((one) => one.path ?? [])]),
  );
  const reached = new Map([...importsOf.keys()].map((path) => [path, reachedFrom(path, importsOf)]));
  const circles = files.flatMap(({ path }) => {
    const others = [...reached.get(path)!].filter((other) => reached.get(other)?.has(path));
    return others.length > 0 ? [others.toSorted().join(', ')] : [];
  });
  return [...new Set(circles)].map((circle) => `a circle of imports: ${circle}`);
}

/** Every file that a file imports, by others too; itself only if it is part of a circle. */
function reachedFrom(start: string, importsOf: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const reached = new Set<string>();
  const waiting = [...(importsOf.get(start) ?? [])];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    waiting.push(...(importsOf.get(path) ?? []));
  }
  return reached;
}
