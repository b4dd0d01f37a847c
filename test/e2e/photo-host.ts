// The photo store of one pipeline: an S3 server whose uploads call the built image function, as AWS's notifications do.
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { buildApp } from 'fauxqs';
import { buildArtifact } from '../../lambda/image-renditions/build.ts';
import { removeFolder, startLambda, unpackArtifact } from '../../lambda/image-renditions/test-lambda.ts';
import { s3Record } from '../../lambda/image-renditions/test-uploads.ts';

export interface PhotoHost {
  readonly endpoint: string;
  stop(): Promise<void>;
}

const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_REGION: 'eu-central-1' };

/** Starts server and function on the buckets, topics and brokers of the environment, and sets the two AWS variables in it. */
export async function startPhotoHost(env: Record<string, string>): Promise<PhotoHost> {
  Object.assign(env, CREDENTIALS, { S3_FORCE_PATH_STYLE: 'true' });
  const app = buildApp({ logger: false });
  const bucket = env.PRODUCT_IMAGES_BUCKET!;
  let notified: (key: string, size: number, eTag: string) => void = () => {};
  allowPages(app);
  app.addHook('onResponse', async (request, reply) => {
    const [path = ''] = request.url.split('?');
    if (request.method !== 'PUT' || reply.statusCode !== 200 || !path.startsWith(`/${bucket}/uploads/`))
      return;
    const eTag = String(reply.getHeader('etag') ?? '').replaceAll('"', '');
    notified(
      decodeURIComponent(path.slice(bucket.length + 2)),
      Number(request.headers['content-length']),
      eTag,
    );
  });
  const endpoint = await app.listen({ host: '127.0.0.1', port: 0 });
  await createBuckets(endpoint, [bucket, env.PROCESSED_IMAGES_BUCKET!]);

  const folder = await unpackArtifact((await buildArtifact()).path);
  const lambda = await startLambda(folder, {
    ...env,
    AWS_ENDPOINT_URL_S3: endpoint,
    PROCESSED_IMAGES_BUCKET: env.PROCESSED_IMAGES_BUCKET!,
  });
  // One invocation at a time, as one warm function takes them.
  let invocations: Promise<unknown> = Promise.resolve();
  notified = (key, size, eTag) => {
    const event = { Records: [s3Record(bucket, key, { size, eTag })] };
    invocations = invocations.then(() => lambda.invoke(event));
  };
  const stop = async (): Promise<void> => {
    await invocations.catch(() => {});
    await lambda.stop();
    await app.close();
    await removeFolder(folder);
  };
  return { endpoint, stop };
}

/** What the bucket's CORS rule does on AWS: pages of any origin may PUT by a signed URL. */
function allowPages(app: ReturnType<typeof buildApp>): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('access-control-allow-origin', '*');
    if (request.method !== 'OPTIONS') return undefined;
    return reply
      .code(204)
      .headers({ 'access-control-allow-methods': 'PUT', 'access-control-allow-headers': 'content-type' })
      .send();
  });
}

async function createBuckets(endpoint: string, buckets: readonly string[]): Promise<void> {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const s3 = new S3Client({ endpoint, forcePathStyle: true, region: CREDENTIALS.AWS_REGION, credentials });
  for (const Bucket of buckets) await s3.send(new CreateBucketCommand({ Bucket }));
  s3.destroy();
}
