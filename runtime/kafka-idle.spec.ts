import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import './kafka-idle.ts';

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
});
