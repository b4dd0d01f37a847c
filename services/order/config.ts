// Settings of the order service, read from the environment.
import type { z } from 'zod';
import { wholeNumber } from '#runtime/config.ts';
import { serviceConfig } from '#runtime/service.ts';

export const orderConfig = {
  ...serviceConfig,
  ORDER_EXPIRY_MS: wholeNumber(1_000)
    .default(900_000)
    .describe('how long an order may wait for its stock and its payment, in milliseconds'),
  ORDER_EXPIRY_CHECK_MS: wholeNumber(100)
    .default(10_000)
    .describe('how often overdue orders are looked for, in milliseconds'),
};
export type OrderConfig = z.infer<z.ZodObject<typeof orderConfig>>;
