// What a Java stack says in sentences.
const CAUSES_MAX = 6;
const CHARS_MAX = 400;
const MARK = 'Caused by: ';

/**
 * The causes, the first one last, each once: Java says one again in all that it leads to. Of a stack without any its beginning. It may hold
 * whole statements, which nobody would read.
 */
export function causesIn(stack: string): string[] {
  const lines = stack.split('\n').filter((line) => line.startsWith(MARK));
  const causes = lines.map((line) => line.slice(MARK.length));
  const told = causes.filter((cause, at) => !causes.slice(at + 1).some((first) => cause.endsWith(first)));
  const known = told.length > 0 ? told.slice(-CAUSES_MAX) : [stack];
  return known.map((cause) => cause.slice(0, CHARS_MAX));
}
