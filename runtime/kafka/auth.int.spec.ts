// The login by tokens against a real broker that checks them.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import kafkajs from 'kafkajs';
import { type LoginBroker, startLoginBroker } from '../../test/login-broker.ts';
import { startTokenIssuer, type TokenIssuer } from '../../test/token-issuer.ts';
import { readTopic } from '../../test/topic-reader.ts';
import { loadConfig } from '../config.ts';
import { createLogger } from '../log.ts';
import { type BearerToken, keptTokens, type TokenSource } from './auth.ts';
import { createKafka, createProducer, createTopics, type KafkaClient, kafkaConfig } from './client.ts';

const MINUTES_MS = 300_000;
/** kafkajs logs in again ten seconds before the end of a session, and the broker refuses that within a second of the last time. */
const BRIEF_MS = 13_000;

let issuer: TokenIssuer;
let foreign: TokenIssuer;
let broker: LoginBroker;
beforeAll(async () => {
  [issuer, foreign] = await Promise.all([startTokenIssuer(), startTokenIssuer()]);
  broker = await startLoginBroker(issuer.settings);
  await createTopics(
    clientWith(() => tokenOf(issuer, MINUTES_MS)),
    [{ topic: 'spec', partitions: 1, config: {} }],
    1,
  );
});
afterEach(() => Promise.all(disconnects.splice(0).map((disconnect) => disconnect())));
afterAll(async () => {
  await broker?.stop();
  await Promise.all([issuer.close(), foreign.close()]);
});

const disconnects: (() => Promise<void>)[] = [];

async function tokenOf({ settings, forge }: TokenIssuer, livesMs: number): Promise<BearerToken> {
  const iat = Math.floor(Date.now() / 1_000);
  const exp = Math.floor((Date.now() + livesMs) / 1_000);
  const value = await forge({
    iss: settings.SERVICE_ISSUER,
    aud: settings.SERVICE_AUDIENCE,
    sub: 'order',
    iat,
    exp,
  });
  return { value, expiresAtMs: exp * 1_000 };
}

function clientWith(tokens: TokenSource): KafkaClient {
  const config = loadConfig(kafkaConfig, { KAFKA_BROKERS: broker.address, KAFKA_AUTH: 'msk-iam' });
  return createKafka(config, 'spec', createLogger('spec', 'silent'), tokens);
}

/** A way to send records with these tokens, connected. */
async function sender(tokens: TokenSource): Promise<(value: string) => Promise<unknown>> {
  const producer = createProducer(clientWith(tokens));
  disconnects.push(() => producer.disconnect());
  await producer.connect();
  return (value) => producer.send({ topic: 'spec', acks: -1, messages: [{ value }] });
}

/** Counts and keeps what was handed out. */
function counted(tokens: TokenSource): { tokens: TokenSource; given: BearerToken[] } {
  const given: BearerToken[] = [];
  return {
    given,
    tokens: async () => {
      given.push(await tokens());
      return given.at(-1)!;
    },
  };
}

const REFUSAL = /the broker localhost:\d+ refuses the login token: \{.*"status":"invalid_token"/;

describe('a login by a token', () => {
  it('that the broker knows the key of lets a client in, to write and to read', async () => {
    const send = await sender(keptTokens(() => tokenOf(issuer, MINUTES_MS)));
    await send('let in');
    const records = await readTopic(
      clientWith(() => tokenOf(issuer, MINUTES_MS)),
      'spec',
    );
    expect(records.map(({ value }) => String(value))).toContain('let in');
  });

  it.each<[string, () => Promise<BearerToken>]>([
    ['has ended', () => tokenOf(issuer, -10_000)],
    ['another issuer signed', () => tokenOf(foreign, MINUTES_MS)],
    [
      'is for somebody else',
      async () => ({
        value: await issuer.forge({ iss: 'spec-cluster', aud: 'other', sub: 'order', iat: 1 }),
        expiresAtMs: 0,
      }),
    ],
    ['is none', async () => ({ value: 'no-token', expiresAtMs: 0 })],
  ])('that %s is refused once, in words that do not show it', async (_, makeToken) => {
    const { tokens, given } = counted(makeToken);
    const refused = await sender(tokens).catch((error: unknown) => error);
    expect(String(refused)).toMatch(REFUSAL);
    expect(given).toHaveLength(1);
    expect(String(refused)).not.toContain(given[0]!.value);
  });

  it('is repeated with a new token before the old one expires, and the client still works', async () => {
    const { tokens, given } = counted(keptTokens(() => tokenOf(issuer, BRIEF_MS)));
    const send = await sender(tokens);
    await send('with the first token');
    const countBefore = given.length;
    while (given.length === countBefore) {
      await sleep(100);
      await send('until the next token');
    }
    await send('with the next token');
    expect(given.at(-1)?.value).not.toBe(given[0]?.value);
  });

  it('negative control: is not repeated with a token that the broker refuses', async () => {
    let from = issuer;
    const send = await sender(() => tokenOf(from, BRIEF_MS));
    await send('with the first token');
    from = foreign;
    const sendOn = async (): Promise<never> => {
      for (;;) {
        await sleep(100);
        await send('until the next token');
      }
    };
    await expect(sendOn()).rejects.toThrow(REFUSAL);
  });

  it('negative control: by kafkajs’s own code it fails without the broker’s words', async () => {
    const { value } = await tokenOf(foreign, MINUTES_MS);
    const kafka = new kafkajs.Kafka({
      brokers: [broker.address],
      ssl: true,
      sasl: { mechanism: 'oauthbearer', oauthBearerProvider: async () => ({ value }) },
      retry: { retries: 0 },
      logLevel: kafkajs.logLevel.NOTHING,
    });
    const admin = kafka.admin();
    disconnects.push(() => admin.disconnect());
    await admin.connect();
    const asking = admin.listTopics();
    await expect(asking).rejects.toThrow();
    await expect(asking).rejects.not.toThrow(REFUSAL);
  });
});
