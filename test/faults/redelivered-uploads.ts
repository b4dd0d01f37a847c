// Real photos through the real S3 server and the built Lambda. Every notification is delivered three times, which S3 and Lambda may do,
// so the log has each rendition's event three times, with one id.
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import {
  builtArtifact,
  removeFolder,
  startLambda,
  unpackArtifact,
} from '../../lambda/image-renditions/test-lambda.ts';
import { jpegPhoto } from '../../lambda/image-renditions/test-photos.ts';
import { type S3Record, upload } from '../../lambda/image-renditions/test-uploads.ts';
import type { Rig } from './rig.ts';

const DELIVERIES = 3;
const PHOTO_EDGES = [300, 700, 1_200];

/** Uploads and redelivers; resolves with the number of photos. */
export async function redeliverUploads(rig: Rig): Promise<number> {
  const region = 'eu-central-1';
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const endpoint = process.env.AWS_ENDPOINT_URL_S3 ?? '';
  const s3 = new S3Client({ region, endpoint, forcePathStyle: true, credentials });
  const name = rig.env.GOOGLE_CLOUD_PROJECT!;
  for (const Bucket of [`${name}-raw`, `${name}-processed`])
    await s3.send(new CreateBucketCommand({ Bucket }));
  const records: S3Record[] = [];
  for (const [index, edge] of PHOTO_EDGES.entries()) {
    const to = { Bucket: `${name}-raw`, Key: `uploads/photo-${index}/upload-${index}.jpg` };
    records.push(await upload(s3, to, await jpegPhoto(edge, Math.round(edge * 0.7))));
  }
  s3.destroy();

  const folder = await unpackArtifact((await builtArtifact()).path);
  const lambda = await startLambda(folder, {
    ...rig.env,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_ENDPOINT_URL_S3: endpoint,
    PROCESSED_IMAGES_BUCKET: `${name}-processed`,
  });
  try {
    for (let delivery = 0; delivery < DELIVERIES; delivery += 1) {
      const { error } = await lambda.invoke({ Records: records });
      if (error) throw new Error(`the Lambda failed: ${error}`);
    }
  } finally {
    await lambda.stop();
    await removeFolder(folder);
  }
  return records.length;
}
