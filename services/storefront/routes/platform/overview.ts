// The first platform page: the sums of the last half hour.
import type { FastifyInstance } from 'fastify';
import type { Console, TotalsNews } from '../../bff/console.ts';
import type { Processes } from '../../bff/platform-answers.ts';
import type { LiveState } from '../../pages/platform/props.ts';
import { PLATFORM_PATH, type Site, sendPage } from '../../site.ts';
import { awayWords } from './away.ts';
import { LIVE, type PartNews, type PartStreams } from './live-parts.ts';
import { polled, together } from './polled.ts';
import { readTotals, TOTALS_AWAY } from './totals.ts';
import { allowUploads, takesPhotos } from './uploads.ts';
import { forLookers, platformFrame } from './visitor.ts';

const MINUTES = 30;
/** Between two looks at the processes; the console looks once for all who ask at the same time. */
const EVERY_MS = 2_500;

export function useOverview(app: FastifyInstance, site: Site, streams: PartStreams): void {
  app.get(
    PLATFORM_PATH,
    forLookers(site, async (request, reply, visitor) => {
      const [frame, totals, processes] = await Promise.all([
        platformFrame(site, request, reply, visitor, 'overview'),
        readTotals(visitor.console, MINUTES),
        processesOf(visitor.console),
      ]);
      const streamUrl = `${PLATFORM_PATH}/events`;
      allowUploads(site, reply);
      return sendPage(
        reply,
        site.pages.platformOverview({ frame, totals, processes, streamUrl, takesPhotos: takesPhotos(site) }),
      );
    }),
  );
  app.get(
    `${PLATFORM_PATH}/events`,
    forLookers(site, (request, reply, visitor) => {
      const { locale } = site.frameOffline(request);
      return streams.send(request, reply, (signal) => overview(site, visitor.console, locale, signal));
    }),
  );
}

const processesOf = (console: Console): Promise<Processes | undefined> =>
  console.processes().catch((error: unknown) => {
    if (awayWords(error) === undefined) throw error;
    return undefined;
  });

/** Totals and processes. What is away is told of the totals: the diagram has words of its own for it. */
async function* overview(
  { pages }: Site,
  console: Console,
  locale: string,
  signal: AbortSignal,
): AsyncGenerator<PartNews> {
  const partsOf = (processes: Processes) => ({
    diagram: pages.platformDiagram({ processes, locale }),
    flows: pages.platformFlows({ processes, locale }),
    words: pages.platformWords({ processes, locale }),
  });
  const leaving = new AbortController();
  const until = AbortSignal.any([signal, leaving.signal]);
  const processes = polled({ read: () => console.processes(), partsOf, signal: until, everyMs: EVERY_MS });
  let state: LiveState | 'as-before' = 'as-before';
  try {
    for await (const news of together<TotalsNews | PartNews>([
      console.totalsNews(MINUTES, until),
      processes,
    ])) {
      if (news === 'still') yield news;
      else if (news === 'away') {
        state = TOTALS_AWAY;
        yield { away: TOTALS_AWAY };
      } else if ('sums' in news) {
        state = LIVE;
        yield { parts: { tiles: pages.platformTiles({ totals: news, locale }) } };
      } else yield 'parts' in news ? { ...news, state } : news;
    }
  } finally {
    leaving.abort();
  }
}
