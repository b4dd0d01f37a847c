// A server that is told to go, until it stops to listen (the lame duck of Google's "Site Reliability Engineering", chapter 20). Fastify
// marks its answers with `Connection: close` from then on, so that who keeps a connection takes another for the next request. Only
// when nobody asks any more are the connections closed: a request that crosses a closing on its way would fail.
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { LAME_DUCK_SECONDS_MAX } from '#contracts/shutdown.ts';

/** Nobody has asked for so long: whoever still keeps a connection does not use it. */
const QUIET_MS = 1_000;
const LOOK_EVERY_MS = 50;

/** The hook that waits; at once when the process is not told to go, as in a spec that closes its server. */
export function lameDuck(
  { server }: FastifyInstance,
  isStopping: () => boolean,
  msMax = LAME_DUCK_SECONDS_MAX * 1_000,
): () => Promise<void> {
  let askedAtMs = Number.NEGATIVE_INFINITY;
  server.on('request', () => {
    askedAtMs = performance.now();
  });
  return async () => {
    if (!isStopping()) return;
    const deadlineMs = performance.now() + msMax;
    while (performance.now() < Math.min(deadlineMs, askedAtMs + QUIET_MS)) await sleep(LOOK_EVERY_MS);
  };
}

/**
 * The hook that closes connections on which nothing was ever sent. Browsers open such in advance, and Node closes idle connections but
 * these (nodejs/node, lib/_http_server.js, `closeIdleConnections`): the server would wait for them until they send something.
 */
export function closeUnusedConnections({ server }: FastifyInstance): () => Promise<void> {
  const unused = new Set<Socket>();
  let isClosing = false;
  server.on('connection', (socket: Socket) => {
    // It was accepted just before the server stops to listen.
    if (isClosing) return void socket.destroy();
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  server.on('request', ({ socket }) => unused.delete(socket));
  return async () => {
    isClosing = true;
    // A request that has begun to arrive is waited for.
    for (const socket of unused) if (socket.bytesRead === 0) socket.destroy();
  };
}
