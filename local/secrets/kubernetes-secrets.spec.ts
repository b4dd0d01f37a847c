// The port to Kubernetes against a server that answers as the API does: bodies and states from the API reference, Secret v1 and Status v1.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { kubernetesSecrets } from './kubernetes-secrets.ts';

interface Secret {
  readonly metadata: { readonly name: string };
  readonly data: Readonly<Record<string, string>>;
}
interface Asked {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly token: string | undefined;
  readonly body?: Secret;
}

const secrets = new Map<string, Secret>();
const asked: Asked[] = [];
/** What is answered in place of what would be. */
let instead: { readonly code: number; readonly body: object } | undefined;
const server = createServer((request, response) => void answer(request, response));
let address: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => void server.close(resolve)));
beforeEach(() => {
  secrets.clear();
  asked.length = 0;
  instead = undefined;
});

const status = (code: number, reason: string, message: string) => ({
  code,
  body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, code, message },
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url: path, headers } = request;
  const body = method === 'POST' ? ((await json(request)) as Secret) : undefined;
  asked.push({ method, path, token: headers.authorization, ...(body ? { body } : {}) });
  const { code, body: text } = instead ?? outcome(method, path, body);
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(text));
}

function outcome(method: string | undefined, path = '', body?: Secret): { code: number; body: object } {
  const [, namespace = '', name = ''] =
    /^\/api\/v1\/namespaces\/([^/]+)\/secrets(?:\/([^/]+))?$/.exec(path) ?? [];
  if (method === 'POST' && body) {
    const place = `${namespace}/${body.metadata.name}`;
    if (secrets.has(place)) return status(409, 'AlreadyExists', `secrets "${body.metadata.name}" exists`);
    secrets.set(place, body);
    return { code: 201, body };
  }
  const found = secrets.get(`${namespace}/${name}`);
  return found ? { code: 200, body: found } : status(404, 'NotFound', `secrets "${name}" not found`);
}

const store = (token = () => Promise.resolve('token\n')) => kubernetesSecrets(address, token);

describe('secrets of Kubernetes', () => {
  it('are created and read again, whatever text they hold', async () => {
    const values = new Map([
      ['DATABASE_URL', 'postgres://ö:"x"@host/shop'],
      ['constructor', 'a key like any other'],
    ]);
    expect(await store().create('shop', 'order-secrets', values)).toBe(true);
    expect(await store().read('shop', 'order-secrets')).toEqual(values);
    expect(asked[0]?.body).toMatchObject({
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'Opaque',
      metadata: { name: 'order-secrets', namespace: 'shop' },
    });
  });

  it('that are not there are no failure', async () => {
    expect(await store().read('shop', 'order-secrets')).toBeUndefined();
  });

  it('that another process has made are not made again', async () => {
    await store().create('shop', 'order-secrets', new Map([['KEY', 'first']]));
    expect(await store().create('shop', 'order-secrets', new Map([['KEY', 'second']]))).toBe(false);
    expect(await store().read('shop', 'order-secrets')).toEqual(new Map([['KEY', 'first']]));
  });

  it('without values are empty', async () => {
    instead = { code: 200, body: { kind: 'Secret' } };
    expect(await store().read('shop', 'order-secrets')).toEqual(new Map());
  });

  it('are asked for with the token that the kubelet has written last', async () => {
    const tokens = ['one\n', 'two\n'];
    const port = store(() => Promise.resolve(tokens.shift() ?? ''));
    await port.read('shop', 'a');
    await port.read('shop', 'b');
    expect(asked.map(({ token }) => token)).toEqual(['Bearer one', 'Bearer two']);
  });
});

describe('a refusal', () => {
  it('of the permission is reported in the words of the API', async () => {
    const message = 'secrets is forbidden: User "system:serviceaccount:data:secrets" cannot create';
    instead = status(403, 'Forbidden', message);
    await expect(store().create('kube-system', 'x', new Map())).rejects.toMatchObject({
      code: 'kubernetes-refused',
      message: `creating kube-system/x: HTTP 403, ${message}`,
    });
  });

  it('of the content is reported without it, because the API quotes values', async () => {
    instead = status(422, 'Invalid', 'Secret "x" is invalid: data[KEY]: "the-value"');
    const failed = await store()
      .create('shop', 'x', new Map([['KEY', 'the-value']]))
      .catch((error: Error) => error);
    expect((failed as Error).message).toBe('creating shop/x: HTTP 422, Invalid');
  });

  it('of the connection names the address, and why', async () => {
    const silent = kubernetesSecrets('http://127.0.0.1:1', () => Promise.resolve('token'));
    await expect(silent.read('shop', 'x')).rejects.toMatchObject({
      code: 'kubernetes-unreachable',
      message: expect.stringMatching(/^http:\/\/127\.0\.0\.1:1 does not answer: .*(bad port|ECONNREFUSED)/),
    });
  });

  it('that is no JSON is one too', async () => {
    instead = { code: 502, body: [] };
    await expect(store().read('shop', 'x')).rejects.toThrow('reading shop/x: HTTP 502');
  });
});
