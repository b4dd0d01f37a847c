// An order as it changes, as server-sent events (WHATWG HTML §9.2). The order service has no such stream: it is asked again and
// again, with growing pauses. A stream ends with its order, with its time, or with its visitor.
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Refused } from '../bff/refused.ts';
import type { StorefrontConfig } from '../config.ts';
import type { Site } from '../site.ts';
import { hasEnded, markOf, orderIdOf, paymentOf } from './orders.ts';

/** Each holds a connection and asks two services: more are turned away, and the page can be reloaded. */
const STREAMS_MAX = 500;
const STREAMS_OF_VISITOR_MAX = 8;
const RECONNECT_MS = 1_500;
/** The pause between two looks grows up to this many times the first. */
const PAUSE_GROWTH_MAX = 10;
/** Longest that an open stream sends nothing, in ms: a pause, and an order and its payment that are answered as late as they may be. */
export const streamSilenceMsMax = ({
  ORDER_POLL_MS,
  ASK_MS_MAX,
}: Pick<StorefrontConfig, 'ORDER_POLL_MS' | 'ASK_MS_MAX'>): number =>
  ORDER_POLL_MS * PAUSE_GROWTH_MAX + 2 * ASK_MS_MAX;
const MARK = /^\d{1,2}-[a-z]{1,12}$/;

export function useOrderStream(app: FastifyInstance, site: Site): void {
  const open = new Map<AbortController, string>();
  app.addHook('preClose', async () => {
    for (const stream of open.keys()) stream.abort();
  });
  app.get('/orders/:orderId/events', { config: { isStream: true } }, async (request, reply) => {
    const token = await site.sessions.accessToken(request, reply);
    // Any other status than 200 makes browsers stop asking (§9.2.3).
    if (!token) return reply.code(204).send();
    const look = lookAt(site, request, token);
    // Somebody else's order is refused here, as a page would be.
    const first = await look();
    const ofVisitor = [...open.values()].filter((ip) => ip === request.ip).length;
    if (open.size >= STREAMS_MAX || ofVisitor >= STREAMS_OF_VISITOR_MAX) return reply.code(204).send();
    const stream = new AbortController();
    open.set(stream, request.ip);
    const leave = (): void => {
      stream.abort();
      open.delete(stream);
    };
    reply.raw.once('close', leave);
    // Gone while the first look was taken: then no event tells.
    if (reply.raw.destroyed) leave();
    reply.header('cache-control', 'no-store').type('text/event-stream').header('x-accel-buffering', 'no');
    return reply.send(Readable.from(changes(site, first, look, seenBy(request), stream.signal)));
  });
}

interface Look {
  readonly mark: string;
  readonly html: string;
  readonly isLast: boolean;
}

const lookAt = (site: Site, request: FastifyRequest, token: string) => async (): Promise<Look> => {
  const services = site.servicesOf(request);
  const order = await services.order(token, orderIdOf(request));
  const payment = await paymentOf(services, token, order);
  const { locale } = site.frameOffline(request);
  return {
    mark: markOf(order, payment),
    html: site.pages.orderState({ order, payment, locale }),
    isLast: hasEnded(order),
  };
};

/** What the page shows already: of its first address, or of the last event before a reconnection. */
function seenBy({ headers, query }: FastifyRequest): string {
  const seen = headers['last-event-id'] ?? (query as { seen?: unknown }).seen;
  return typeof seen === 'string' && MARK.test(seen) ? seen : '';
}

async function* changes(
  { config }: Site,
  first: Look,
  look: () => Promise<Look>,
  seen: string,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const endsAt = Date.now() + config.ORDER_STREAM_MS_MAX;
  yield `retry: ${RECONNECT_MS}\n\n`;
  let shown = seen;
  let pauseMs = config.ORDER_POLL_MS;
  let found: Look | undefined = first;
  for (;;) {
    if (found && found.mark !== shown) {
      shown = found.mark;
      // JSON has no line breaks, which would end the event.
      yield `event: state\nid: ${shown}\ndata: ${JSON.stringify(found.html)}\n\n`;
    }
    if (found?.isLast) return yield 'event: end\ndata:\n\n';
    if (Date.now() >= endsAt) return;
    yield ':\n\n';
    await sleep(pauseMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    pauseMs = Math.min(pauseMs * 1.2, config.ORDER_POLL_MS * PAUSE_GROWTH_MAX);
    try {
      found = await look();
    } catch (error) {
      // A session that is over is renewed when the page connects again; a service that is away may come back.
      if (error instanceof Refused) return;
      found = undefined;
    }
  }
}
