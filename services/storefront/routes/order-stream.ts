// An order as it changes, as server-sent events (WHATWG HTML §9.2). The order service has no such stream: it is asked again and
// again, with growing pauses. A stream ends with its order, with its time, or with its visitor.
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Refused } from '../bff/refused.ts';
import type { Site } from '../site.ts';
import { hasEnded, markOf, orderIdOf, paymentOf } from './orders.ts';
import { createStreams, eventText, HEARTBEAT, noStream, retryText } from './streams.ts';

/** Each holds a connection and asks two services: more are turned away, and the page can be reloaded. */
const STREAMS_MAX = 500;
const STREAMS_OF_VISITOR_MAX = 8;
const RECONNECT_MS = 1_500;
/** The pause between two looks grows up to this many times the first. */
const PAUSE_GROWTH_MAX = 10;
const MARK = /^\d{1,2}-[a-z]{1,12}$/;

export function useOrderStream(app: FastifyInstance, site: Site): void {
  const streams = createStreams(app, { streamsMax: STREAMS_MAX, ofVisitorMax: STREAMS_OF_VISITOR_MAX });
  app.get('/orders/:orderId/events', async (request, reply) => {
    const token = await site.sessions.accessToken(request, reply);
    if (!token) return noStream(reply);
    const look = lookAt(site, request, token);
    // Somebody else's order is refused here, as a page would be.
    const first = await look();
    return streams.send(request, reply, (signal) => changes(site, first, look, seenBy(request), signal));
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
  yield retryText(RECONNECT_MS);
  let shown = seen;
  let pauseMs = config.ORDER_POLL_MS;
  let found: Look | undefined = first;
  for (;;) {
    if (found && found.mark !== shown) {
      shown = found.mark;
      yield eventText('state', found.html, shown);
    }
    if (found?.isLast) return yield 'event: end\ndata:\n\n';
    if (Date.now() >= endsAt) return;
    yield HEARTBEAT;
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
