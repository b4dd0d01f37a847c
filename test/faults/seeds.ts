// The seeds of a run: one by default, so that `npm test` stays short; `npm run test:faults` names more.

/** From FAULT_SEEDS, numbers separated by commas. */
export const SEEDS: readonly number[] = (process.env.FAULT_SEEDS ?? '11').split(',').map(Number);
