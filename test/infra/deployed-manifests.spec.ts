// What a container of each service finds in its environment and in its files, as the manifests of each overlay say: its own program
// takes that for a whole configuration.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { App } from 'cdk8s';
import { SECRETS } from '#contracts/deployed-settings.ts';
import { SERVICES, SHOP } from '#contracts/shop-processes.ts';
import { loadConfig } from '#runtime/config.ts';
import type { Pool } from '#runtime/postgres/database.ts';
import { type Overlay, readOverlays } from '../../k8s/overlays.ts';
import type { KubeObject } from '../../k8s/part.ts';
import { deployedSettings } from '../../k8s/shop/deployed-settings.ts';
import { shopParts } from '../../k8s/shop/parts.ts';
import { PARAMETER_STORE } from '../../k8s/shop/secret-stores.ts';
import { notificationConfig } from '../../services/notification/config.ts';
import { mailTransport } from '../../services/notification/mail/transport.ts';
import { paymentConfig } from '../../services/payment/config.ts';
import { chooseProvider } from '../../services/payment/provider-choice.ts';
import { namePrefix } from '../../stacks/settings.ts';
import { putAt, textAt } from './body.ts';
import { Model } from './model.ts';
import { manifestEnvironment, type Outside } from './relations/manifest-environment.ts';
import { SERVICE_CONFIGS } from './service-configs.ts';
import { platformOf, SETTINGS } from './synth.ts';

/** As `npm run secrets`, a person, or a Job of the cluster would fill them. */
const LIKELY = new Map([
  ['SIGNING_KEK', Buffer.alloc(32, 1).toString('base64')],
  ['SIGNING_KEK_PREVIOUS', ''],
  ['STRIPE_API_KEY', 'rk_test_example'],
  ['STRIPE_WEBHOOK_SECRETS', 'whsec_example'],
  ['DATABASE_URL', 'postgres://service:s3cret@postgres.data.svc.cluster.local:5432/shop'],
]);

const root = mkdtempSync(join(tmpdir(), 'manifests-'));
afterAll(() => rmSync(root, { recursive: true }));

/** The objects of a service's part. */
const objectsOf = (overlay: Overlay, service: string): KubeObject[] =>
  shopParts(new App(), overlay)
    .find(({ node }) => node.id === service)!
    .toJson() as KubeObject[];

/** What the stacks of the overlay's environment hold, or a laptop's cluster. */
function outsideOf(overlay: Overlay): Outside {
  if (overlay.kind === 'local')
    return {
      remote: () => undefined,
      secret: (name) => {
        const service = SERVICES.find((one) => `${one.name}-secrets` === name);
        const settings = service ? [...deployedSettings(overlay, service).secrets.keys()] : [];
        return Object.fromEntries(settings.map((setting) => [setting, LIKELY.get(setting)!]));
      },
    };
  const { environment } = overlay.settings;
  const model = new Model(platformOf(environment), SETTINGS[environment]);
  const prefix = namePrefix(overlay.settings);
  const facts = model.all('aws_ssm_parameter').map(({ body }) => body);
  const secrets = model.all('aws_secretsmanager_secret').map(({ body }) => textAt(body, 'name'));
  const ofSecret = (key: string, property = ''): string | undefined => {
    const [, held] = Object.entries(SECRETS).find(([name]) => `${prefix}/${name}` === key) ?? [];
    return secrets.includes(key) && held && Object.hasOwn(held, property) ? LIKELY.get(property) : undefined;
  };
  return {
    remote: (store, key, property) => {
      if (store !== PARAMETER_STORE) return ofSecret(key, property);
      const fact = facts.find(({ name }) => name === key);
      return fact && known(textAt(fact, 'value'));
    },
    secret: () => undefined,
  };
}

/** What only a cloud knows, replaced by a likely text. */
const known = (value: string): string =>
  value.replace(/^\$\{[^}]*issuer\}/, 'https://issuer.example.com').replace(/\$\{[^}]+\}/g, 'of-the-cloud');

/** Its files are where the container would find them, under a folder of ours. */
function environmentOf(overlay: Overlay, service: string): Record<string, string> {
  const { env, files } = manifestEnvironment(objectsOf(overlay, service), outsideOf(overlay));
  const container = mkdtempSync(join(root, 'container-'));
  for (const [folder, values] of files) {
    mkdirSync(join(container, folder), { recursive: true });
    for (const [name, value] of Object.entries(values)) writeFileSync(join(container, folder, name), value);
  }
  const { SETTINGS_FOLDER: folder } = env;
  return { ...env, ...(folder === undefined ? {} : { SETTINGS_FOLDER: join(container, folder) }) };
}

