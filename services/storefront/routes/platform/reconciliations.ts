// Reconciliations: what each found last, and for admins a button that starts one.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Reconciliations } from '../../bff/platform-answers.ts';
import { notFound } from '../../bff/refused.ts';
import { PLATFORM_PATH, type Site, sendPage } from '../../site.ts';
import { shownOr } from './away.ts';
import { begun } from './dead-letters.ts';
import type { PartStreams } from './live-parts.ts';
import { polled } from './polled.ts';
import { forAdmins, forLookers, offersChanges, platformFrame } from './visitor.ts';

const PATH = `${PLATFORM_PATH}/reconciliations`;
const EVERY_MS = 2_000;
const params = z.object({ name: z.enum(['counts', 'orders', 'payments']) });

export function useReconciliations(app: FastifyInstance, site: Site, streams: PartStreams): void {
  app.get(
    PATH,
    forLookers(site, async (request, reply, visitor) => {
      const [frame, shown] = await Promise.all([
        platformFrame(site, request, reply, visitor, 'reconciliations'),
        shownOr(visitor.console.reconciliations()),
      ]);
      const streamUrl = `${PATH}/events`;
      return sendPage(reply, site.pages.platformReconciliations({ frame, shown, streamUrl }));
    }),
  );
  app.get(
    `${PATH}/events`,
    forLookers(site, (request, reply, { console, mayChange }) => {
      const { locale } = site.frameOffline(request);
      const partsOf = ({ reconciliations }: Reconciliations) => ({
        verdicts: site.pages.platformVerdicts({ reconciliations, locale, isAdmin: mayChange }),
      });
      const read = () => console.reconciliations();
      return streams.send(request, reply, (signal) => polled({ read, partsOf, signal, everyMs: EVERY_MS }));
    }),
  );
  if (!offersChanges(site)) return;
  app.post(
    `${PATH}/:name`,
    forAdmins(site, async (request, reply, { console, token }) => {
      const wished = params.safeParse(request.params);
      if (!wished.success) throw notFound();
      await begun(console.reconcile(token!, wished.data.name));
      return reply.redirect(PATH, 303);
    }),
  );
}
