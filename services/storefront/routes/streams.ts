// Streams of server-sent events (WHATWG HTML §9.2) to browsers, so many at once and no more: each holds a connection.
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

export interface StreamLimits {
  readonly streamsMax: number;
  /** Of one address. */
  readonly ofVisitorMax: number;
}

/** Texts of one stream, which end when the signal says so. */
export type Stream = (signal: AbortSignal) => AsyncIterable<string>;

/** Prepares streams of one kind; they end with their visitor and with the server. */
export function createStreams(app: FastifyInstance, { streamsMax, ofVisitorMax }: StreamLimits) {
  const open = new Map<AbortController, string>();
  app.addHook('preClose', async () => {
    for (const stream of open.keys()) stream.abort();
  });
  return {
    send: (request: FastifyRequest, reply: FastifyReply, stream: Stream): FastifyReply => {
      const ofVisitor = [...open.values()].filter((ip) => ip === request.ip).length;
      if (open.size >= streamsMax || ofVisitor >= ofVisitorMax) return noStream(reply);
      const ending = new AbortController();
      open.set(ending, request.ip);
      const leave = (): void => {
        ending.abort();
        open.delete(ending);
      };
      reply.raw.once('close', leave);
      // Gone before the stream began: then no event tells.
      if (reply.raw.destroyed) leave();
      reply.header('cache-control', 'no-store').type('text/event-stream').header('x-accel-buffering', 'no');
      return reply.send(Readable.from(stream(ending.signal)));
    },
  };
}

/** Any other status than 200 makes browsers stop asking (§9.2.3). */
export const noStream = (reply: FastifyReply): FastifyReply => reply.code(204).send();

/** JSON has no line breaks, which would end the event. */
export const eventText = (name: string, data: unknown, id?: string): string =>
  `event: ${name}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;

/** Says that the stream is alive. */
export const HEARTBEAT = ':\n\n';

/** After how long browsers connect again by themselves. */
export const retryText = (ms: number): string => `retry: ${ms}\n\n`;
