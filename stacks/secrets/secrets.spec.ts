// The command against a Secrets Manager of the spec's own, which answers as AWS's does (JSON 1.1).
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json, text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SECRETS } from '#contracts/deployed-settings.ts';
import { dev } from '../environments/dev.ts';

const NAMES = Object.keys(SECRETS).map((name) => `shop-dev/${name}`);
/** By name; null where nothing was put yet. */
const stored = new Map<string, string | null>();
let accountId = dev.aws.accountId;

const server = createServer(async (request, response) => {
  const action = String(request.headers['x-amz-target']).split('.')[1];
  const { SecretId, SecretString } = (await json(request)) as { SecretId: string; SecretString?: string };
  const found = stored.get(SecretId);
  response.setHeader('content-type', 'application/x-amz-json-1.1');
  if (found === undefined || (action === 'GetSecretValue' && found === null)) {
    response.statusCode = 400;
    return response.end(JSON.stringify({ __type: 'ResourceNotFoundException', message: 'none' }));
  }
  if (action === 'PutSecretValue') stored.set(SecretId, SecretString!);
  const ARN = `arn:aws:secretsmanager:eu-central-1:${accountId}:secret:${SecretId}-abcdef`;
  response.end(JSON.stringify({ ARN, Name: SecretId, SecretString: stored.get(SecretId) }));
});
beforeAll(() => new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve)));
afterAll(() => new Promise((resolve) => void server.close(resolve)));
beforeEach(() => {
  stored.clear();
  for (const name of NAMES) stored.set(name, null);
  accountId = dev.aws.accountId;
});

const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

async function run(options: readonly string[] = [], input = '', aws = address()) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'secrets.cli.ts'), ...options], {
    env: {
      PATH: process.env.PATH,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: aws,
      AWS_ACCESS_KEY_ID: 'example',
      AWS_SECRET_ACCESS_KEY: 'example',
    },
  });
  child.stdin.end(input);
  const [out, error] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { out, error };
}
const valuesOf = (name: string) =>
  JSON.parse(stored.get(`shop-dev/${name}`) ?? '{}') as Record<string, string>;

describe('npm run secrets', () => {
  it('generates keys once, names what a person must give, and prints no value', async () => {
    const { out } = await run();
    const { SIGNING_KEK = '' } = valuesOf('user/signing');
    expect(Buffer.from(SIGNING_KEK, 'base64')).toHaveLength(32);
    expect(valuesOf('payment/stripe')).toEqual({ STRIPE_API_KEY: '', STRIPE_WEBHOOK_SECRETS: '' });
    expect(out).toContain('STRIPE_API_KEY is empty: --set STRIPE_API_KEY');
    const again = await run();
    expect(valuesOf('user/signing')).toMatchObject({ SIGNING_KEK });
    expect(again.out.match(/unchanged/g)).toHaveLength(NAMES.length);
    expect(out + again.out).not.toContain(SIGNING_KEK);
  });

  it('takes a value from standard input, and leaves the others alone', async () => {
    await run();
    const before = valuesOf('user/signing');
    const { out } = await run(['--set', 'STRIPE_API_KEY'], 'rk_test_example\n');
    expect(valuesOf('payment/stripe')).toEqual({
      STRIPE_API_KEY: 'rk_test_example',
      STRIPE_WEBHOOK_SECRETS: '',
    });
    expect(valuesOf('user/signing')).toEqual(before);
    expect(out).not.toContain('rk_test_example');
  });

  it('renews a key beside the one before', async () => {
    await run();
    const { SIGNING_KEK: before } = valuesOf('user/signing');
    await run(['--renew', 'SIGNING_KEK']);
    const { SIGNING_KEK, SIGNING_KEK_PREVIOUS } = valuesOf('user/signing');
    expect(SIGNING_KEK_PREVIOUS).toBe(before);
    expect(SIGNING_KEK).not.toBe(before);
  });

  it.each([
    ['of an unknown value', ['--set', 'NO_SUCH'], 'No secret holds NO_SUCH'],
    ['of a word that every object knows', ['--set', 'constructor'], 'No secret holds constructor'],
    ['of an unknown environment', ['--environment', 'moon'], 'There is no environment moon'],
    ['of two things at once', ['--set', 'A', '--renew', 'B'], 'One of --set, --renew and --clear'],
  ])('says what is wrong: %s', async (_what, options, sentence) => {
    const { error } = await run(options);
    expect(error).toContain(sentence);
    expect(error).not.toContain('    at ');
    expect([...stored.values()].every((value) => value === null)).toBe(true);
  });

  it('says whom it asked, and what to do, when nobody answers', async () => {
    // Nothing listens there: the port of a protocol that throws away what it is sent.
    const { error } = await run([], '', 'http://127.0.0.1:9');
    expect(error).toMatch(/^AWS Secrets Manager in eu-central-1 refuses or does not answer: .*AWS_PROFILE/);
    expect(error).not.toContain('    at ');
  });

  it('writes nothing where the stack is not deployed, nor into another account', async () => {
    accountId = '999999999999';
    expect((await run()).error).toContain('is not of the account 111122223333');
    stored.delete(NAMES[0]!);
    expect((await run()).error).toContain(`There is no secret ${NAMES[0]} in eu-central-1: deploy aws first`);
    expect([...stored.values()].every((value) => value === null)).toBe(true);
  });
});
