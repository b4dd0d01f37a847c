// Orders as the platform sees them: a search, and one order's journey across services and topics.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { OrdersSeen } from '../../bff/console-orders.ts';
import { PLATFORM_PATH, type Site, sendPage } from '../../site.ts';
import { orderIdOf } from '../orders.ts';
import { awayWords } from './away.ts';
import { forLookers, type PlatformVisitor, platformFrame } from './visitor.ts';

const PATH = `${PLATFORM_PATH}/orders`;
/** What is no beginning of an id finds nothing. */
const search = z.object({
  id: z
    .string()
    .transform((text) => text.trim())
    .pipe(z.string().regex(/^[A-Za-z0-9_-]{0,64}$/))
    .catch('-')
    .default(''),
});
const shown = z.object({ statements: z.enum(['yes', 'no']).catch('no').default('no') });

export function useJourneys(app: FastifyInstance, site: Site): void {
  app.get(
    PATH,
    forLookers(site, (request, reply, visitor) => showOrders(site, request, reply, visitor)),
  );
  app.get(
    `${PATH}/:orderId`,
    forLookers(site, (request, reply, visitor) => showJourney(site, request, reply, visitor)),
  );
}

async function showOrders(
  site: Site,
  request: FastifyRequest,
  reply: FastifyReply,
  visitor: PlatformVisitor,
): Promise<FastifyReply> {
  const { id } = search.parse(request.query);
  const seen = await orDetail(visitor.console.ordersSeen(id));
  const [only, ...others] = typeof seen === 'string' ? [] : seen.orders;
  if (id && only && others.length === 0) return reply.redirect(`${PATH}/${only.orderId}`, 303);
  const frame = await platformFrame(site, request, reply, visitor, 'orders');
  const props = typeof seen === 'string' ? { away: seen } : { seen };
  return sendPage(
    reply,
    site.pages.platformOrders({ frame, id, ...props }),
    typeof seen === 'string' ? 503 : 200,
  );
}

/** Words in place of what cannot be read now. */
const orDetail = (answer: Promise<OrdersSeen>): Promise<OrdersSeen | string> =>
  answer.catch((error: unknown) => {
    const words = awayWords(error);
    if (words === undefined) throw error;
    return words;
  });

async function showJourney(
  site: Site,
  request: FastifyRequest,
  reply: FastifyReply,
  visitor: PlatformVisitor,
): Promise<FastifyReply> {
  const hasStatements = shown.parse(request.query).statements === 'yes';
  const [frame, journey] = await Promise.all([
    platformFrame(site, request, reply, visitor, 'orders'),
    visitor.console.journey(orderIdOf(request), hasStatements),
  ]);
  const tracesUrl = site.config.TRACES_URL;
  return sendPage(reply, site.pages.platformJourney({ frame, journey, hasStatements, tracesUrl }));
}
