// What the console tells of orders: names, times, places and traces; nothing of who ordered what.
import { z } from 'zod';
import { ask, type Visit } from './services.ts';

const ms = z.number().nonnegative();

const orderEvent = z.object({
  topic: z.string(),
  service: z.string(),
  at: z.iso.datetime(),
  /** `partition/offset` in the topic. */
  place: z.string(),
  eventId: z.string(),
  traceId: z.string().optional(),
  reason: z.string().optional(),
});
/** One record about an order in a topic. */
export type OrderEvent = z.infer<typeof orderEvent>;

const ordersAnswer = z.object({
  orders: z.array(
    z.object({
      orderId: z.string(),
      placedAt: z.iso.datetime(),
      last: orderEvent,
      events: z.int().positive(),
    }),
  ),
  /** False while the topics are still being read from before. */
  isComplete: z.boolean(),
});
export type OrdersSeen = z.infer<typeof ordersAnswer>;

const journeyAnswer = z.object({
  orderId: z.string(),
  startedAt: z.iso.datetime(),
  lastedMs: ms,
  events: z.array(orderEvent),
  spans: z.array(
    z.object({
      name: z.string(),
      service: z.string(),
      topic: z.string().optional(),
      depth: z.int().nonnegative(),
      /** From the beginning of the journey. */
      startMs: ms,
      lastedMs: ms,
      isFailed: z.boolean(),
      isStatement: z.boolean(),
      /** Statements directly below it that are not shown. */
      statements: z.int().nonnegative(),
    }),
  ),
  traceIds: z.array(z.string()),
  traces: z.enum(['shown', 'off', 'away', 'forgotten']),
});
export type Journey = z.infer<typeof journeyAnswer>;
export type JourneySpan = Journey['spans'][number];

export const orderCalls = (api: string, visit: Visit) => ({
  /** The newest ones, or those whose id begins so. */
  ordersSeen: (beginning = '') =>
    ask(
      `${api}/orders${beginning && `?${new URLSearchParams({ id: beginning }).toString()}`}`,
      ordersAnswer,
      visit,
    ),
  /** @throws Refused 404 for an order that the topics do not tell of */
  journey: (orderId: string, hasStatements: boolean) =>
    ask(
      `${api}/orders/${encodeURIComponent(orderId)}?statements=${hasStatements ? 'yes' : 'no'}`,
      journeyAnswer,
      visit,
    ),
});
