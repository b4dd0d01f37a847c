// Where each setting of a service comes from where it is deployed. Manifests, facts, secrets and the right to read them are made from
// this table; a spec holds it against what the services' `config.ts` ask for, so that no setting is missing or unused. What runs
// outside of Kubernetes has its settings from its stack, which the same spec reads.
import type { Process } from './process.ts';
import { ON_EKS, platformConsole, SERVICES_NAMESPACE } from './processes.ts';
import {
  cartService,
  notificationService,
  orderService,
  paymentService,
  productService,
  SHOP,
  storefront,
  userService,
} from './shop-processes.ts';

export type SettingSource =
  /** Known once the clouds are built, no secret: Parameter Store, see `factPath`. */
  | { readonly from: 'fact'; readonly fact: string }
  /** Secrets Manager, see `secretName`: the value under the setting's own name in that secret's JSON. */
  | { readonly from: 'secret'; readonly secret: string }
  /** The same in every environment. */
  | { readonly from: 'constant'; readonly value: string }
  /** The path of a token of the pod's service account, for the audience, that the kubelet keeps fresh there. */
  | { readonly from: 'service-token'; readonly path: string; readonly audience: string }
  /** Left out on purpose. Settings with a default need no entry, those without one do. */
  | { readonly from: 'nowhere'; readonly because: string };

export type SettingSources = Readonly<Record<string, SettingSource>>;

const fact = (name: string): SettingSource => ({ from: 'fact', fact: name });
const secret = (name: string): SettingSource => ({ from: 'secret', secret: name });
const constant = (value: string): SettingSource => ({ from: 'constant', value });
const nowhere = (because: string): SettingSource => ({ from: 'nowhere', because });

/** What each secret holds, and where its value comes from: `generated` by our own command, `former` by its renewal, `given` by a person. */
export const SECRETS: Readonly<Record<string, Readonly<Record<string, 'generated' | 'former' | 'given'>>>> = {
  'user/signing': { SIGNING_KEK: 'generated', SIGNING_KEK_PREVIOUS: 'former' },
  'payment/stripe': { STRIPE_API_KEY: 'given', STRIPE_WEBHOOK_SECRETS: 'given' },
};

/** `/<prefix>/<area>/<name>` in Parameter Store; the prefix is the environment's, such as `shop-dev`. */
export const factPath = (prefix: string, name: string): string => `/${prefix}/${name}`;
/** `<prefix>/<process>/<name>` in Secrets Manager. */
export const secretName = (prefix: string, name: string): string => `${prefix}/${name}`;
/** The fact with a service's `DATABASE_URL`: its own user and the shared database, without a password. */
export const databaseUrlFact = ({ name }: Process): string => `${name}/database-url`;

/** Where a service answers inside the cluster. */
export const addressInCluster = ({ name, port }: Process): string =>
  `http://${name}.${SERVICES_NAMESPACE}.svc.cluster.local:${port}`;

/** `aud` of the tokens that services show each other. */
export const SERVICE_TOKEN_AUDIENCE = 'shop';
/** Where a service that calls others finds its own token. The folder holds nothing else: the secrets are another volume. */
export const SERVICE_TOKEN_FILE = '/var/run/secrets/shop/token/service-token';
/** `aud` of the tokens that pods show Google, which takes them for no other. */
export const GOOGLE_TOKEN_AUDIENCE = 'google';
const GOOGLE_TOKEN_FILE = '/var/run/secrets/shop/google/token';
/** Where the secrets of a process lie, a file for each, named as its setting (runtime/config.ts). */
export const SECRET_FILES_FOLDER = '/var/run/secrets/shop/settings';
/** Finished pages in the image of the storefront, from the folder of its program. */
export const PAGES_FOLDER = 'pages';
/** A fact that an environment does not have: Parameter Store takes no empty value. */
export const NO_VALUE = 'none';
/** Where spans go: the collector in the cluster, by OTLP over HTTP. */
export const TRACE_COLLECTOR_URL = 'http://alloy.observability.svc.cluster.local:4318';
/** Where a trace is read by its id: Tempo in the cluster. */
const TRACES_READ_URL = 'http://tempo.observability.svc.cluster.local:3200/api/v2/traces';

