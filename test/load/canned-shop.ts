// A shop that always answers the same and remembers what it was asked: two drivers that ask the same leave the same behind.
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface CannedShop {
  readonly address: string;
  /** `GET /products?q=cup&limit=20 signed-in`, with ids and secrets replaced by what they are. */
  readonly asked: string[];
  close(): void;
}

interface Canned {
  readonly status: number;
  readonly body: string;
}

const PRODUCTS = ['plum-vase', 'rust-tea-tin', 'moss-bowl', 'sky-pot'].map((productId) => ({
  productId,
  availableCount: 9,
  price: { amountMinor: 1_250, currency: 'EUR' },
}));
const SESSION = JSON.stringify({ accessToken: 'access', refreshToken: 'refresh' });
const OK: Canned = { status: 200, body: '{}' };

export async function openCannedShop(): Promise<CannedShop> {
  const asked: string[] = [];
  const emails: string[] = [];
  let orderLooks = 0;
  const answers: readonly (readonly [RegExp, (body: string) => Canned])[] = [
    [
      /^POST \/users$/,
      (body) => {
        emails.push((JSON.parse(body) as { email: string }).email);
        return { status: 202, body: '' };
      },
    ],
    [/^GET \/mailbox\?/, () => ({ status: 200, body: emails.map(mailRow).join('') })],
    [/^GET \/mailbox\/7$/, () => ({ status: 200, body: 'http://shop/#token=t-1' })],
    [/^(POST \/users\/verifications|DELETE \/users\/me)$/, () => ({ status: 204, body: '' })],
    [/^POST \/sessions$/, () => ({ status: 201, body: SESSION })],
    [/^POST \/sessions\/refresh$/, () => ({ status: 200, body: SESSION })],
    [/^GET \/products\?/, () => ({ status: 200, body: JSON.stringify({ items: PRODUCTS }) })],
    [/^POST \/orders$/, () => ({ status: 201, body: '{"orderId":"o-1"}' })],
    [
      /^GET \/orders\/o-1$/,
      () => ({ status: 200, body: `{"status":"${orderLooks++ % 2 === 0 ? 'placed' : 'confirmed'}"}` }),
    ],
    [/./, () => OK],
  ];
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const line = `${request.method} ${request.url}`;
      asked.push(describe(request, body));
      const { status, body: answer } = answers.find(([pattern]) => pattern.test(line))![1](body);
      response.writeHead(status).end(answer);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { address, asked, close: () => server.close().closeAllConnections() };
}

const mailRow = (email: string): string => `<tr><td><a href="/mailbox/7">Hi</a></td><td>${email}</td></tr>`;

function describe({ method, url, headers }: IncomingMessage, body: string): string {
  return [
    `${method} ${url}`,
    headers.authorization ?? '',
    headers['idempotency-key'] ? 'keyed' : '',
    headers['content-type'] ?? '',
    body.replaceAll(/[\da-f]{8}-?([\da-f]{4}-?){3}[\da-f]{12}/g, '<id>'),
  ]
    .filter((part) => part !== '')
    .join(' ');
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
