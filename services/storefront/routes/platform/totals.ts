// Totals for a page: what there is now, or why there is nothing.
import type { Console, Totals } from '../../bff/console.ts';
import { SERVICE_AWAY } from '../../bff/services.ts';
import type { LiveState } from '../../pages/platform/props.ts';
import { CONSOLE_AWAY } from './live-parts.ts';

export const TOTALS_AWAY: LiveState = {
  name: 'away',
  title: 'Waiting for Cloud SQL',
  words:
    'Cloud SQL does not answer, or the analytics worker has not made its tables yet. The numbers come back by themselves.',
};

/** Never throws for what is away: a page says so, and shows the rest. */
export const readTotals = (console: Console, minutes: number): Promise<Totals | LiveState> =>
  console.totals(minutes).catch((error: unknown) => {
    const { code, facts } = error as { code?: string; facts?: { detail?: string } };
    if (code !== SERVICE_AWAY) throw error;
    // The console answers with words when it is the database that does not answer.
    return facts?.detail ? TOTALS_AWAY : CONSOLE_AWAY;
  });
