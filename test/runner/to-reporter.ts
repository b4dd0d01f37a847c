// What a worker has to say outside of a spec, for the reporter that ends the run (`closing-line.js`). It goes through a
// file: jest has no channel for it, and does not print what a worker writes that took the place of one that was killed.
import { appendFileSync, writeSync } from 'node:fs';
import { basename } from 'node:path';

export interface Note {
  /** Whether it alone counts as a failure of the run. */
  readonly isFailure: boolean;
  readonly text: string;
}

/** False in the process of jest itself, where specs run with `--runInBand`. */
export const isWorker = process.argv.some((path) => basename(path) === 'processChild.js');

export function tellReporter(note: Note): void {
  const file = process.env.RUN_NOTES;
  if (isWorker && file) appendFileSync(file, `${JSON.stringify(note)}\n`);
  else writeSync(2, `${note.text}\n`);
}
