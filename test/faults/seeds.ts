// The seeds of a run: one by default, so that `npm test` stays short; `npm run test:faults` names more.

/** Read from FAULT_SEEDS: numbers with commas between them. */
export const SEEDS: readonly number[] = (process.env.FAULT_SEEDS ?? '11').split(',').map(Number);
