// Faults over HTTP: what can be broken and what is (`/api/faults`), and an admin who breaks it (`POST /api/faults/<name>`). Only with
// FAULTS=on, which is never set in production: without it nothing here is answered. What breaks things is the launcher.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { AppError, messageOf } from '#runtime/errors.ts';
import { Problem } from '#runtime/http/problem.ts';
import type { Logger } from '#runtime/log.ts';
import type { AdminsOnly } from './admins.ts';

/** Who breaks things: its address and its secret. */
export interface FaultSwitch {
  readonly url: string;
  readonly token: string;
}

interface FaultSettings {
  readonly FAULTS?: 'on' | undefined;
  readonly FAULTS_URL?: string | undefined;
  readonly FAULTS_TOKEN?: string | undefined;
}

/** @throws AppError `config-invalid` for FAULTS without a switch */
export function faultSwitchOf({ FAULTS, FAULTS_URL, FAULTS_TOKEN }: FaultSettings): FaultSwitch | undefined {
  if (FAULTS !== 'on') return undefined;
  if (!FAULTS_URL || !FAULTS_TOKEN)
    throw new AppError('config-invalid', 'FAULTS=on needs FAULTS_URL and FAULTS_TOKEN');
  return { url: FAULTS_URL, token: FAULTS_TOKEN };
}

const NAME = /^[a-z-]{1,40}$/;
const ASK_MS_MAX = 3_000;

const fault = z.object({
  name: z.string(),
  title: z.string(),
  about: z.string(),
  seconds: z.number(),
  phase: z.enum(['ready', 'broken', 'repairing', 'comparing', 'failed']),
  startedAt: z.string().optional(),
  overAt: z.string().optional(),
  endedAt: z.string().optional(),
  steps: z.array(z.object({ at: z.string(), words: z.string() })),
});
const faults = z.object({ faults: z.array(fault) });

export interface FaultsParts {
  readonly faultSwitch: FaultSwitch | undefined;
  readonly adminsOnly: AdminsOnly;
  readonly log: Logger;
}

export function useFaults(app: FastifyInstance, { faultSwitch, adminsOnly, log }: FaultsParts): void {
  const switchOrNone = (): FaultSwitch => {
    if (faultSwitch) return faultSwitch;
    throw new Problem(404, 'faults-off', 'Nothing can be broken here: FAULTS is not on.');
  };
  app.get('/api/faults', () => ask(switchOrNone(), 'GET', '/faults', faults, log));
  app.post('/api/faults/:name', async (request, reply) => {
    const known = switchOrNone();
    await adminsOnly(request);
    const { name } = request.params as { name: string };
    if (!NAME.test(name)) throw unknownFault();
    const started = await ask(known, 'POST', `/faults/${name}`, fault, log);
    log.warn({ fault: name }, 'an admin has broken something on purpose');
    return reply.code(202).send(started);
  });
}

const unknownFault = (): Problem => new Problem(404, 'fault-unknown', 'There is no fault of that name.');

async function ask<Answer>(
  { url, token }: FaultSwitch,
  method: 'GET' | 'POST',
  path: string,
  schema: z.ZodType<Answer>,
  log: Logger,
): Promise<Answer> {
  const [status, body] = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    redirect: 'error',
    signal: AbortSignal.timeout(ASK_MS_MAX),
  })
    .then(async (response) => [response.status, await response.json()] as const)
    .catch((error: unknown) => {
      log.info({ reason: messageOf(error) }, 'the switch of the faults does not answer');
      throw switchAway();
    });
  if (status === 404) throw unknownFault();
  if (status === 409)
    throw new Problem(409, 'fault-running', 'Another fault is not repaired yet: one at a time.');
  const answer = schema.safeParse(body);
  if (status >= 300 || !answer.success) throw switchAway();
  return answer.data;
}

const switchAway = (): Problem =>
  new Problem(503, 'switch-away', 'Whoever runs the platform does not answer. Try again in a moment.');
