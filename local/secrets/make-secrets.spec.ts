import { describe, expect, it } from '@jest/globals';
import { type WantedSecret, wantedSecrets } from '#contracts/cluster-secrets.ts';
import { makeSecrets, type SecretStore, type SecretValues } from './make-secrets.ts';

const WANTED: readonly WantedSecret[] = [
  {
    namespace: 'data',
    name: 'passwords',
    values: { order: { randomBytes: 24, encoding: 'base64url' } },
  },
  {
    namespace: 'shop',
    name: 'order-secrets',
    values: {
      DATABASE_URL: { text: 'postgres://order:{data/passwords/order}@host:5432/shop' },
      KEY: { randomBytes: 32, encoding: 'base64' },
    },
  },
];

/** Secrets in memory; `meanwhile` runs before one is created, as another that runs at the same time would. */
class Memory implements SecretStore {
  readonly secrets = new Map<string, SecretValues>();
  meanwhile: (place: string) => void = () => {};

  read(namespace: string, name: string): Promise<SecretValues | undefined> {
    return Promise.resolve(this.secrets.get(`${namespace}/${name}`));
  }

  create(namespace: string, name: string, values: SecretValues): Promise<boolean> {
    const place = `${namespace}/${name}`;
    this.meanwhile(place);
    if (this.secrets.has(place)) return Promise.resolve(false);
    this.secrets.set(place, values);
    return Promise.resolve(true);
  }

  value(place: string, key: string): string {
    return this.secrets.get(place)?.get(key) ?? '';
  }
}

describe('secrets that are missing', () => {
  it('are made, each value with its length and alphabet, and values that contain others', async () => {
    const store = new Memory();
    expect(await makeSecrets(WANTED, store)).toEqual({
      made: ['data/passwords', 'shop/order-secrets'],
      present: [],
    });
    const password = store.value('data/passwords', 'order');
    expect(password).toMatch(/^[\w-]{32}$/);
    expect(store.value('shop/order-secrets', 'DATABASE_URL')).toBe(
      `postgres://order:${password}@host:5432/shop`,
    );
    expect(Buffer.from(store.value('shop/order-secrets', 'KEY'), 'base64')).toHaveLength(32);
  });

  it('are never the same twice', async () => {
    const [one, other] = [new Memory(), new Memory()];
    await makeSecrets(WANTED, one);
    await makeSecrets(WANTED, other);
    expect(one.value('shop/order-secrets', 'KEY')).not.toBe(other.value('shop/order-secrets', 'KEY'));
  });
});

describe('secrets that are there', () => {
  it('stay as they are, and what is missing is made to fit them', async () => {
    const store = new Memory();
    await makeSecrets(WANTED, store);
    const before = new Map(store.secrets);
    store.secrets.delete('shop/order-secrets');
    expect(await makeSecrets(WANTED, store)).toEqual({
      made: ['shop/order-secrets'],
      present: ['data/passwords'],
    });
    expect(store.secrets.get('data/passwords')).toBe(before.get('data/passwords'));
    expect(store.value('shop/order-secrets', 'DATABASE_URL')).toBe(
      before.get('shop/order-secrets')?.get('DATABASE_URL'),
    );
  });

  it('are those of the first process, when two make them at once', async () => {
    const store = new Memory();
    const theirs = new Map([['order', 'of-the-other']]);
    store.meanwhile = (place) => {
      if (place === 'data/passwords') store.secrets.set(place, theirs);
    };
    expect(await makeSecrets(WANTED, store)).toEqual({
      made: ['shop/order-secrets'],
      present: ['data/passwords'],
    });
    expect(store.value('shop/order-secrets', 'DATABASE_URL')).toContain(':of-the-other@');
  });

  it('and lack a key, or hold another password than the one in use, are named all together, without a value', async () => {
    const store = new Memory();
    store.secrets.set('data/passwords', new Map([['order', 'right-one']]));
    store.secrets.set(
      'shop/order-secrets',
      new Map([['DATABASE_URL', 'postgres://order:wrong-one@host:5432/shop']]),
    );
    const failed = await makeSecrets(WANTED, store).catch((error: Error) => error);
    expect(failed).toMatchObject({ code: 'secrets-unusable' });
    const { message } = failed as Error;
    expect(message).toMatch(/order-secrets has another DATABASE_URL[\s\S]*order-secrets lacks KEY/);
    expect(message).not.toMatch(/right-one|wrong-one/);
  });

  it('and hold nothing under a key are as bad as without it', async () => {
    const store = new Memory();
    store.secrets.set('data/passwords', new Map([['order', '']]));
    await expect(makeSecrets(WANTED.slice(0, 1), store)).rejects.toThrow(/data\/passwords lacks order/);
  });
});

describe('what is wanted', () => {
  it.each([
    ['a value of a secret that does not come before', { text: '{data/passwords/nobody}' }],
    ['a value that every object has', { text: '{constructor}' }],
  ])('may not name %s', async (_what, value) => {
    const wanted = [WANTED[0]!, { namespace: 'shop', name: 'odd', values: { KEY: value } }];
    await expect(makeSecrets(wanted, new Memory())).rejects.toMatchObject({ code: 'secret-unknown' });
  });

  it.each([
    ['a name that Kubernetes refuses', { namespace: 'shop', name: 'Order', values: {} }],
    ['few random bytes', { ...WANTED[0]!, values: { order: { randomBytes: 8, encoding: 'base64' } } }],
    ['a path for a namespace', { namespace: '../kube-system', name: 'order', values: {} }],
    ['a field that nobody knows', { ...WANTED[0]!, values: { order: { text: 'x', more: 1 } } }],
  ])('may not have %s', (_what, secret) => {
    expect(wantedSecrets.safeParse([secret]).success).toBe(false);
  });
});
