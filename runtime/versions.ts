// Optimistic locking: the versions that a caller has seen in, whether the current one is among them out. Knows no HTTP: stores ask it
// inside their transactions.
import { AppError } from './errors.ts';

/** Whether a version is one of those that the caller expects; undefined expects any. */
export const isMatch = (versions: readonly number[] | undefined, version: number): boolean =>
  versions === undefined || versions.includes(version);

/** What to throw when the current version is none of those that the caller expects; over HTTP it becomes a 412. */
export const changedMeanwhile = (): AppError =>
  new AppError('changed-meanwhile', 'the current version is none of those that the caller expects');
