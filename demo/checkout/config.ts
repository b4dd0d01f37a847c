// The settings of the checkout: where the services of the running platform are.
import { z } from 'zod';
import { kafkaConfig } from '#runtime/kafka/client.ts';
import { postgresConfig } from '#runtime/postgres/database.ts';
import { telemetryConfig } from '#runtime/telemetry.ts';

const url = z.url().describe('written by npm start');
export const demoConfig = {
  ...kafkaConfig,
  ...postgresConfig,
  USER_SERVICE_URL: url,
  PRODUCT_SERVICE_URL: url,
  CART_SERVICE_URL: url,
  ORDER_SERVICE_URL: url,
  PAYMENT_SERVICE_URL: url,
  NOTIFICATION_SERVICE_URL: url,
  ...telemetryConfig,
};
export type DemoConfig = z.infer<z.ZodObject<typeof demoConfig>>;
