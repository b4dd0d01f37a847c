// Where each setting of a service comes from in a laptop's cluster: the counterpart of `contracts/deployed-settings.ts`, with stand-ins
// in place of the clouds. A spec holds it against what the services ask for, as it does that one.
import {
  addressInCluster,
  isService,
  PAGES_FOLDER,
  SERVICE_TOKEN_AUDIENCE,
  SERVICE_TOKEN_FILE,
  type SettingSource,
  type SettingSources,
  TRACE_COLLECTOR_URL,
} from '#contracts/deployed-settings.ts';
import type { Process } from '#contracts/process.ts';
import {
  cartService,
  notificationService,
  orderService,
  paymentService,
  productService,
  storefront,
  userService,
} from '#contracts/shop-processes.ts';
import { BUCKETS, KAFKA_ADDRESS, S3_BROWSER_URL } from '../data/addresses.ts';

const constant = (value: string): SettingSource => ({ from: 'constant', value });
const nowhere = (because: string): SettingSource => ({ from: 'nowhere', because });
/** Made inside of the cluster, in the Secret that `secretsOf` names. */
const secret = ({ name }: Process): SettingSource => ({ from: 'secret', secret: name });

/** The API server, as the issuer of service accounts' tokens: kubeadm's name for it, which kind takes over. */
const CLUSTER_ISSUER = 'https://kubernetes.default.svc.cluster.local';
/** What browsers take for their own machine (RFC 6761 §6.3), and an Ingress for any name. */
const SHOP_URL = 'http://shop.localhost';
/** Of the services' own paths; every other name leads to the pages. */
export const LOCAL_API_HOST = 'api.shop.localhost';

const COMMON: SettingSources = {
  HOST: constant('0.0.0.0'),
  PORT: nowhere('contracts/ names it'),
  OPS_PORT: nowhere('contracts/ names it'),
  ALLOWED_HOSTS: nowhere('heeded only by who listens on 127.0.0.1'),
  // The few visitors of a laptop share the limits of one address.
  TRUSTED_PROXIES: nowhere(
    'the addresses of a laptop’s proxy and pods are not known, and a stranger must not be believed',
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: constant(TRACE_COLLECTOR_URL),
};

const ofService = (service: Process): SettingSources => ({
  KAFKA_BROKERS: constant(KAFKA_ADDRESS),
  KAFKA_AUTH: constant('none'),
  KAFKA_AWS_REGION: nowhere('the broker is our own'),
  KAFKA_AWS_ROLE_ARN: nowhere('the broker is our own'),
  // With the password of the service's own user.
  DATABASE_URL: secret(service),
  DATABASE_AUTH: constant('url'),
  DATABASE_AWS_REGION: nowhere('the database is our own'),
  TOKEN_ISSUER: constant(SHOP_URL),
  TOKEN_AUDIENCE: constant('shop'),
  TOKEN_JWKS_URL: constant(`${addressInCluster(userService)}/.well-known/jwks.json`),
  SERVICE_ISSUER: constant(CLUSTER_ISSUER),
  SERVICE_JWKS_URL: constant(`${CLUSTER_ISSUER}/openid/v1/jwks`),
  SERVICE_AUDIENCE: constant(SERVICE_TOKEN_AUDIENCE),
  SERVICE_TOKEN_FILE: nowhere('it calls no other service'),
});

const OWN: ReadonlyMap<string, SettingSources> = new Map([
  [
    userService.name,
    {
      SIGNING_KEK: secret(userService),
      SIGNING_KEK_PREVIOUS: nowhere('nobody renews the key of a laptop'),
    },
  ],
  [
    productService.name,
    {
      IMAGES_BASE_URL: constant(`${S3_BROWSER_URL}/${BUCKETS.renditions}`),
      PRODUCT_IMAGES_BUCKET: constant(BUCKETS.photos),
      AWS_REGION: constant('eu-central-1'),
      // Product only signs addresses; the uploading browser is outside.
      AWS_ENDPOINT_URL_S3: constant(S3_BROWSER_URL),
      S3_FORCE_PATH_STYLE: constant('true'),
    },
  ],
  [
    paymentService.name,
    {
      PAYMENT_PROVIDER: constant('sandbox'),
      STRIPE_API_KEY: nowhere('no money moves'),
      STRIPE_WEBHOOK_SECRETS: nowhere('no money moves'),
      STRIPE_URL: nowhere('no money moves'),
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
      SHOP_URL: constant(SHOP_URL),
      MAIL_TRANSPORT: constant('mailbox'),
      MAIL_FROM: constant('shop@example.com'),
      SES_CONFIGURATION_SET: nowhere('mails go to the mailbox'),
      AWS_REGION: nowhere('mails go to the mailbox'),
      AWS_ENDPOINT_URL_SESV2: nowhere('mails go to the mailbox'),
      SMTP_HOST: nowhere('mails go to the mailbox'),
      SMTP_USER: nowhere('mails go to the mailbox'),
      SMTP_PASSWORD: nowhere('mails go to the mailbox'),
    },
  ],
  [
    storefront.name,
    {
      SHOP_URL: constant(SHOP_URL),
      PAGES_FOLDER: constant(PAGES_FOLDER),
      USER_SERVICE_URL: constant(addressInCluster(userService)),
      PRODUCT_SERVICE_URL: constant(addressInCluster(productService)),
      CART_SERVICE_URL: constant(addressInCluster(cartService)),
      ORDER_SERVICE_URL: constant(addressInCluster(orderService)),
      PAYMENT_SERVICE_URL: constant(addressInCluster(paymentService)),
      PAYMENT_FORM: constant('sandbox'),
      STRIPE_PUBLISHABLE_KEY: nowhere('no money moves'),
      IMAGES_ORIGIN: constant(S3_BROWSER_URL),
      UPLOADS_ORIGIN: constant(S3_BROWSER_URL),
      MAILBOX_URL: nowhere('no path leads to the mailbox'),
      CONSOLE_URL: nowhere('npm start shows the platform of a laptop; its cluster has no console'),
      PLATFORM_FOR: nowhere('it has no platform pages'),
      PLATFORM_CHANGES: nowhere('it has no platform pages'),
      FAULTS: nowhere('nothing is broken on purpose where people buy'),
      TRACES_URL: nowhere('linked from the platform pages alone'),
      PROMETHEUS_URL: nowhere('linked from the platform pages alone'),
      FLINK_URL: nowhere('linked from the platform pages alone'),
      SAMPLE_ADMIN_EMAIL: nowhere('npm start alone makes a sample admin'),
      SAMPLE_ADMIN_PASSWORD: nowhere('npm start alone makes a sample admin'),
    },
  ],
]);

/** Of a process of the shop, in a laptop's cluster. */
export const localSettingsOf = (process: Process): SettingSources => ({
  ...COMMON,
  ...(isService(process) ? ofService(process) : {}),
  ...OWN.get(process.name),
});

/** Where the authority of a laptop's API server is mounted: its certificate is signed by an authority that Node does not know. */
export const CLUSTER_AUTHORITY_FOLDER = '/etc/shop/cluster-authority';

/** What libraries and Node itself must find in a laptop's cluster, beside our own settings. */
export const localEnvironmentOf = ({ stores, asksOutside = [] }: Process): Record<string, string> => ({
  // S3's stand-in checks no signature; the SDK signs nothing without a key.
  ...(stores.includes('s3') ? { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' } : {}),
  ...(asksOutside.includes('service-account-keys')
    ? { NODE_EXTRA_CA_CERTS: `${CLUSTER_AUTHORITY_FOLDER}/ca.crt` }
    : {}),
});
