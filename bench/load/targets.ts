// Where the load goes: the running platform of this machine and nowhere else. To load a cluster, use k6 there.
import { z } from 'zod';
import { loadConfig } from '#runtime/config.ts';
import { AppError } from '#runtime/errors.ts';
import type { Addresses } from './send.ts';

const url = z.url().describe('written by npm start');
const targetConfig = {
  USER_SERVICE_URL: url,
  PRODUCT_SERVICE_URL: url,
  CART_SERVICE_URL: url,
  ORDER_SERVICE_URL: url,
  NOTIFICATION_SERVICE_URL: url,
  DATABASE_URL: url,
};
const OWN_NAMES = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** @throws AppError `foreign-target` naming each that is another machine */
export function readTargets(env: NodeJS.ProcessEnv = process.env): {
  addresses: Addresses;
  databaseUrl: string;
} {
  const config = loadConfig(targetConfig, env);
  const foreign = Object.entries(config).filter(([, address]) => !OWN_NAMES.has(new URL(address).hostname));
  if (foreign.length > 0) {
    const names = foreign.map(([name, address]) => `${name} (${new URL(address).host})`).join(', ');
    throw new AppError('foreign-target', `This loads the platform of this machine only, and not ${names}`);
  }
  return {
    databaseUrl: config.DATABASE_URL,
    addresses: {
      user: config.USER_SERVICE_URL,
      product: config.PRODUCT_SERVICE_URL,
      cart: config.CART_SERVICE_URL,
      order: config.ORDER_SERVICE_URL,
      notification: config.NOTIFICATION_SERVICE_URL,
    },
  };
}

/** @throws AppError `platform-away` */
export async function assertRunning(addresses: Addresses): Promise<void> {
  for (const [service, address] of Object.entries(addresses)) {
    const answer = await fetch(`${address}/livez`).catch(() => undefined);
    await answer?.arrayBuffer();
    if (!answer?.ok)
      throw new AppError(
        'platform-away',
        `The ${service} service does not answer: start the platform with npm start`,
      );
  }
}
