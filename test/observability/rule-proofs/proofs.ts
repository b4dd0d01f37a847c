import { analytics } from './analytics.ts';
import { burnRates } from './burn-rates.ts';
import { checkout } from './checkout.ts';
import { cluster } from './cluster.ts';
import { events } from './events.ts';
import { processes } from './processes.ts';
import type { Proof } from './proof.ts';

/** One for each alert. */
export const PROOFS: readonly Proof[] = [
  ...burnRates,
  ...processes,
  ...events,
  ...checkout,
  ...analytics,
  ...cluster,
];
