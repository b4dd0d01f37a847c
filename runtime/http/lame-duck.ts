// A server that was asked to stop, until it no longer listens (the lame duck of Google's "Site Reliability Engineering", chapter 20). Fastify
// marks its answers with `Connection: close` from then on, so that a caller makes a new connection for its next request. Only when no
// more requests come are the connections closed, because a request that is sent while its connection is closed would fail.
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { LAME_DUCK_SECONDS_MAX } from '#contracts/shutdown.ts';

/** After so long without a request, connections that are still open are not used. */
const QUIET_MS = 1_000;
const LOOK_EVERY_MS = 50;

/** The hook that waits; it does not wait when the process was not asked to stop, as in a spec that closes its server. */
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
