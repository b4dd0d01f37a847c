// The HTTP manners of every process: /livez, /readyz, /metrics, and RFC 9457 problem+json for errors.
import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Registry } from '../metrics.ts';
import { traceIdOf } from '../trace.ts';
import { failedAnswer } from './failed-answer.ts';
import { FOREIGN_HOST_REMEDY, type HostRule, isForeign, MISDIRECTED } from './hosts.ts';
import { closeUnusedConnections, lameDuck } from './lame-duck.ts';
import { blankProblem, PROBLEM_TYPE, Problem, type ProblemBody } from './problem.ts';

/** What a process must be able to do to be sent work; throws or resolves to false when it cannot. */
export type ReadinessCheck = () => Promise<boolean> | boolean;

export interface HttpOptions {
  readonly log: Logger;
  readonly registry: Registry;
  /** Named checks of `/readyz`. */
  readonly readiness?: Readonly<Record<string, ReadinessCheck>>;
  /**
   * Named troubles that `/readyz` shows and still answers 200: what does not concern requests, such as a
   * consumer, must not take the answers away. Undefined: none.
   */
  readonly troubles?: Readonly<Record<string, () => string | undefined>>;
  /** True once the process was asked to stop: callers must go elsewhere. */
  readonly isStopping?: () => boolean;
  /** How long a process that was asked to stop still listens at most, in ms. @default LAME_DUCK_SECONDS_MAX */
  readonly lameDuckMsMax?: number;
  /** @default 1 MiB */
  readonly bodyBytesMax?: number;
  /** Addresses or networks whose `X-Forwarded-For` is believed. @default none */
  readonly trustedProxies?: readonly string[];
  /** Which Host headers are answered; others get 421. @default all */
  readonly hosts?: HostRule | undefined;
  /** False where `/metrics` is served elsewhere, by a port that callers do not reach. @default true */
  readonly hasMetrics?: boolean;
}

/** Requests are refused as they are, not mended: no field dropped, no text taken for a number. */
const AJV_OPTIONS = {
  removeAdditional: false,
  coerceTypes: false,
  // All faults in one answer. The body's limit bounds their number.
  allErrors: true,
  discriminator: true,
  allowUnionTypes: true,
} as const;

/** A server with the operations endpoints; routes of the process's own are added by its caller. */
export function createHttp(options: HttpOptions): FastifyInstance {
  // Named by Fastify's own type, or its instance type would be another for every kind of logger.
  const log: FastifyBaseLogger = options.log;
  const lastAnswers = new WeakMap<object, ServerResponse>();
  const app: FastifyInstance = fastify({
    loggerInstance: log,
    // The metrics count requests; a line for each would be noise.
    logController: new LogController({ disableRequestLogging: true }),
    // One logger for all: to make one for each request costs more than most requests ever log.
    childLoggerFactory: () => log,
    bodyLimit: options.bodyBytesMax ?? 1_048_576,
    forceCloseConnections: 'idle',
    // Whoever asks while it closes is answered, with `Connection: close`: by default Fastify says 503.
    return503OnClosing: false,
    // Who sends a body a byte at a time must not hold a connection for minutes.
    requestTimeout: 30_000,
    ajv: { customOptions: AJV_OPTIONS },
    trustProxy: options.trustedProxies?.length ? [...options.trustedProxies] : false,
    genReqId: requestIdOf,
    clientErrorHandler: (error, socket) => refuseConnection(error, socket, lastAnswers.get(socket)),
    frameworkErrors: (error, request, reply) => {
      sendFailure(error, request, reply);
    },
  });
  app.server.on('request', (request, answer) => lastAnswers.set(request.socket, answer));
  if (options.hosts) refuseForeignHosts(app, options.hosts);
  serveOperations(app, options);
  useProblems(app);
  if (options.isStopping) app.addHook('preClose', lameDuck(app, options.isStopping, options.lameDuckMsMax));
  app.addHook('preClose', closeUnusedConnections(app));
  return app;
}

function serveOperations(app: FastifyInstance, options: HttpOptions): void {
  app.get('/livez', () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const checks = await runChecks(options);
    const isReady = Object.values(checks).every((state) => state === 'ok');
    const troubles = Object.entries(options.troubles ?? {}).flatMap(([name, ask]) => {
      const trouble = ask();
      return trouble ? [[name, trouble] as const] : [];
    });
    const status = isReady ? (troubles.length > 0 ? 'degraded' : 'ok') : 'unavailable';
    const told = troubles.length > 0 ? { troubles: Object.fromEntries(troubles) } : {};
    return reply.code(isReady ? 200 : 503).send({ status, checks, ...told });
  });
  if (options.hasMetrics ?? true) {
    app.get('/metrics', async (_request, reply) =>
      reply.type(options.registry.contentType).send(await options.registry.metrics()),
    );
  }
}

function refuseForeignHosts(app: FastifyInstance, hosts: HostRule): void {
  app.addHook('onRequest', (request, _reply, done) => {
    if (!isForeign(hosts, request.raw)) return done();
    done(new Problem(MISDIRECTED, 'foreign-host', FOREIGN_HOST_REMEDY));
  });
}

/** The id that the caller's side gave, when it is a harmless one. */
function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && /^[\w-]{8,64}$/.test(given) ? given : randomUUID();
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

/** Every failure is a problem, also those that Fastify meets before it knows the route. */
function useProblems(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => sendFailure(error, request, reply));
  app.setNotFoundHandler((_request, reply) => sendProblem(reply, 404, blankProblem(404)));
}

function sendFailure(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, body, headers } = failedAnswer(error);
  // The template, not the url: what stands in a url may be personal.
  const route = request.routeOptions.url;
  if (status >= 500) {
    const { id: requestId, method, span } = request;
    request.log.error({ error, requestId, method, route, ...traceIdOf(span?.traceparent) }, 'request failed');
  }
  return sendProblem(reply.headers(headers), status, body);
}

/** Past the serializer of the route, which knows its successful answers only. */
const sendProblem = (reply: FastifyReply, status: number, body: ProblemBody): FastifyReply =>
  reply.code(status).type(PROBLEM_TYPE).serializer(JSON.stringify).send(body);

/** What Node cannot read as a request has no route and no reply: the answer is written to the connection itself. */
function refuseConnection(
  { code }: NodeJS.ErrnoException,
  socket: Socket,
  last: ServerResponse | undefined,
): void {
  // Its body broke off after it was answered: a second answer would pass for that of the next request.
  const isAnswered = last?.headersSent && !last.req.complete;
  if (code === 'ECONNRESET' || !socket.writable || isAnswered) return void socket.destroy();
  const status = code === 'HPE_HEADER_OVERFLOW' ? 431 : code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
  const body = JSON.stringify(blankProblem(status));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `content-type: ${PROBLEM_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
