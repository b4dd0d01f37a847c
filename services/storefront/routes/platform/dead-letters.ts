// Dead letters: what waits, and for admins the replay of a topic's.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { DeadLetters } from '../../bff/platform-answers.ts';
import { notFound, Refused } from '../../bff/refused.ts';
import { PLATFORM_PATH, type Site, sendPage } from '../../site.ts';
import { shownOr } from './away.ts';
import type { PartStreams } from './live-parts.ts';
import { polled } from './polled.ts';
import { forAdmins, forLookers, offersChanges, platformFrame } from './visitor.ts';

const PATH = `${PLATFORM_PATH}/dead-letters`;
const EVERY_MS = 2_000;
const form = z.object({ topic: z.string().regex(/^[a-z.-]{1,100}$/) });

export function useDeadLetters(app: FastifyInstance, site: Site, streams: PartStreams): void {
  app.get(
    PATH,
    forLookers(site, async (request, reply, visitor) => {
      const [frame, shown] = await Promise.all([
        platformFrame(site, request, reply, visitor, 'dead-letters'),
        shownOr(visitor.console.deadLetters()),
      ]);
      return sendPage(reply, site.pages.platformDeadLetters({ frame, shown, streamUrl: `${PATH}/events` }));
    }),
  );
  app.get(
    `${PATH}/events`,
    forLookers(site, (request, reply, { console, mayChange }) => {
      const { locale } = site.frameOffline(request);
      const partsOf = (deadLetters: DeadLetters) => ({
        letters: site.pages.platformLetters({ deadLetters, locale, isAdmin: mayChange }),
      });
      const read = () => console.deadLetters();
      return streams.send(request, reply, (signal) => polled({ read, partsOf, signal, everyMs: EVERY_MS }));
    }),
  );
  if (!offersChanges(site)) return;
  app.post(
    `${PATH}/replay`,
    forAdmins(site, async (request, reply, { console, token }) => {
      const wished = form.safeParse(request.body);
      if (!wished.success) throw notFound();
      await begun(console.replay(token!, wished.data.topic));
      return reply.redirect(PATH, 303);
    }),
  );
}

/** Where another one runs, the page says which. */
export const begun = (beginning: Promise<unknown>): Promise<void> =>
  beginning.then(
    () => {},
    (error: unknown) => {
      if (!(error instanceof Refused) || error.status !== 409) throw error;
    },
  );
