// Every deployed service gets the settings that its code asks for: nothing missing, nothing left over, nothing that another service
// could read.
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { FACTS, SECRETS, type SettingSources, settingsOf } from '#contracts/deployed-settings.ts';
import { platformConsole } from '#contracts/processes.ts';
import { serviceDatabase } from '#contracts/service-databases.ts';
import { SERVICES, SHOP } from '#contracts/shop-processes.ts';
import { loadConfig } from '#runtime/config.ts';
import type { Pool } from '#runtime/postgres/database.ts';
import { deployedConsoleConfig } from '../../console/config.ts';
import { databaseLogin, googleIdentity } from '../../console/deployed-logins.ts';
import { localSettingsOf } from '../../k8s/shop/local-settings.ts';
import { IDLE_SECONDS } from '../../k8s/shop/way-in.ts';
import { notificationConfig } from '../../services/notification/config.ts';
import { mailTransport } from '../../services/notification/mail/transport.ts';
import { paymentConfig } from '../../services/payment/config.ts';
import { chooseProvider } from '../../services/payment/provider-choice.ts';
import { paymentFormOf } from '../../services/storefront/bff/payment-form.ts';
import type { StorefrontConfig } from '../../services/storefront/config.ts';
import { streamSilenceMsMax } from '../../services/storefront/routes/order-stream.ts';
import { subnetRanges } from '../../stacks/aws/subnet-ranges.ts';
import { ENVIRONMENTS, type EnvironmentName } from '../../stacks/settings.ts';
import { Model } from './model.ts';
import {
  cloudFaults,
  databaseUsersOf,
  environmentOf,
  readerFaults,
  secretTableFaults,
  tableFaults,
} from './relations/deployed-settings.ts';
import { SERVICE_CONFIGS } from './service-configs.ts';
import { platformOf, SETTINGS } from './synth.ts';

/** As `npm run secrets` and a person would fill them. */
const LIKELY = {
  SIGNING_KEK: Buffer.alloc(32, 1).toString('base64'),
  SIGNING_KEK_PREVIOUS: '',
  STRIPE_API_KEY: 'rk_test_example',
  STRIPE_WEBHOOK_SECRETS: 'whsec_example',
};
const TABLES = SHOP.map((service) => settingsOf(service));
const MODELS = Object.fromEntries(
  ENVIRONMENTS.map((name) => [name, new Model(platformOf(name), SETTINGS[name])]),
) as Record<EnvironmentName, Model>;
const copyOf = (model: Model) => new Model(structuredClone(model.json), model.settings);

describe('the table of settings', () => {
  it.each(SHOP.map((service) => [service.name, service] as const))(
    'decides about every setting of %s, and about no other',
    (name, service) => {
      expect(tableFaults(SERVICE_CONFIGS.get(name)!, settingsOf(service))).toEqual([]);
    },
  );

  it('decides about every setting of the console, and about no other', () => {
    expect(tableFaults(deployedConsoleConfig, settingsOf(platformConsole))).toEqual([]);
  });

  it('names secrets that hold what is taken from them, and nothing else', () => {
    expect(secretTableFaults(TABLES)).toEqual([]);
  });

  it('is for every process of the shop', () => {
    expect([...SERVICE_CONFIGS.keys()]).toEqual(SHOP.map(({ name }) => name));
  });
});

describe('the table of a laptop’s cluster', () => {
  it.each(SHOP.map((service) => [service.name, service] as const))(
    'decides about every setting of %s, and about no other',
    (name, service) => {
      expect(tableFaults(SERVICE_CONFIGS.get(name)!, localSettingsOf(service))).toEqual([]);
    },
  );

  it.each(SHOP.map((service) => [service.name, service] as const))(
    'decides about every setting that the table of the clouds has, of %s',
    (_name, service) => {
      expect(Object.keys(localSettingsOf(service)).toSorted()).toEqual(
        expect.arrayContaining(Object.keys(settingsOf(service)).toSorted()),
      );
    },
  );
});

