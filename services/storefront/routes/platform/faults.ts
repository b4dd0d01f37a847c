// Faults on a switch: what can be broken, what is, and that it is repaired. Only where FAULTS is on, which it never is in production.
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Console } from '../../bff/console.ts';
import { Refused } from '../../bff/refused.ts';
import type { FaultsNow } from '../../pages/platform/props.ts';
import { PLATFORM_PATH, type Site, sendPage } from '../../site.ts';
import { awayWords } from './away.ts';
import { CONSOLE_AWAY, type PartNews, type PartStreams } from './live-parts.ts';
import { readTotals } from './totals.ts';
import { forAdmins, forLookers, platformFrame } from './visitor.ts';

const PATH = `${PLATFORM_PATH}/faults`;
const MINUTES = 30;
const LOOK_EVERY_MS = 1_000;

export function useFaults(app: FastifyInstance, site: Site, streams: PartStreams): void {
  if (site.config.FAULTS !== 'on') return;
  app.get(
    PATH,
    forLookers(site, async (request, reply, visitor) => {
      const [frame, now] = await Promise.all([
        platformFrame(site, request, reply, visitor, 'faults'),
        look(visitor.console),
      ]);
      return sendPage(reply, site.pages.platformFaults({ frame, ...now, streamUrl: `${PATH}/events` }));
    }),
  );
  app.get(
    `${PATH}/events`,
    forLookers(site, (request, reply, visitor) => {
      const { locale } = site.frameOffline(request);
      return streams.send(request, reply, (signal) => news(site, visitor.console, locale, signal));
    }),
  );
  app.post(
    `${PATH}/:name`,
    forAdmins(site, async (request, reply, { console, token }) => {
      const { name } = request.params as { name: string };
      const notice = await console.startFault(token!, name).then(() => 'fault-started', noticeOf);
      site.cookies.write(reply, 'notice', notice);
      return backTo(reply, name);
    }),
  );
}

const backTo = (reply: FastifyReply, name: string): FastifyReply =>
  reply.redirect(`${PATH}#${encodeURIComponent(name)}`, 303);

function noticeOf(error: unknown): string {
  if (error instanceof Refused && error.status === 409) return 'fault-running';
  if (awayWords(error) !== undefined) return 'fault-away';
  throw error;
}

async function look(console: Console): Promise<FaultsNow> {
  const [totals, faults] = await Promise.all([
    readTotals(console, MINUTES),
    console.faults().catch((error: unknown) => {
      const words = awayWords(error);
      if (words === undefined) throw error;
      return { ...CONSOLE_AWAY, words };
    }),
  ]);
  return { totals, faults };
}

async function* news(
  { pages }: Site,
  console: Console,
  locale: string,
  signal: AbortSignal,
): AsyncGenerator<PartNews> {
  for (; !signal.aborted; await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {})) {
    const { totals, faults } = await look(console);
    if ('words' in faults) {
      yield { away: faults };
      continue;
    }
    const known = 'sums' in totals ? totals : undefined;
    const panels = faults.map((fault) => [`fault-${fault.name}`, pages.platformFault({ fault, locale })]);
    const tiles = pages.platformTiles({ totals: known, locale });
    yield { parts: { tiles, ...Object.fromEntries(panels) } };
  }
}
