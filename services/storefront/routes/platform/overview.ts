// The first platform page: the sums of the last half hour.
import type { FastifyInstance } from 'fastify';
import type { Console } from '../../bff/console.ts';
import { PLATFORM_PATH, type Site, sendPage } from '../../site.ts';
import type { PartNews, PartStreams } from './live-parts.ts';
import { readTotals, TOTALS_AWAY } from './totals.ts';
import { allowUploads, takesPhotos } from './uploads.ts';
import { forLookers, platformFrame } from './visitor.ts';

const MINUTES = 30;

export function useOverview(app: FastifyInstance, site: Site, streams: PartStreams): void {
  app.get(
    PLATFORM_PATH,
    forLookers(site, async (request, reply, visitor) => {
      const [frame, totals] = await Promise.all([
        platformFrame(site, request, reply, visitor, 'overview'),
        readTotals(visitor.console, MINUTES),
      ]);
      const streamUrl = `${PLATFORM_PATH}/events`;
      allowUploads(site, reply);
      return sendPage(
        reply,
        site.pages.platformOverview({ frame, totals, streamUrl, takesPhotos: takesPhotos(site) }),
      );
    }),
  );
  app.get(
    `${PLATFORM_PATH}/events`,
    forLookers(site, (request, reply, visitor) => {
      const { locale } = site.frameOffline(request);
      return streams.send(request, reply, (signal) => tiles(site, visitor.console, locale, signal));
    }),
  );
}

async function* tiles(
  { pages }: Site,
  console: Console,
  locale: string,
  signal: AbortSignal,
): AsyncGenerator<PartNews> {
  for await (const news of console.totalsNews(MINUTES, signal)) {
    if (news === 'still') yield news;
    else if (news === 'away') yield { away: TOTALS_AWAY };
    else yield { parts: { tiles: pages.platformTiles({ totals: news, locale }) } };
  }
}
