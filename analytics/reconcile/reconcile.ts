// The independent count: a plain batch over the log, held against every store that the worker fills.
import type { Environment } from './settings.ts';

/** One number or thing that is not what the log says. */
export interface Difference {
  /** The store and what of it: `cloud-sql totals`, `firestore`, `gcs object`, … */
  readonly where: string;
  /** Which row: window and label, partition and offset, object name, … */
  readonly key: string;
  readonly expected: string;
  readonly actual: string;
}

/** Something that the rules allow to be still on its way. */
export interface Pending {
  readonly where: string;
  readonly key: string;
  readonly why: string;
}

/** What was found. */
export interface Report {
  /** Empty means: every store holds exactly what the log says. */
  readonly differences: readonly Difference[];
  /** What was still on its way at the end; whatever had no excuse left is a difference instead. */
  readonly pending: readonly Pending[];
}

export interface ReconcileOptions {
  /** The variables of the worker: addresses, and the settings that tell what may still be open. */
  readonly env: Environment;
  /** How long to wait for what is still on its way. */
  readonly settleMs: number;
  readonly onProgress?: (line: string) => void;
}

/** Counts the log from its beginning and compares every store with it. */
export async function reconcile(_options: ReconcileOptions): Promise<Report> {
  throw new Error('not built yet');
}