describe.each(ENVIRONMENTS)('the clouds of %s', (environment) => {
  const model = MODELS[environment];
  const given = (name: string) => {
    const service = SHOP.find((one) => one.name === name)!;
    return environmentOf(model, settingsOf(service), LIKELY);
  };

  it('hold every fact and every secret of the table once, and no others', () => {
    expect(cloudFaults(model, FACTS)).toEqual([]);
  });

  it('let the operator in the cluster read exactly these', () => {
    expect(readerFaults(model)).toEqual([]);
  });

  it.each(SERVICES.map(({ name }) => name))('give %s what it can start with', (name) => {
    const config = loadConfig(SERVICE_CONFIGS.get(name)!, given(name));
    expect(config).toMatchObject({
      KAFKA_AUTH: 'msk-iam',
      DATABASE_AUTH: 'rds-iam',
      DATABASE_AWS_REGION: model.settings.aws.region,
      HOST: '0.0.0.0',
    });
  });

  it('give the storefront the address that browsers know, its services, and pages that are finished', () => {
    const { edge } = model.settings;
    expect(loadConfig(SERVICE_CONFIGS.get('storefront')!, given('storefront'))).toMatchObject({
      HOST: '0.0.0.0',
      SHOP_URL: `https://${edge.hostName}`,
      IMAGES_ORIGIN: `https://images.${edge.hostName}`,
      PAGES_FOLDER: 'pages',
      USER_SERVICE_URL: 'http://user.shop.svc.cluster.local:4011',
      PAYMENT_SERVICE_URL: 'http://payment.shop.svc.cluster.local:4015',
    });
  });

  it('have the checkout offer what the payment service takes', () => {
    const { PAYMENT_FORM } = loadConfig(SERVICE_CONFIGS.get('storefront')!, given('storefront'));
    expect(PAYMENT_FORM).toBe(given('payment').PAYMENT_PROVIDER);
    if (environment === 'prod') expect(PAYMENT_FORM).not.toBe('sandbox');
  });

  it('give the checkout Stripe’s publishable key where Stripe is paid by, and none elsewhere', () => {
    const config = loadConfig(SERVICE_CONFIGS.get('storefront')!, given('storefront')) as StorefrontConfig;
    const { provider, publishableKey } = model.settings.payments;
    const isStripe = provider === 'stripe';
    expect(paymentFormOf(config)).toEqual(
      isStripe ? { kind: 'card-fields', publishableKey } : expect.objectContaining({ kind: 'test-cards' }),
    );
    expect(config.STRIPE_PUBLISHABLE_KEY !== undefined).toBe(isStripe);
  });

  it('let no order’s stream be silent for so long that the load balancer closes it', () => {
    const config = loadConfig(SERVICE_CONFIGS.get('storefront')!, given('storefront'));
    expect(streamSilenceMsMax(config as StorefrontConfig)).toBeLessThan(IDLE_SECONDS * 1_000);
  });

  it('have services believe the storefront about its visitors, and the storefront load balancers alone', () => {
    const { vpcRange, zones } = model.settings.aws;
    const ranges = subnetRanges(vpcRange, zones);
    const [balancers, pods] = [ranges.map((one) => one.public), ranges.map((one) => one.private)];
    for (const { name } of SHOP)
      expect([name, given(name).TRUSTED_PROXIES!.split(',')]).toEqual([
        name,
        ['notification', 'storefront'].includes(name) ? balancers : [...balancers, ...pods],
      ]);
  });

  it('give notification a way to send mails, and payment the provider of the settings', () => {
    const pool = {} as Pool;
    const mail = loadConfig(notificationConfig, given('notification'));
    expect(mailTransport(mail, pool).routes).toEqual([]);
    const payment = loadConfig(paymentConfig, given('payment'));
    expect(payment.PAYMENT_PROVIDER).toBe(model.settings.payments.provider);
    expect(() => chooseProvider(payment, pool)).not.toThrow();
  });

  it('let the console in to the stores of Google Cloud without a password or a key', () => {
    const given = environmentOf(model, settingsOf(platformConsole), {});
    const config = loadConfig(deployedConsoleConfig, given);
    const identity = googleIdentity(config);
    expect(identity?.tokenFile).toBe('/var/run/secrets/shop/google/token');
    const { connection } = databaseLogin(config, identity);
    const { projectId } = model.settings.gcp;
    expect(connection).toMatchObject({
      user: `shop-${environment}-console@${projectId}.iam`,
      database: expect.any(String),
    });
    expect(new URL(config.DATABASE_URL).password).toBe('');
    expect(config.PROCESS_ADDRESSES?.get('order')).toBe('http://order.shop.svc.cluster.local:4014');
    expect(config.PROCESS_ADDRESSES?.size).toBe(SHOP.length + 1);
  });

  it('let each service sign in to Postgres as itself only', () => {
    for (const service of SERVICES) {
      const { role } = serviceDatabase(service);
      expect(databaseUsersOf(model, service)).toEqual([role]);
      expect(new URL(given(service.name).DATABASE_URL!).username).toBe(role);
    }
  });
});

