// Sends a request of the scenario and returns its answer, over connections that are kept. Each customer may have another address, as
// customers have: on Linux all of 127.0.0.0/8 is this machine.
import { Agent, request } from 'node:http';
import type { Answer, Ask, ServiceName } from '../../k8s/load/scenario/step.ts';

export type Addresses = Readonly<Record<ServiceName, string>>;

/** How requests of one customer are sent. @throws what the connection says, or when there is no answer in time */
export interface Sender {
  send(ask: Ask): Promise<Answer>;
  close(): void;
}

const ANSWER_MS_MAX = 30_000;

/** @param from the address that requests come from; this machine's own when undefined */
export function createSender(addresses: Addresses, from?: string): Sender {
  const agent = new Agent({ keepAlive: true, maxSockets: 4, ...(from && { localAddress: from }) });
  return {
    send: (ask) => send(ask, addresses, agent),
    close: () => agent.destroy(),
  };
}

function send(ask: Ask, addresses: Addresses, agent: Agent): Promise<Answer> {
  const { service, method, path, token, idempotencyKey } = ask;
  const body = ask.body === undefined ? undefined : JSON.stringify(ask.body);
  const headers = {
    ...(token && { authorization: `Bearer ${token}` }),
    ...(idempotencyKey && { 'idempotency-key': idempotencyKey }),
    ...(body !== undefined && {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    }),
  };
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const signal = AbortSignal.timeout(ANSWER_MS_MAX);
  const sent = request(addresses[service] + path, { agent, method, headers, signal }, (response) => {
    let text = '';
    response
      .setEncoding('utf8')
      .on('data', (part: string) => {
        text += part;
      })
      .on('end', () => resolve({ status: response.statusCode ?? 0, text }))
      .on('error', reject);
  });
  sent.on('error', reject).end(body);
  return promise;
}
