// The results topic, from the tail that is kept of it.
import type { WindowTotal } from '#contracts/analytics.ts';
import { analyticsResults } from '#contracts/topics.ts';
import { AppError } from '#runtime/errors.ts';
import type { TopicTail } from '../topic-tail.ts';
import { offsetOf, type Store } from './store.ts';
import { TOTAL_COLUMNS, totalCells } from './window-totals.ts';

/** Events of `analytics.results`, newest window first. */
export const resultsTopicStore = (results: TopicTail<WindowTotal>): Store => ({
  name: 'results-topic',
  title: 'Results topic',
  async read({ limit, after }) {
    const offset = offsetOf(after);
    const records = results
      .records()
      .toSorted((a, b) => compare(b.event.data, a.event.data) || Number(b.offset) - Number(a.offset));
    if (records.length === 0 && !results.isReading()) {
      throw new AppError('topic-away', `${analyticsResults.name} cannot be read now`);
    }
    return {
      about: `Topic ${analyticsResults.name}: what others read, keyed by size label and window; compaction keeps the last revision.`,
      views: [],
      columns: [{ name: 'partition', isNumber: true }, { name: 'offset', isNumber: true }, ...TOTAL_COLUMNS],
      rows: records
        .slice(offset, offset + limit)
        .map(({ partition, offset: position, event }) => [partition, position, ...totalCells(event.data)]),
      ...(offset + limit < records.length ? { next: String(offset + limit) } : {}),
    };
  },
});

function compare(a: WindowTotal, b: WindowTotal): number {
  if (a.windowStart !== b.windowStart) return a.windowStart < b.windowStart ? -1 : 1;
  if (a.sizeLabel !== b.sizeLabel) return a.sizeLabel > b.sizeLabel ? -1 : 1;
  return a.revision - b.revision;
}
