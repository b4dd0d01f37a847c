// The HTTP manners of every process: /livez, /readyz, /metrics, and RFC 9457 problem+json for errors.
import { STATUS_CODES } from 'node:http';
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  LogController,
} from 'fastify';
import { messageOf } from './errors.ts';
import type { Logger } from './log.ts';
import type { Registry } from './metrics.ts';

/** What a process must be able to do to be sent work; throws or resolves to false when it cannot. */
export type ReadinessCheck = () => Promise<boolean> | boolean;

export interface HttpOptions {
  readonly log: Logger;
  readonly registry: Registry;
  /** Named checks of `/readyz`. */
  readonly readiness?: Readonly<Record<string, ReadinessCheck>>;
  /** False once the process is told to go: traffic must drain elsewhere. */
  readonly isStopping?: () => boolean;
  /** @default 1 MiB */
  readonly bodyBytesMax?: number;
}

/** A server with the operations endpoints; routes of the process's own are added by its caller. */
export function createHttp(options: HttpOptions): FastifyInstance {
  // Named by Fastify's own type, or its instance type would be another for every kind of logger.
  const log: FastifyBaseLogger = options.log;
  const app: FastifyInstance = fastify({
    loggerInstance: log,
    // The metrics count requests; a line for each would be noise.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: options.bodyBytesMax ?? 1_048_576,
    forceCloseConnections: 'idle',
  });
  app.get('/livez', () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const checks = await runChecks(options);
    const isReady = Object.values(checks).every((state) => state === 'ok');
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ok' : 'unavailable', checks });
  });
  app.get('/metrics', async (_request, reply) =>
    reply.type(options.registry.contentType).send(await options.registry.metrics()),
  );
  useProblems(app);
  return app;
}

async function runChecks(options: HttpOptions): Promise<Record<string, string>> {
  const entries = Object.entries(options.readiness ?? {}).map(async ([name, check]) => {
    try {
      return [name, (await check()) ? 'ok' : 'failing'];
    } catch (error) {
      options.log.warn({ check: name, reason: messageOf(error) }, 'readiness check failed');
      return [name, 'failing'];
    }
  });
  const checks = Object.fromEntries(await Promise.all(entries)) as Record<string, string>;
  return options.isStopping?.() ? { ...checks, stopping: 'failing' } : checks;
}

/** A 4xx says what is wrong with the request; a 5xx says nothing about our insides. */
function useProblems(app: FastifyInstance): void {
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const status = error.statusCode && error.statusCode >= 400 ? error.statusCode : 500;
    if (status >= 500)
      request.log.error({ error, method: request.method, url: request.url }, 'request failed');
    return sendProblem(reply, status, status >= 500 ? undefined : error.message);
  });
  app.setNotFoundHandler((_request, reply) => sendProblem(reply, 404));
}

/** With `about:blank` the title is the status's own phrase (RFC 9457 §4.2.1). */
function sendProblem(reply: FastifyReply, status: number, detail?: string): FastifyReply {
  return reply
    .code(status)
    .type('application/problem+json')
    .send({
      type: 'about:blank',
      status,
      title: STATUS_CODES[status] ?? 'Error',
      ...(detail ? { detail } : {}),
    });
}
