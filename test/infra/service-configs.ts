// What each process of the shop reads of its environment, from where each has it: `services/<name>/config.ts` exports `<name>Config`.
import type { z } from 'zod';
import { SHOP } from '#contracts/shop-processes.ts';

/** By the name of the process, in the order of the contract. */
export const SERVICE_CONFIGS: ReadonlyMap<string, z.ZodRawShape> = new Map(
  await Promise.all(SHOP.map(async ({ name }) => [name, await configOf(name)] as const)),
);

async function configOf(name: string): Promise<z.ZodRawShape> {
  const module = (await import(`../../services/${name}/config.ts`)) as Readonly<
    Record<string, z.ZodRawShape>
  >;
  const config = module[`${name}Config`];
  if (!config) throw new TypeError(`services/${name}/config.ts exports no ${name}Config`);
  return config;
}
