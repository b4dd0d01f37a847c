// S3 and the image function in a container of a laptop's cluster: one program, started once as the server and, by it, as the process
// that the function runs in.
import { z } from 'zod';
import { wholeNumber } from '#runtime/config.ts';
import { kafkaConfig } from '#runtime/kafka/client.ts';
import { serveFunction } from '../lambda/serve-function.ts';
import { containerConfig, runContainer, serverOptions } from '../server/container.ts';
import { STANDARD_OUTPUT } from '../server/file-log.ts';
import { startS3Lambda } from './lambda-trigger.ts';

/** As which the server starts this program a second time. */
const FUNCTION = 'image-renditions';

const config = {
  ...containerConfig,
  PRODUCT_IMAGES_BUCKET: z.string().min(3).describe('bucket that photos are uploaded to'),
  PROCESSED_IMAGES_BUCKET: z.string().min(3).describe('bucket that takes the renditions'),
  // Handed on to the function, which reads it for itself.
  KAFKA_BROKERS: z.string().min(1).describe('bootstrap servers, host:port separated by commas'),
  KAFKA_TOPIC_PREFIX: kafkaConfig.KAFKA_TOPIC_PREFIX,
  FUNCTIONS_MAX: wholeNumber(1, 16).default(1).describe('pictures that are worked on at the same time'),
};

if (process.argv[2] === FUNCTION) {
  await serveFunction(() => import('../../lambda/image-renditions/main.ts'));
} else {
  runContainer(
    's3',
    config,
    (settings) => {
      const { KAFKA_BROKERS, KAFKA_TOPIC_PREFIX, LOG_LEVEL } = settings;
      return startS3Lambda({
        ...serverOptions(settings),
        // This is the server, wherever the environment says that others find one.
        replacement: '',
        productImagesBucket: settings.PRODUCT_IMAGES_BUCKET,
        processedImagesBucket: settings.PROCESSED_IMAGES_BUCKET,
        lambda: {
          runtimeFile: import.meta.filename,
          handlerFile: FUNCTION,
          concurrency: settings.FUNCTIONS_MAX,
          env: { KAFKA_BROKERS, KAFKA_TOPIC_PREFIX, LOG_LEVEL },
          logFile: STANDARD_OUTPUT,
        },
      });
    },
    ({ AWS_ENDPOINT_URL_S3 }) => `${AWS_ENDPOINT_URL_S3}/`,
  );
}
