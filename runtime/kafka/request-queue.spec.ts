import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import Connection from 'kafkajs/src/network/connection.js';
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import createSocketFactory from 'kafkajs/src/network/socketFactory.js';
import apiVersions from 'kafkajs/src/protocol/requests/apiVersions/index.js';
import './request-queue.ts';

interface Settings {
  maxInFlightRequests: number | null;
  requestTimeout: number;
  enforceRequestTimeout: boolean;
  clientId: string;
  broker: string;
  logger: { debug(): void };
}
type Queue = RequestQueue & {
  throttledUntil: number;
  maybeThrottle(ms: number): void;
  push(request: { entry: object; expectResponse: boolean; sendRequest(): void }): void;
};
const queues: Queue[] = [];
afterEach(() => {
  for (const queue of queues.splice(0)) queue.destroy();
});

function createQueue(settings: Partial<Settings> = {}): Queue {
  const Made = RequestQueue as unknown as new (settings: Settings) => Queue;
  const queue = new Made({
    maxInFlightRequests: null,
    requestTimeout: 30_000,
    enforceRequestTimeout: true,
    clientId: 'spec',
    broker: 'nowhere:9092',
    logger: { debug: () => {} },
    ...settings,
  });
  queues.push(queue);
  return queue;
}

const request = (sent: number[], correlationId: number) => ({
  entry: { correlationId, apiName: 'Spec', apiKey: 0, apiVersion: 0, resolve: () => {}, reject: () => {} },
  expectResponse: true,
  sendRequest: () => void sent.push(correlationId),
});

describe('a connection of kafkajs', () => {
  it('sets no timer to look for requests while none waits', () => {
    const queue = createQueue();
    queue.checkPendingRequests();
    expect(queue.throttleCheckTimeoutId).toBeNull();
  });

  it('sends what waited for the broker to allow it, and then looks no more', async () => {
    const queue = createQueue();
    const sent: number[] = [];
    queue.maybeThrottle(30);
    queue.push(request(sent, 1));
    expect(sent).toEqual([]);
    while (sent.length === 0) await sleep(5);
    await sleep(20);
    expect(sent).toEqual([1]);
    expect(queue.throttleCheckTimeoutId).toBeNull();
  });

  it('still gives up a request whose answer does not come', async () => {
    const queue = createQueue({ requestTimeout: 1 });
    const failed = Promise.withResolvers<Error>();
    queue.scheduleRequestTimeoutCheck();
    const late = request([], 1);
    queue.push({ ...late, entry: { ...late.entry, reject: failed.resolve } });
    expect((await failed.promise).message).toMatch(/timed out/i);
  });

  // Without the mend a request hangs for each number of turns but none.
  it.each([0, 1, 2, 3, 5])(
    'ends a request that is sent while it is closed once more, %i turns of the microtask queue later',
    async (turns) => {
      const connection = await closedConnection();
      void connection.disconnect();
      const sent = connection.send(apiVersions.protocol({ version: 2 })());
      const outcome = sent.catch((error: Error) => error.message);
      for (let turn = 0; turn < turns; turn += 1) {
        await Promise.resolve();
        void connection.disconnect();
      }
      expect(await outcome).toMatch(/^(Not connected|Closed connection)$/);
      expect(connection.requestQueue.inflight.size).toBe(0);
    },
    5_000,
  );
});

/** A connection whose broker has ended it. */
async function closedConnection(): Promise<Connection> {
  const logger = { namespace: () => logger, debug: () => {}, error: () => {} };
  const broker = createServer((socket) => void socket.on('error', () => {})).listen(0, '127.0.0.1');
  const accepted = once(broker, 'connection') as Promise<[Socket]>;
  await once(broker, 'listening');
  const connection = new Connection({
    host: '127.0.0.1',
    port: (broker.address() as AddressInfo).port,
    logger,
    socketFactory: createSocketFactory(),
    requestTimeout: 30_000,
    connectionTimeout: 1_000,
  });
  await connection.connect();
  (await accepted)[0].end();
  while (connection.isConnected()) await sleep(5);
  broker.close();
  return connection;
}
