// Bytes by minute and size label, as they are counted.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Console } from '../../bff/console.ts';
import type { WindowsQuery } from '../../pages/platform/props.ts';
import { PLATFORM_PATH, type Site, sendPage } from '../../site.ts';
import type { PartNews, PartStreams } from './live-parts.ts';
import { readTotals, TOTALS_AWAY } from './totals.ts';
import { forLookers, platformFrame } from './visitor.ts';

const PATH = `${PLATFORM_PATH}/windows`;
/** The longest that the console reads. */
const MINUTES_MAX = 180;
const MINUTES = 30;
const LABELS_MAX = 20;

/** What a reader has mistyped is as if it were not there: nothing depends on it. */
const query = z.object({
  minutes: z.coerce.number().int().min(1).max(MINUTES_MAX).catch(MINUTES).default(MINUTES),
  without: z
    .string()
    .regex(/^[a-z,-]{0,200}$/)
    .transform((text) => text.split(',').filter(Boolean).slice(0, LABELS_MAX))
    .catch([])
    .default([]),
});

export function useWindows(app: FastifyInstance, site: Site, streams: PartStreams): void {
  app.get(
    PATH,
    forLookers(site, async (request, reply, visitor) => {
      const asked = query.parse(request.query);
      const [frame, totals] = await Promise.all([
        platformFrame(site, request, reply, visitor, 'windows'),
        readTotals(visitor.console, asked.minutes),
      ]);
      const streamUrl = `${PATH}/events?${addressOf(asked)}`;
      return sendPage(reply, site.pages.platformWindows({ frame, totals, query: asked, streamUrl }));
    }),
  );
  app.get(
    `${PATH}/events`,
    forLookers(site, (request, reply, visitor) => {
      const asked = query.parse(request.query);
      const { locale } = site.frameOffline(request);
      return streams.send(request, reply, (signal) => parts(site, visitor.console, asked, locale, signal));
    }),
  );
}

const addressOf = ({ minutes, without }: WindowsQuery): string =>
  new URLSearchParams({ minutes: String(minutes), without: without.join(',') }).toString();

async function* parts(
  { pages }: Site,
  console: Console,
  asked: WindowsQuery,
  locale: string,
  signal: AbortSignal,
): AsyncGenerator<PartNews> {
  for await (const news of console.totalsNews(asked.minutes, signal)) {
    if (news === 'still') yield news;
    else if (news === 'away') yield { away: TOTALS_AWAY };
    else {
      const drawn = { totals: news, query: asked, locale };
      yield {
        parts: {
          tiles: pages.platformTiles({ totals: news, locale }),
          chart: pages.platformChart(drawn),
          table: pages.platformWindowTable(drawn),
        },
      };
    }
  }
}
