// Settings of the product service, read from the environment.
import { z } from 'zod';
import { serviceConfig } from '#runtime/service.ts';

export const productConfig = {
  ...serviceConfig,
  IMAGES_BASE_URL: z.url().describe('where browsers find what lies in the bucket of processed images'),
  PRODUCT_IMAGES_BUCKET: z.string().min(3).describe('S3 bucket that photos are uploaded to'),
  AWS_REGION: z.string().default('eu-central-1').describe('region of the bucket'),
  AWS_ENDPOINT_URL_S3: z.url().optional().describe('another S3 address than AWS itself'),
  S3_FORCE_PATH_STYLE: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .describe('address buckets by path and not by host name'),
};
export type ProductConfig = z.infer<z.ZodObject<typeof productConfig>>;
