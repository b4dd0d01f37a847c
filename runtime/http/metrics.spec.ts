import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { createLogger } from '../log.ts';
import { createRegistry } from '../metrics.ts';
import { measureRequests } from './metrics.ts';
import { createHttp } from './server.ts';

let app: FastifyInstance;
afterEach(() => app.close());

/** A server whose stream at `/events` ends on request. */
async function listen(type = 'text/event-stream') {
  const registry = createRegistry('sample');
  app = createHttp({ log: createLogger('sample', 'silent'), registry });
  measureRequests(app, registry);
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  app.get('/events', (_request, reply) =>
    reply.type(type).send(
      Readable.from(
        (async function* () {
          yield ':\n\n';
          await ended;
        })(),
      ),
    ),
  );
  app.get('/refused', (_request, reply) => reply.code(503).send());
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  const seen = async () => {
    const lines = (await registry.metrics()).split('\n');
    const count = lines.filter((line) => line.startsWith('http_request_duration_seconds_count'));
    const inFlight = lines.find((line) => line.startsWith('http_requests_in_flight'))!;
    return { count, inFlight: Number(inFlight.split(' ').at(-1)) };
  };
  const ask = async (path: string) =>
    (await once(get(address + path, { agent: false }), 'response')) as [IncomingMessage];
  return { ask, end, seen };
}

describe('a stream', () => {
  it('counts once, when it begins: how long it lasts is up to its reader', async () => {
    const { ask, end, seen } = await listen();
    const [stream] = await ask('/events');
    const begun = { count: [expect.stringMatching(/route="\/events",status="200".* 1$/)], inFlight: 0 };
    expect(await seen()).toEqual(begun);
    end();
    await text(stream);
    await app.close();
    expect(await seen()).toEqual(begun);
  });

  it('that is refused counts as any answer', async () => {
    const { ask, seen } = await listen();
    await text((await ask('/refused'))[0]);
    await app.close();
    expect(await seen()).toEqual({
      count: [expect.stringMatching(/route="\/refused",status="503".* 1$/)],
      inFlight: 0,
    });
  });

  it('is negative control: of another type it is in progress until it ends', async () => {
    const { ask, end, seen } = await listen('text/plain');
    const [stream] = await ask('/events');
    expect(await seen()).toEqual({ count: [], inFlight: 1 });
    end();
    await text(stream);
  });
});
