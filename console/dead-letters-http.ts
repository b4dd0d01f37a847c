// Dead letters over HTTP: what waits (`GET /api/dead-letters`), and for admins their replay (`POST /api/dead-letters/replay`), where this
// console may replay.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { messageOf } from '#runtime/errors.ts';
import { Problem } from '#runtime/http/problem.ts';
import type { AdminsOnly } from './admins.ts';
import { type DeadLettersAnswer, REFUSABLE } from './dead-letters.ts';
import type { ReplayReport, Replays } from './replays.ts';

const wish = z.strictObject({ topic: z.string().max(200) });

export interface DeadLetterRoutes {
  readonly look: () => Promise<DeadLettersAnswer>;
}
export interface ReplayRoutes extends DeadLetterRoutes {
  readonly replays: Replays;
  readonly adminsOnly: AdminsOnly;
}

/** One that has ended since the letters were read is shown as running: else it would seem to have left them where they were. */
function asOfThen(report: ReplayReport | undefined, asOf: string): ReplayReport | undefined {
  if (!report?.endedAt || report.endedAt < asOf) return report;
  const { endedAt: _later, ...running } = report;
  return running;
}

/** Both routes; without replays the first alone. */
export function useDeadLetters(app: FastifyInstance, routes: DeadLetterRoutes | ReplayRoutes): void {
  const { look } = routes;
  const latest = () => ('replays' in routes ? routes.replays.latest() : undefined);
  app.get('/api/dead-letters', async (request, _reply) => {
    const found = await look().catch((error: unknown) => {
      request.log.info({ reason: messageOf(error) }, 'dead letters cannot be read now');
      throw new Problem(503, 'broker-away', 'Kafka does not answer now. Try again in a moment.');
    });
    return { ...found, replay: asOfThen(latest(), found.asOf) };
  });
  if ('replays' in routes) useReplay(app, routes);
}

function useReplay(app: FastifyInstance, { replays, adminsOnly }: ReplayRoutes): void {
  app.post('/api/dead-letters/replay', { onRequest: adminsOnly }, async (request, reply) => {
    const asked = wish.safeParse(request.body);
    const topic = REFUSABLE.find(({ name }) => name === asked.data?.topic);
    if (!topic) throw new Problem(400, 'topic-unknown', 'Name a topic that has dead letters.');
    const { ended } = replays.start(topic);
    // It continues after the answer; the page asks again, and the report says how it ended.
    void ended;
    return reply.code(202).send(replays.latest());
  });
}