describe('negative control: the comparison', () => {
  const shape = {
    NEEDED: z.string(),
    OPTIONAL: z.string().optional(),
    TUNED: z.string().default('1'),
  };
  const sources: SettingSources = {
    NEEDED: { from: 'constant', value: 'x' },
    OPTIONAL: { from: 'nowhere', because: 'spec' },
  };

  it('reports a setting that is missing, needed, or not read', () => {
    expect(tableFaults(shape, sources)).toEqual([]);
    const { NEEDED, OPTIONAL } = sources;
    expect(tableFaults(shape, { NEEDED: NEEDED! })).toEqual(['OPTIONAL has neither a source nor a default']);
    expect(tableFaults(shape, { OPTIONAL: OPTIONAL! })).toEqual([
      'NEEDED has neither a source nor a default',
    ]);
    expect(tableFaults(shape, { NEEDED: OPTIONAL!, OPTIONAL: OPTIONAL! })).toEqual([
      'NEEDED is left out and needed',
    ]);
    expect(tableFaults(shape, { ...sources, OLD: NEEDED! })).toEqual(['OLD is given and not read']);
  });

  it('reports a secret without a value, and a value without a reader', () => {
    const { 'user/signing': _signing, ...rest } = SECRETS;
    expect(secretTableFaults(TABLES, rest)).toHaveLength(2);
    expect(secretTableFaults(TABLES, { ...SECRETS, 'cart/odd': { ODD: 'given' } })).toEqual([
      'cart/odd ODD: it is not read',
    ]);
  });

  it('reports a fact or a secret that no cloud has, that two have, or that no table names', () => {
    const broken = copyOf(MODELS.prod);
    const parameter = broken.all('aws_ssm_parameter').find(({ body }) => body.name === '/shop-prod/shop/url');
    const [secret] = broken.all('aws_secretsmanager_secret');
    broken.remove(parameter!);
    broken.add('aws', 'aws_ssm_parameter', 'twice', { name: '/shop-prod/cluster/region' });
    broken.add('aws', 'aws_ssm_parameter', 'odd', { name: '/shop-prod/odd/fact' });
    secret!.body.name = 'shop-prod/odd/secret';
    expect(cloudFaults(new Model(broken.json, broken.settings), FACTS)).toHaveLength(5);
  });

  it('reports an operator that reads too much, or too little', () => {
    const tooMuch = copyOf(MODELS.prod);
    const document = tooMuch
      .all('data.aws_iam_policy_document')
      .find(({ name }) => name.startsWith('facts_may-read'))!;
    const statements = document.body.statement as Record<string, unknown>[];
    statements[0]!.resources = ['arn:aws:ssm:eu-central-1:777788889999:parameter/*'];
    statements[1]!.actions = ['secretsmanager:PutSecretValue'];
    statements[1]!.resources = [...(statements[1]!.resources as string[]).slice(1), 'arn:of:another'];
    const faults = readerFaults(new Model(tooMuch.json, tooMuch.settings));
    expect(faults).toContain('it reads arn:aws:ssm:eu-central-1:777788889999:parameter/*');
    expect(faults).toContain('it reads arn:of:another');
    expect(faults).toContain('it may secretsmanager:PutSecretValue');
    expect(faults.filter((fault) => fault.startsWith('it cannot read'))).toHaveLength(FACTS.length + 1);
  });

  it('reports a service that may sign in as another', () => {
    const broken = copyOf(MODELS.prod);
    const document = broken
      .all('data.aws_iam_policy_document')
      .find(({ name }) => /services_cart_postgres/.test(name))!;
    const [statement] = document.body.statement as { resources: string[] }[];
    statement!.resources.push('arn:aws:rds-db:eu-central-1:777788889999:dbuser:db-x/order_service');
    const cart = SERVICES.find(({ name }) => name === 'cart')!;
    expect(databaseUsersOf(new Model(broken.json, broken.settings), cart)).toEqual([
      'cart_service',
      'order_service',
    ]);
  });
});
