// Totals over HTTP: once (`/api/totals`) or as a stream (`/api/live`). A database that is away is said, not hidden.
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { wholeNumber } from '#runtime/config.ts';
import { messageOf } from '#runtime/errors.ts';
import type { Totals } from './answers.ts';
import type { LiveFeed } from './live.ts';
import { type Problem, sendProblem } from './problem.ts';
import { TOTALS_MINUTES_MAX } from './totals.ts';

const WATCHERS_MAX = 50;
const HEARTBEAT_MS = 15_000;

const range = z.object({ minutes: wholeNumber(1, TOTALS_MINUTES_MAX).default(30) });
const BAD_RANGE: Problem = {
  status: 400,
  code: 'bad-request',
  title: 'Not a range',
  detail: `minutes must be a whole number from 1 to ${TOTALS_MINUTES_MAX}.`,
};
const DATABASE_AWAY: Problem = {
  status: 503,
  code: 'store-away',
  title: 'Cloud SQL is away',
  detail: 'The analytics database does not answer or holds no totals yet.',
};
const TOO_MANY: Problem = {
  status: 503,
  code: 'too-many-watchers',
  title: 'Too many pages',
  detail: `${WATCHERS_MAX} pages watch already.`,
};

/** Both routes. Returns how to end the streams: a server that closes would wait for them. */
export function useTotals(
  app: FastifyInstance,
  read: (minutes: number) => Promise<Totals>,
  feed: LiveFeed,
): () => void {
  app.get('/api/totals', async (request, reply) => {
    const query = range.safeParse(request.query);
    if (!query.success) return sendProblem(reply, BAD_RANGE);
    try {
      return await read(query.data.minutes);
    } catch (error) {
      request.log.info({ reason: messageOf(error) }, 'totals cannot be read now');
      return sendProblem(reply, DATABASE_AWAY);
    }
  });

  const open = new Set<() => void>();
  app.get('/api/live', async (request, reply) => {
    const query = range.safeParse(request.query);
    if (!query.success) return sendProblem(reply, BAD_RANGE);
    if (open.size >= WATCHERS_MAX) return sendProblem(reply, TOO_MANY);
    reply.hijack();
    const close = () => reply.raw.end();
    open.add(close);
    reply.raw.on('close', () => open.delete(close));
    stream(reply, feed, query.data.minutes);
    return reply;
  });
  return () => {
    for (const close of open) close();
  };
}

/** Writes server-sent events for as long as the page is there. */
function stream(reply: FastifyReply, feed: LiveFeed, minutes: number): void {
  const { raw } = reply;
  raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
  });
  // EventSource tries again without our help; two seconds is soon enough after a restart.
  raw.write('retry: 2000\n\n');
  const leave = feed.watch(minutes, (event, data) => raw.write(`event: ${event}\ndata: ${data}\n\n`));
  const heartbeat = setInterval(() => raw.write(':\n\n'), HEARTBEAT_MS);
  raw.on('close', () => {
    clearInterval(heartbeat);
    leave();
  });
}
