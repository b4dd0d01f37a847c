import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { createLogger } from '../log.ts';
import { createRegistry } from '../metrics.ts';
import { createHttp } from './server.ts';

let app: FastifyInstance | undefined;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
afterEach(async () => {
  agent.destroy();
  await app?.close();
});

interface Heard {
  readonly status: number;
  readonly connection: string | undefined;
}

/** Over the one connection that is kept. */
function ask(address: string): Promise<Heard> {
  const { promise, resolve, reject } = Promise.withResolvers<Heard>();
  const sent = request(`${address}/livez`, { agent }, (answer) => {
    const { statusCode = 0, headers } = answer;
    answer.resume().on('end', () => resolve({ status: statusCode, connection: headers.connection }));
  });
  sent.on('error', reject).end();
  return promise;
}

/** A server of a process that is asked to stop when `state` says so. */
async function listen(lameDuckMsMax?: number) {
  const state = { isStopping: false };
  app = createHttp({
    log: createLogger('sample', 'silent'),
    registry: createRegistry('sample'),
    isStopping: () => state.isStopping,
    ...(lameDuckMsMax !== undefined && { lameDuckMsMax }),
  });
  return { state, address: await app.listen({ host: '127.0.0.1', port: 0 }) };
}

describe('a server that is asked to stop', () => {
  it('answers on open connections, and asks callers to make another connection', async () => {
    const { state, address } = await listen();
    expect(await ask(address)).toEqual({ status: 200, connection: 'keep-alive' });
    state.isStopping = true;
    const closed = app!.close();
    expect(await ask(address)).toEqual({ status: 200, connection: 'close' });
    await closed;
  });

  it('refuses connections once no requests come', async () => {
    const { state, address } = await listen();
    await ask(address);
    state.isStopping = true;
    await app!.close();
    await expect(ask(address)).rejects.toThrow(/ECONN|hang up/);
  });

  it('stops at once when it may not wait', async () => {
    const { state, address } = await listen(0);
    await ask(address);
    state.isStopping = true;
    const closed = app!.close();
    await expect(ask(address)).rejects.toThrow(/ECONN|hang up/);
    await closed;
  });
});

describe('a connection', () => {
  const open = async (address: string) => {
    const accepted = once(app!.server, 'connection') as Promise<[Socket]>;
    const socket = connect(Number(new URL(address).port), '127.0.0.1');
    return { socket, accepted: (await accepted)[0] };
  };

  it('on which nothing was ever sent, as browsers open in advance, does not keep a server from closing', async () => {
    const { address } = await listen();
    const { socket } = await open(address);
    const gone = once(socket, 'close');
    await app!.close();
    await gone;
  });

  it('on which a request has begun to arrive is waited for, and answered', async () => {
    const { address } = await listen();
    const { socket, accepted } = await open(address);
    socket.write('GET /livez HTTP/1.1\r\n');
    while (accepted.bytesRead === 0) await sleep(5);
    const closed = app!.close();
    socket.write('host: sample\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 /);
    await closed;
  });
});
