// The services behind the storefront for its specs: answers that a spec sets, and every request that came.
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Problem, problemBody } from '#runtime/http/problem.ts';

export interface SentRequest {
  readonly call: string;
  /** With the query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

export interface CannedAnswer {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as they are, in place of a body; the connection stays open after them. */
  readonly stream?: readonly string[];
}
/** By `GET /path`, without the query. */
export type Answers = Map<string, CannedAnswer | ((request: SentRequest) => CannedAnswer)>;

export interface TestServices {
  readonly url: string;
  readonly answers: Answers;
  readonly requests: SentRequest[];
  /** Bodies and headers of the requests of one kind, such as `POST /sessions`. */
  sent(call: string): SentRequest[];
  /** How many streams are still read. */
  readonly openStreams: () => number;
  close(): Promise<void>;
}

/** As a service answers a request that it refuses. */
export const refusal = (problem: Problem): CannedAnswer => ({
  status: problem.status,
  body: problemBody(problem),
  headers: problem.headers,
});

export const product = (productId: string, change: Record<string, unknown> = {}) => ({
  productId,
  name: `The ${productId}`,
  description: 'Thrown and glazed by hand.',
  categoryId: 'living',
  price: { amountMinor: 4_900, currency: 'EUR' },
  isActive: true,
  availableCount: 3,
  images: [],
  ...change,
});

const EUR = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });

/** From now on people sign in, and a signed-in customer has two vases of 49 euros each in the cart. */
export function answerCartOfVases({ answers }: TestServices, etag: string): void {
  answers.set('POST /sessions', {
    body: { accessToken: 'access.1', refreshToken: 'refresh-1', expiresInS: 900 },
  });
  const line = { productId: 'vase', name: 'The vase', quantity: 2, unitPrice: EUR(4_900) };
  answers.set('GET /cart', {
    body: {
      lines: [{ ...line, lineTotal: EUR(9_800), isAvailable: true }],
      totals: [EUR(9_800)],
      isOrderable: true,
    },
    headers: { etag },
  });
  answers.set('GET /products/vase', { body: product('vase') });
}

const NOTHING: CannedAnswer = { status: 404, body: { code: 'not-found', detail: 'There is nothing.' } };

export async function startTestServices(): Promise<TestServices> {
  const answers: Answers = new Map();
  const requests: SentRequest[] = [];
  const streams = new Set<ServerResponse>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const call = `${request.method} ${new URL(request.url!, 'http://any').pathname}`;
    const sent = {
      call,
      url: request.url!,
      headers: request.headers,
      body: text ? (JSON.parse(text) as unknown) : undefined,
    };
    requests.push(sent);
    const found = answers.get(call) ?? NOTHING;
    const { status = 200, body, headers = {}, stream } = typeof found === 'function' ? found(sent) : found;
    if (stream) {
      response.writeHead(status, { 'content-type': 'text/event-stream', ...headers });
      for (const text of stream) response.write(text);
      streams.add(response);
      response.once('close', () => streams.delete(response));
      return;
    }
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answers,
    requests,
    sent: (call) => requests.filter((request) => request.call === call),
    openStreams: () => streams.size,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