const OVERLAYS = readOverlays().map((overlay) => [overlay.name, overlay] as const);

describe.each(OVERLAYS)('in %s', (_name, overlay) => {
  it.each([...SERVICE_CONFIGS])('%s finds every setting that it cannot do without', (service, shape) => {
    const config = loadConfig(shape, environmentOf(overlay, service));
    expect(config).toMatchObject({
      HOST: '0.0.0.0',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://alloy.observability.svc.cluster.local:4318',
    });
    if (!SERVICES.some(({ name }) => name === service)) return;
    expect(config).toMatchObject({
      KAFKA_AUTH: overlay.kind === 'local' ? 'none' : 'msk-iam',
      DATABASE_AUTH: overlay.kind === 'local' ? 'url' : 'rds-iam',
      TOKEN_JWKS_URL: 'http://user.shop.svc.cluster.local:4011/.well-known/jwks.json',
    });
  });

  it('mails have a way to go, and payments a provider', () => {
    const pool = {} as Pool;
    const mail = loadConfig(notificationConfig, environmentOf(overlay, 'notification'));
    // Pages that show mails to anybody are for a laptop alone.
    expect(mailTransport(mail, pool).routes.length > 0).toBe(overlay.kind === 'local');
    const payment = loadConfig(paymentConfig, environmentOf(overlay, 'payment'));
    expect(() => chooseProvider(payment, pool)).not.toThrow();
    expect(payment.PAYMENT_PROVIDER).toBe(
      overlay.kind === 'local' ? 'sandbox' : overlay.settings.payments.provider,
    );
  });

  it.each([...SERVICE_CONFIGS.keys()])('%s has no secret in its environment or in Git', (service) => {
    const { env } = manifestEnvironment(objectsOf(overlay, service), outsideOf(overlay));
    const secret = SHOP.find(({ name }) => name === service)!;
    expect(Object.keys(env).filter((name) => deployedSettings(overlay, secret).secrets.has(name))).toEqual(
      [],
    );
    const text = JSON.stringify({ env, objects: objectsOf(overlay, service) });
    for (const value of LIKELY.values()) if (value) expect(text).not.toContain(value);
  });
});

it('are all processes of the shop', () => {
  expect([...SERVICE_CONFIGS.keys()]).toEqual(SHOP.map(({ name }) => name));
});

describe('negative control: a container', () => {
  const [, prod] = OVERLAYS.find(([name]) => name === 'aws-prod')!;
  const read = (change: (objects: KubeObject[]) => unknown) => {
    const objects = structuredClone(objectsOf(prod, 'user'));
    change(objects);
    return manifestEnvironment(objects, outsideOf(prod));
  };
  const without = (kind: string) => (objects: KubeObject[]) =>
    objects.splice(
      objects.findIndex((one) => one.kind === kind),
      1,
    );
  const changed = (name: string, path: string, value: string) => (objects: KubeObject[]) =>
    putAt(
      objects.find(({ metadata }) => metadata?.name === name) as unknown as Record<string, unknown>,
      path,
      value,
    );
  /** Of the first of its values. */
  const KEY = 'spec.data.remoteRef.key';

  it('whose ConfigMap, or whose Secret, is not there is seen', () => {
    expect(() => read(without('ConfigMap'))).toThrow('there is no ConfigMap user-settings');
    expect(() => read(without('ExternalSecret'))).toThrow('there is no Secret user-facts');
  });

  it('that asks for a fact which no stack writes, or a secret which none holds, is seen', () => {
    expect(() => read(changed('user-facts', KEY, '/shop-prod/odd'))).toThrow('there is no /shop-prod/odd');
    const ofDev = changed('user-facts', KEY, '/shop-dev/kafka/bootstrap-servers');
    expect(() => read(ofDev)).toThrow('there is no /shop-dev/');
    expect(() => read(changed('user-secrets', KEY, 'shop-prod/payment/stripe'))).toThrow(
      'there is no shop-prod/payment/stripe',
    );
  });

  it('that finds a variable in two places is seen', () => {
    const twice = changed('user-settings', 'data.KAFKA_BROKERS', 'elsewhere:9092');
    expect(() => read(twice)).toThrow('KAFKA_BROKERS comes from two places');
  });
});
