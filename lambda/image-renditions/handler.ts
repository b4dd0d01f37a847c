// The environment in, the function that AWS Lambda calls out: settings are read and clients made once, at cold start.
import { z } from 'zod';
import { imageRenditions } from '#contracts/processes.ts';
import { loadConfig, wholeNumber } from '#runtime/config.ts';
import { createKafka, kafkaConfig } from '#runtime/kafka/client.ts';
import { createLogger, logConfig } from '#runtime/log.ts';
import { createImageRenditions } from './image-renditions.ts';
import { createPublisher } from './publisher.ts';
import { createS3Client, createStorage } from './storage.ts';

export const handlerConfig = {
  ...logConfig,
  ...kafkaConfig,
  AWS_REGION: z.string().default('eu-central-1').describe('set by Lambda itself'),
  PROCESSED_IMAGES_BUCKET: z.string().min(3).describe('bucket that takes the renditions'),
  AWS_ENDPOINT_URL_S3: z.url().optional().describe('address of an S3 server other than AWS'),
  KAFKA_WAIT_MS: wholeNumber(100, 600_000)
    .default(20_000)
    .describe('longest wait for Kafka; shorter than the timeout of the function'),
};

export interface ImageRenditionsFunction {
  /** Takes S3's event; throws when AWS shall call again. */
  readonly handler: (event: unknown) => Promise<void>;
  /** Ends the connections. Lambda never does; processes that end should. */
  close(): Promise<void>;
}

/**
 * Wires the function to the servers that the environment names. Connects to nothing before the first event.
 * @throws AppError `config-invalid` listing every faulty variable
 */
export function createHandler(env: Readonly<Record<string, string | undefined>>): ImageRenditionsFunction {
  const config = loadConfig(handlerConfig, env);
  const log = createLogger(imageRenditions.name, config.LOG_LEVEL);
  const { AWS_REGION: region, AWS_ENDPOINT_URL_S3: endpoint } = config;
  const s3 = createS3Client(endpoint ? { region, endpoint } : { region });
  const kafka = createKafka(config, imageRenditions.name, log);
  const publisher = createPublisher(kafka, config.KAFKA_WAIT_MS);
  const { PROCESSED_IMAGES_BUCKET: processedBucket } = config;
  return {
    handler: createImageRenditions({ storage: createStorage(s3), publisher, processedBucket, log }),
    async close() {
      await publisher.close();
      s3.destroy();
    },
  };
}
