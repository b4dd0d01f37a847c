// Reads the causes from the text of a Java stack.
const CAUSES_MAX = 6;
const CHARS_MAX = 400;
const MARK = 'Caused by: ';

/**
 * The causes in a Java stack, the first one last, each once, since Java repeats a cause in everything that it leads to. The beginning of a
 * stack without causes. Each is cut: it may contain whole statements.
 */
export function causesIn(stack: string): string[] {
  const lines = stack.split('\n').filter((line) => line.startsWith(MARK));
  const causes = lines.map((line) => line.slice(MARK.length));
  const distinct = causes.filter((cause, at) => !causes.slice(at + 1).some((first) => cause.endsWith(first)));
  const known = distinct.length > 0 ? distinct.slice(-CAUSES_MAX) : [stack];
  return known.map((cause) => cause.slice(0, CHARS_MAX));
}
