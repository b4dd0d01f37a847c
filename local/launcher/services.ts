// The services of the shop as processes of this machine: each finds the database, the broker, the others' keys and its own token.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SERVICES } from '#contracts/shop-processes.ts';
import { ownOf } from '#runtime/own.ts';
import { tokenFile } from '../service-accounts/service-accounts.ts';
import { rootFolder } from './folders.ts';
import type { ProcessPlan } from './processes.ts';
import { runCommand } from './run-command.ts';
import { type LauncherConfig, servicePortVariable } from './settings.ts';

export interface ServicesOptions {
  /** Of the data; the tokens lie in its `accounts`. */
  readonly dataDir: string;
  readonly config: LauncherConfig;
  /** Of every process. */
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: (name: string) => string;
  /** Which programs of others run beside the services, for the links to their pages; by default none. */
  readonly tools?: { readonly hasPrometheus: boolean; readonly hasFlink: boolean };
}

/** Where a service answers. */
export const serviceAddress = (config: LauncherConfig, service: string): string =>
  `http://127.0.0.1:${ownOf(config as Readonly<Record<string, number>>, servicePortVariable(service))}`;

/** What commands must know of the services: `ORDER_SERVICE_URL` and its like, and who moves the money. */
export const shopAddresses = (config: LauncherConfig): Record<string, string> => ({
  PAYMENT_PROVIDER: 'sandbox',
  ...Object.fromEntries(
    SERVICES.map(({ name }) => [`${name.toUpperCase()}_SERVICE_URL`, serviceAddress(config, name)]),
  ),
});

/** How each service is started. */
export async function servicePlans(options: ServicesOptions): Promise<ProcessPlan[]> {
  const { dataDir, config, env, logFile } = options;
  // The operations port is the analytics worker's: on this machine a service has one port for everything.
  const shared = { ...env, ...(await shopEnvironment(dataDir, config)), OPS_PORT: '' };
  const services = SERVICES.map(({ name }) => ({
    name: `${name} service`,
    script: `services/${name}/main.ts`,
    address: serviceAddress(config, name),
    env: {
      ...shared,
      PORT: new URL(serviceAddress(config, name)).port,
      SERVICE_TOKEN_FILE: tokenFile(join(dataDir, 'accounts'), name),
    },
    logFile: logFile(name),
  }));
  const admin = await sampleAdmin(dataDir);
  return [...services, storefrontPlan(options, { ...shared, ...admin })];
}

/** It builds its pages itself when they are not there yet. Of the services' settings it reads few: it has no topics and no tables. */
function storefrontPlan(
  { config, logFile, tools }: ServicesOptions,
  shared: Readonly<Record<string, string>>,
): ProcessPlan {
  const address = serviceAddress(config, 'storefront');
  const env = {
    ...shared,
    PORT: new URL(address).port,
    IMAGES_ORIGIN: `http://127.0.0.1:${config.LOCAL_S3_PORT}`,
    UPLOADS_ORIGIN: `http://127.0.0.1:${config.LOCAL_S3_PORT}`,
    MAILBOX_URL: `${serviceAddress(config, 'notification')}/mailbox`,
    PAYMENT_FORM: 'sandbox',
    CONSOLE_URL: `http://127.0.0.1:${config.CONSOLE_PORT}`,
    PLATFORM_FOR: 'anyone',
    FAULTS: 'on',
    TRACES_URL: `http://127.0.0.1:${config.LOCAL_TRACES_PORT}/traces`,
    PROMETHEUS_URL: tools?.hasPrometheus ? `http://127.0.0.1:${config.LOCAL_PROMETHEUS_PORT}` : '',
    FLINK_URL: tools?.hasFlink ? `http://127.0.0.1:${config.LOCAL_FLINK_PORT}` : '',
    // Browsers reach it directly.
    TRUSTED_PROXIES: '',
  };
  return {
    name: 'storefront',
    script: 'services/storefront/main.ts',
    address,
    env,
    logFile: logFile('storefront'),
  };
}

/** By what the tokens of people are known. */
export const tokenSettings = (config: LauncherConfig): Record<string, string> => ({
  TOKEN_ISSUER: 'http://shop.local',
  TOKEN_AUDIENCE: 'shop',
  TOKEN_JWKS_URL: `${serviceAddress(config, 'user')}/.well-known/jwks.json`,
});

async function shopEnvironment(dataDir: string, config: LauncherConfig): Promise<Record<string, string>> {
  return {
    ...tokenSettings(config),
    SIGNING_KEK: await keptSecret(join(dataDir, 'user/signing-kek')),
    IMAGES_BASE_URL: `http://127.0.0.1:${config.LOCAL_S3_PORT}/processed-images`,
    MAIL_TRANSPORT: 'mailbox',
    MAIL_FROM: 'shop@example.com',
    SHOP_URL: serviceAddress(config, 'storefront'),
    // The storefront asks for its visitors, and passes on their addresses.
    TRUSTED_PROXIES: '127.0.0.1',
  };
}

/** Made at the first start and kept with the data, which only this key opens. */
async function keptSecret(
  file: string,
  make = (): string => randomBytes(32).toString('base64'),
): Promise<string> {
  if (!existsSync(file)) {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, make(), { mode: 0o600 });
  }
  return readFile(file, 'utf8');
}

/** Short enough to be read off the sign-in page. */
const SAMPLE_PASSWORD_BYTES = 12;

/** E-mail and password of the admin that this machine's shop has; no other machine has the same. */
async function sampleAdmin(dataDir: string): Promise<Record<string, string>> {
  const make = () => randomBytes(SAMPLE_PASSWORD_BYTES).toString('base64url');
  return {
    SAMPLE_ADMIN_EMAIL: 'admin@shop.example',
    SAMPLE_ADMIN_PASSWORD: await keptSecret(join(dataDir, 'user/sample-admin-password'), make),
  };
}

/** One command for each kind; what is there already stays as it is. */
export async function addSamples(
  dataDir: string,
  env: Readonly<Record<string, string>>,
  logFile: (name: string) => string,
): Promise<void> {
  const admin = { ...env, ...(await sampleAdmin(dataDir)), MAIL_TRANSPORT: 'mailbox' };
  await Promise.all([
    addSampleProducts(env, logFile('sample-products')),
    addSampleAdmin(admin, logFile('sample-admin')),
  ]);
}

/** Signs in with `SAMPLE_ADMIN_EMAIL` and `SAMPLE_ADMIN_PASSWORD` of the environment. */
export const addSampleAdmin = (env: Readonly<Record<string, string>>, logFile: string): Promise<void> =>
  runCommand({
    name: 'sample admin',
    command: process.execPath,
    args: ['services/user/samples.ts'],
    folder: rootFolder,
    // Its password is random: a cheap hash keeps it as well, until the first sign-in makes a dear one of it.
    env: { ...env, PASSWORD_COST_LOG2: '14' },
    logFile,
  });

/** Under the ids of the sample photos; what is there already stays as it is. */
export const addSampleProducts = (env: Readonly<Record<string, string>>, logFile: string): Promise<void> =>
  runCommand({
    name: 'sample products',
    command: process.execPath,
    args: ['services/product/samples.ts'],
    folder: rootFolder,
    env,
    logFile,
  });
