// S3 and the image Lambda, wired as Terraform wires them on AWS: uploads to the product bucket call the function, and what it
// fails on three times is in the dead-letter queue.
import { join } from 'node:path';
import { UPLOAD_PREFIX } from '#contracts/images.ts';
import { type LambdaHost, type LambdaOptions, startLambdaHost } from '../lambda/lambda.ts';
import { type RunningS3, type S3Options, startS3 } from './s3.ts';

export interface S3LambdaOptions extends Omit<S3Options, 'buckets' | 'notifications' | 'notify'> {
  /** Takes uploads under `uploads/`. */
  readonly productImagesBucket: string;
  readonly processedImagesBucket: string;
  readonly lambda: Pick<
    LambdaOptions,
    'handlerFile' | 'runtimeFile' | 'concurrency' | 'retryDelaysMs' | 'timeoutMs'
  > & {
    /** Beside the addresses of S3 and the bucket, which are added: how to reach Kafka. */
    readonly env: Readonly<Record<string, string>>;
    /** Takes what the function prints. */
    readonly logFile: string;
  };
}

export interface RunningS3Lambda extends RunningS3 {
  readonly lambda: LambdaHost;
}

/** Starts both. An S3 from `AWS_ENDPOINT_URL_S3` sends its events elsewhere; the host then has nothing to do. */
export async function startS3Lambda(options: S3LambdaOptions): Promise<RunningS3Lambda> {
  const { productImagesBucket, processedImagesBucket, lambda, dataDir } = options;
  // The host needs S3's address and S3 the host: an upload that comes between the two waits.
  const host = Promise.withResolvers<LambdaHost>();
  host.promise.catch(() => {});
  const s3 = await startS3({
    ...options,
    buckets: [productImagesBucket, processedImagesBucket],
    notifications: [{ bucket: productImagesBucket, prefix: UPLOAD_PREFIX, events: ['s3:ObjectCreated:*'] }],
    notify: async (event) => (await host.promise).enqueue(event),
  });
  try {
    const env = { ...lambda.env, ...s3.env, PROCESSED_IMAGES_BUCKET: processedImagesBucket };
    const deadLetter = s3.sendDeadLetter;
    const running = await startLambdaHost({ ...lambda, env, dataDir: join(dataDir, 'lambda'), deadLetter });
    host.resolve(running);
    const stop = async (): Promise<void> => {
      await running.stop();
      await s3.stop();
    };
    return { ...s3, lambda: running, stop };
  } catch (error) {
    host.reject(error);
    await s3.stop();
    throw error;
  }
}