/** Every process of the shop. */
const COMMON: SettingSources = {
  HOST: constant('0.0.0.0'),
  PORT: nowhere('contracts/ names it'),
  OPS_PORT: nowhere('contracts/ names it'),
  ALLOWED_HOSTS: nowhere('heeded only by who listens on 127.0.0.1'),
  OTEL_EXPORTER_OTLP_ENDPOINT: constant(TRACE_COLLECTOR_URL),
};

/** Whether a process is a service as `runtime/service.ts` runs it: with tables, with events, and asked with tokens. */
export const isService = ({ stores }: Process): boolean => stores.includes('postgres');

/** The storefront asks these for its visitors and says their addresses; the others hear of them from load balancers alone. */
const proxiesOf = ({ name }: Process): SettingSource =>
  fact(storefront.calls?.includes(name) ? 'network/trusted-proxies-and-pods' : 'network/trusted-proxies');

const ofService = (service: Process): SettingSources => ({
  KAFKA_BROKERS: fact('kafka/bootstrap-servers'),
  KAFKA_AUTH: constant('msk-iam'),
  KAFKA_AWS_REGION: fact('cluster/region'),
  KAFKA_AWS_ROLE_ARN: nowhere('pods on AWS have a role of their own'),
  DATABASE_URL: fact(databaseUrlFact(service)),
  DATABASE_AUTH: constant('rds-iam'),
  DATABASE_AWS_REGION: fact('cluster/region'),
  TOKEN_ISSUER: fact('shop/url'),
  TOKEN_AUDIENCE: constant('shop'),
  TOKEN_JWKS_URL: constant(`${addressInCluster(userService)}/.well-known/jwks.json`),
  SERVICE_ISSUER: fact('cluster/issuer'),
  SERVICE_JWKS_URL: fact('cluster/jwks-url'),
  SERVICE_AUDIENCE: constant(SERVICE_TOKEN_AUDIENCE),
  SERVICE_TOKEN_FILE: nowhere('it calls no other service'),
});

