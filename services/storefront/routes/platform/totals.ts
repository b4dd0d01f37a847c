// Totals for a page: the present ones, or why there are none.
import type { Console, Totals } from '../../bff/console.ts';
import type { LiveState } from '../../pages/platform/props.ts';
import { awayWords } from './away.ts';
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
    const words = awayWords(error);
    if (words === undefined) throw error;
    return words === CONSOLE_AWAY.words ? CONSOLE_AWAY : TOTALS_AWAY;
  });
