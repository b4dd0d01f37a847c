/** Kinds of specs that `npm test` runs, and the one that it leaves to another command. */
const WHOLE = ['unit', 'int', 'e2e', 'fault'];
const APART = 'flink';

/** What a run of everything else has left out, in words; nothing after other runs. `kinds`: of the specs that ran. */
export function notRun(kinds: ReadonlySet<string>): string[] {
  const isLeftOut = WHOLE.every((kind) => kinds.has(kind)) && !kinds.has(APART);
  return isLeftOut ? ['\nNOT RUN here: the specs that start Flink. `npm run test:flink` runs them.'] : [];
}
