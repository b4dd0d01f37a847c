// A stage for specs: Stripe's PaymentIntents and Refunds on a port of this machine, as their documentation describes them. Idempotency keys bring
// the first answer back, whatever it was (docs.stripe.com/api/idempotent_requests); faults are switched on by the spec.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import {
  createIntent,
  createRefund,
  endRefund,
  type Intent,
  listOf,
  type Refund,
  type Reply,
} from './test-stripe-objects.ts';

export interface StripeStage {
  readonly url: string;
  readonly intents: readonly Intent[];
  readonly refunds: readonly Refund[];
  /** The next requests are not taken: 503. */
  refuseNext(count: number): void;
  /** The next requests are taken, and their answers get lost. */
  loseAnswers(count: number): void;
  /** Somebody gives a part back at the dashboard: without a word of ours in its metadata. */
  refundByHand(providerRef: string, amount: number): void;
  endRefund(refund: Refund, status: string): void;
  /** As if the charges had been made so long ago. */
  age(providerRef: string, seconds: number): void;
  /** What was `processing` is `succeeded`. */
  settle(): void;
  close(): Promise<void>;
}

interface Kept {
  readonly request: string;
  readonly reply: Reply;
}

interface Stage {
  readonly intents: Intent[];
  readonly refunds: Refund[];
  readonly kept: Map<string, Kept>;
  refusals: number;
  losses: number;
}

/** Opens an empty account. */
export async function openStripeStage(): Promise<StripeStage> {
  const stage: Stage = { intents: [], refunds: [], kept: new Map(), refusals: 0, losses: 0 };
  const server = createServer((request, response) => void serve(stage, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    intents: stage.intents,
    refunds: stage.refunds,
    refuseNext: (count) => {
      stage.refusals = count;
    },
    loseAnswers: (count) => {
      stage.losses = count;
    },
    refundByHand: (providerRef, amount) => {
      const form = new URLSearchParams({ payment_intent: providerRef, amount: String(amount) });
      if (createRefund(form, stage.intents, stage.refunds).status !== 200) throw new Error('no such refund');
    },
    endRefund: (refund, status) => endRefund(refund, status, stage.intents, stage.refunds),
    age: (providerRef, seconds) => {
      const at = stage.intents.findIndex(({ id }) => id === providerRef);
      const intent = stage.intents[at]!;
      stage.intents[at] = { ...intent, created: intent.created - seconds };
    },
    settle: () => {
      for (const intent of stage.intents) if (intent.status === 'processing') intent.status = 'succeeded';
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function serve(stage: Stage, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await text(request);
  if (stage.refusals > 0) {
    stage.refusals -= 1;
    return send(response, { status: 503, body: { error: { type: 'api_error', message: 'unavailable' } } });
  }
  const reply = isAllowed(request) ? replyOnce(stage, request, body) : UNAUTHORIZED;
  if (stage.losses > 0) {
    stage.losses -= 1;
    response.destroy();
    return;
  }
  send(response, reply);
}

const UNAUTHORIZED: Reply = {
  status: 401,
  body: { error: { type: 'invalid_request_error', message: 'no such key' } },
};

/** The version must be pinned: without it an account's default would decide what answers look like. */
const isAllowed = ({ headers }: IncomingMessage): boolean =>
  headers.authorization === 'Bearer sk_test_stage' &&
  /^\d{4}-\d\d-\d\d\./.test(String(headers['stripe-version']));

function replyOnce(stage: Stage, request: IncomingMessage, body: string): Reply & { isReplayed?: boolean } {
  const key = request.headers['idempotency-key'];
  if (request.method !== 'POST' || typeof key !== 'string') return replyTo(stage, request, body);
  const described = `${request.url} ${body}`;
  const kept = stage.kept.get(key);
  if (kept && kept.request !== described) {
    const message = 'Keys for idempotent requests can only be used with the same parameters';
    return { status: 400, body: { error: { type: 'idempotency_error', message } } };
  }
  if (kept) return { ...kept.reply, isReplayed: true };
  const reply = replyTo(stage, request, body);
  // A snapshot: the first answer comes back even when the object has moved on.
  stage.kept.set(key, { request: described, reply: structuredClone(reply) });
  return reply;
}

function replyTo(stage: Stage, request: IncomingMessage, body: string): Reply {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://stage');
  const [, , resource, id] = pathname.split('/');
  const form = new URLSearchParams(body);
  switch (`${request.method} ${resource}${id ? '/:id' : ''}`) {
    case 'POST payment_intents':
      return createIntent(form, stage.intents);
    case 'GET payment_intents':
      return { status: 200, body: listOf(stage.intents, searchParams, stage.intents) };
    case 'GET payment_intents/:id': {
      const intent = stage.intents.find((one) => one.id === id);
      return intent ? { status: 200, body: intent } : MISSING;
    }
    case 'POST refunds':
      return createRefund(form, stage.intents, stage.refunds);
    case 'GET refunds':
      return { status: 200, body: listOf(stage.refunds, searchParams, stage.intents) };
    default:
      return MISSING;
  }
}

const MISSING: Reply = {
  status: 404,
  body: { error: { type: 'invalid_request_error', code: 'resource_missing', message: 'no such object' } },
};

function send(
  response: ServerResponse,
  { status, body, isReplayed }: Reply & { isReplayed?: boolean },
): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'request-id': 'req_stage',
    ...(isReplayed && { 'idempotent-replayed': 'true' }),
  });
  response.end(JSON.stringify(body));
}
