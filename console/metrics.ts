// Metrics of the console's own.
import { Gauge, type Registry } from '#runtime/metrics.ts';
import type { LiveFeed } from './live.ts';

/** @param feed is asked at each scrape */
export function measureWatchers(feed: Pick<LiveFeed, 'watching'>, registry: Registry): void {
  const watchers: Gauge = new Gauge({
    name: 'console_watchers',
    help: 'Pages that watch the totals now',
    registers: [registry],
    collect: () => watchers.set(feed.watching()),
  });
}
