// Orders over HTTP: the newest ones (`/api/orders`), and one order's journey (`/api/orders/<id>`).
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { messageOf } from '#runtime/errors.ts';
import { Problem } from '#runtime/http/problem.ts';
import type { Logger } from '#runtime/log.ts';
import type { OrderJourney, OrdersSeen } from './answers.ts';
import type { OrderEvents } from './order-events.ts';
import { journeyOf, type TraceSpan, tracesOf } from './order-journey.ts';
import { spansOfAnswer } from './trace-answer.ts';

const ORDER_ID = /^[A-Za-z0-9_-]{1,64}$/;
const listQuery = z.object({ id: z.string().regex(ORDER_ID).optional() });
const journeyQuery = z.object({ statements: z.enum(['yes', 'no']).default('no') });
const journeyParams = z.object({ orderId: z.string().regex(ORDER_ID) });

/** An order has one trace, and one more for each request about it later. */
const TRACES_MAX = 10;
const ASK_MS_MAX = 3_000;

export interface OrdersParts {
  readonly events: OrderEvents;
  /** Page of the traces. */
  readonly tracesUrl?: string | undefined;
  readonly log: Logger;
}

export function useOrders(app: FastifyInstance, parts: OrdersParts): void {
  app.get('/api/orders', (request) => listOrders(parts, request));
  app.get('/api/orders/:orderId', (request) => showJourney(parts, request));
}

async function listOrders({ events }: OrdersParts, request: FastifyRequest): Promise<OrdersSeen> {
  const query = listQuery.safeParse(request.query);
  if (!query.success) throw badRequest('id must be an order’s id, or its beginning.');
  const seen = await events.list(query.data.id);
  if (seen.orders.length === 0 && !seen.isComplete) throw topicsAway();
  return seen;
}

async function showJourney(parts: OrdersParts, request: FastifyRequest): Promise<OrderJourney> {
  const params = journeyParams.safeParse(request.params);
  const query = journeyQuery.safeParse(request.query);
  if (!params.success) throw unknownOrder();
  if (!query.success) throw badRequest('statements must be yes or no.');
  const { orderId } = params.data;
  const events = await parts.events.of(orderId);
  if (events.length === 0) throw parts.events.isReading() ? unknownOrder() : topicsAway();
  const { spans, traces } = await spansOf(parts, tracesOf(events));
  return journeyOf({ orderId, events, spans, traces, hasStatements: query.data.statements === 'yes' });
}

const badRequest = (detail: string): Problem => new Problem(400, 'bad-request', detail);
const unknownOrder = (): Problem =>
  new Problem(404, 'order-unknown', 'No topic has such an order: it is too old, or there is none.');
const topicsAway = (): Problem =>
  new Problem(503, 'store-away', 'The topics of orders cannot be read now. Try again in a moment.');

/** An order is worth showing without its spans: a collector that does not answer is named, and hides nothing. */
async function spansOf(
  { tracesUrl, log }: OrdersParts,
  traceIds: readonly string[],
): Promise<{ spans: readonly TraceSpan[]; traces: OrderJourney['traces'] }> {
  if (!tracesUrl) return { spans: [], traces: 'off' };
  try {
    const found = await Promise.all(
      traceIds.slice(0, TRACES_MAX).map((id) => askTrace(`${tracesUrl}/${id}`)),
    );
    const spans = found.flat();
    return { spans, traces: spans.length > 0 ? 'shown' : 'forgotten' };
  } catch (error) {
    log.info({ reason: messageOf(error) }, 'traces cannot be read now');
    return { spans: [], traces: 'away' };
  }
}

/** Empty for a trace that the collector does not know. */
async function askTrace(url: string): Promise<readonly TraceSpan[]> {
  const response = await fetch(url, {
    headers: { accept: 'application/json' },
    redirect: 'error',
    signal: AbortSignal.timeout(ASK_MS_MAX),
  });
  if (response.status === 404) return [];
  return spansOfAnswer(await response.json());
}
