// S3 as far as uploads need it: a signed URL out. Holds no credentials: the SDK finds them as it does everywhere.
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { ProductConfig } from '../config.ts';
import { type PhotoUploads, UPLOAD_EXPIRY_S } from './domain.ts';

type StorageConfig = Pick<
  ProductConfig,
  'PRODUCT_IMAGES_BUCKET' | 'AWS_REGION' | 'AWS_ENDPOINT_URL_S3' | 'S3_FORCE_PATH_STYLE'
>;

/** Uploads to the bucket of the environment. */
export function createPhotoUploads(config: StorageConfig): PhotoUploads {
  const s3 = new S3Client({
    region: config.AWS_REGION,
    forcePathStyle: config.S3_FORCE_PATH_STYLE,
    ...(config.AWS_ENDPOINT_URL_S3 ? { endpoint: config.AWS_ENDPOINT_URL_S3 } : {}),
    // Else the signed URL would carry the checksum of an empty body (AWS SDK for JavaScript issue 6810).
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
  return {
    sign: (key, contentType, bytes) =>
      getSignedUrl(
        s3,
        new PutObjectCommand({
          Bucket: config.PRODUCT_IMAGES_BUCKET,
          Key: key,
          ContentType: contentType,
          ContentLength: bytes,
        }),
        // The presigner leaves both out of the signature unless they are named.
        {
          expiresIn: UPLOAD_EXPIRY_S,
          signableHeaders: new Set(['host', 'content-type', 'content-length']),
        },
      ),
  };
}