const OWN: ReadonlyMap<string, SettingSources> = new Map([
  [
    userService.name,
    {
      SIGNING_KEK: secret('user/signing'),
      SIGNING_KEK_PREVIOUS: secret('user/signing'),
    },
  ],
  [
    productService.name,
    {
      IMAGES_BASE_URL: fact('images/base-url'),
      PRODUCT_IMAGES_BUCKET: fact('images/originals-bucket'),
      AWS_REGION: fact('cluster/region'),
      AWS_ENDPOINT_URL_S3: nowhere('S3 is AWS’s own'),
    },
  ],
  [
    paymentService.name,
    {
      PAYMENT_PROVIDER: fact('payment/provider'),
      STRIPE_API_KEY: secret('payment/stripe'),
      STRIPE_WEBHOOK_SECRETS: secret('payment/stripe'),
      STRIPE_URL: nowhere('Stripe’s own'),
    },
  ],
  [
    notificationService.name,
    {
      USER_SERVICE_URL: constant(addressInCluster(userService)),
      SERVICE_TOKEN_FILE: {
        from: 'service-token',
        path: SERVICE_TOKEN_FILE,
        audience: SERVICE_TOKEN_AUDIENCE,
      },
      SHOP_URL: fact('shop/url'),
      MAIL_TRANSPORT: constant('ses'),
      MAIL_FROM: fact('mail/from'),
      SES_CONFIGURATION_SET: fact('mail/configuration-set'),
      AWS_REGION: fact('cluster/region'),
      AWS_ENDPOINT_URL_SESV2: nowhere('SES is AWS’s own'),
      SMTP_HOST: nowhere('mails go by the API of SES'),
      SMTP_USER: nowhere('mails go by the API of SES'),
      SMTP_PASSWORD: nowhere('mails go by the API of SES'),
    },
  ],
  [
    storefront.name,
    {
      SHOP_URL: fact('shop/url'),
      PAGES_FOLDER: constant(PAGES_FOLDER),
      USER_SERVICE_URL: constant(addressInCluster(userService)),
      PRODUCT_SERVICE_URL: constant(addressInCluster(productService)),
      CART_SERVICE_URL: constant(addressInCluster(cartService)),
      ORDER_SERVICE_URL: constant(addressInCluster(orderService)),
      PAYMENT_SERVICE_URL: constant(addressInCluster(paymentService)),
      // One fact for both, so that no checkout offers what the payment service would refuse.
      PAYMENT_FORM: fact('payment/provider'),
      STRIPE_PUBLISHABLE_KEY: fact('payment/publishable-key'),
      IMAGES_ORIGIN: fact('images/base-url'),
      UPLOADS_ORIGIN: fact('images/uploads-origin'),
      MAILBOX_URL: nowhere('mails are really sent'),
      CONSOLE_URL: constant(addressInCluster(platformConsole)),
      PLATFORM_FOR: constant('admin'),
      PLATFORM_CHANGES: constant('off'),
      FAULTS: nowhere('nothing is broken on purpose where people buy'),
      TRACES_URL: nowhere('Tempo has no way in from outside'),
      PROMETHEUS_URL: nowhere('it has no way in from outside'),
      FLINK_URL: nowhere('it has no way in from outside'),
      SAMPLE_ADMIN_EMAIL: nowhere('npm start alone makes a sample admin'),
      SAMPLE_ADMIN_PASSWORD: nowhere('npm start alone makes a sample admin'),
    },
  ],
  [
    platformConsole.name,
    {
      KAFKA_BROKERS: fact('kafka/bootstrap-servers'),
      KAFKA_AUTH: constant('msk-iam'),
      KAFKA_AWS_REGION: fact('cluster/region'),
      KAFKA_AWS_ROLE_ARN: nowhere('pods on AWS have a role of their own'),
      DATABASE_URL: fact(databaseUrlFact(platformConsole)),
      DATABASE_AUTH: constant('cloud-sql-iam'),
      DATABASE_CA: fact('console/database-ca'),
      GOOGLE_CLOUD_PROJECT: fact('google/project'),
      FIRESTORE_DATABASE: fact('google/firestore-database'),
      RESULTS_BUCKET: fact('google/results-bucket'),
      GCS_ENDPOINT: nowhere('Google’s own'),
      GOOGLE_WORKLOAD_PROVIDER: fact('google/workload-provider'),
      GOOGLE_SERVICE_ACCOUNT: fact('google/console-account'),
      GOOGLE_TOKEN_FILE: {
        from: 'service-token',
        path: GOOGLE_TOKEN_FILE,
        audience: GOOGLE_TOKEN_AUDIENCE,
      },
      // Where the worker runs nothing can ask it, and a function has no address.
      PROCESS_ADDRESSES: constant(
        [
          ...SHOP.map((process) => `${process.name}=${addressInCluster(process)}`),
          `${platformConsole.name}=http://127.0.0.1:${platformConsole.port}`,
        ].join(','),
      ),
      TRACES_URL: constant(TRACES_READ_URL),
    },
  ],
]);

/** Of a process in the shop's namespace; empty secrets count as not set (runtime/config.ts). */
export const settingsOf = (process: Process): SettingSources => ({
  ...COMMON,
  // Who is called by our own processes alone has no visitors to tell apart.
  ...(process.isInner ? {} : { TRUSTED_PROXIES: proxiesOf(process) }),
  ...(isService(process) ? ofService(process) : {}),
  ...OWN.get(process.name),
});

/** Every fact that some process needs, once. */
export const FACTS: readonly string[] = [
  ...new Set(
    ON_EKS.flatMap((service) =>
      Object.values(settingsOf(service)).flatMap((source) => (source.from === 'fact' ? source.fact : [])),
    ),
  ),
].toSorted();
