// The photo store of one pipeline: the local S3 server with buckets of its own, whose uploads call the built image function.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UPLOAD_PREFIX } from '#contracts/images.ts';
import { buildArtifact } from '../../lambda/image-renditions/build.ts';
import { removeFolder, startLambda, unpackArtifact } from '../../lambda/image-renditions/test-lambda.ts';
import { startS3 } from '../../local/s3.ts';
import type { Notify } from '../../local/s3-notifications.ts';

export interface PhotoHost {
  /** The variables by which other processes find the server. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** Starts server and function on the buckets, topics and brokers of the environment. */
export async function startPhotoHost(env: Readonly<Record<string, string>>): Promise<PhotoHost> {
  const bucket = env.PRODUCT_IMAGES_BUCKET!;
  const processed = env.PROCESSED_IMAGES_BUCKET!;
  const dataDir = await mkdtemp(join(tmpdir(), 'photo-host-'));
  let invoke: Notify = async () => {};
  // The run may have an S3 server for all; its uploads would call another function than ours.
  delete process.env.AWS_ENDPOINT_URL_S3;
  const s3 = await startS3({
    dataDir,
    logFile: join(dataDir, 's3.log'),
    port: 0,
    isDurable: false,
    buckets: [bucket, processed],
    notifications: [{ bucket, prefix: UPLOAD_PREFIX, events: ['s3:ObjectCreated:*'] }],
    notify: (event) => invoke(event),
  });
  const folder = await unpackArtifact((await buildArtifact()).path);
  const lambda = await startLambda(folder, { ...env, ...s3.env, PROCESSED_BUCKET: processed });
  // Taken over at once and run one after the other, as one warm function does.
  let invocations: Promise<unknown> = Promise.resolve();
  invoke = async (event) => {
    invocations = invocations.then(() => lambda.invoke(event));
  };
  const stop = async (): Promise<void> => {
    await invocations.catch(() => {});
    await lambda.stop();
    await s3.stop();
    await Promise.all([removeFolder(folder), rm(dataDir, { recursive: true, force: true })]);
  };
  return { env: s3.env, stop };
}
