// S3 as the console needs it: hand out a signed upload, list the renditions of one upload. Holds no credentials: the SDK
// finds them as it does everywhere.
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import sharp from 'sharp';
import type { ConsoleConfig } from './config.ts';

const UPLOAD_EXPIRY_S = 300;
const VIEW_EXPIRY_S = 3_600;
/** Enough for any image header: renditions carry no metadata before their pixels. */
const HEADER_BYTES = 65_536;
const SIZES_REMEMBERED_MAX = 2_000;

export interface PixelSize {
  readonly width: number;
  readonly height: number;
}

/** One stored rendition. */
export interface StoredRendition {
  readonly key: string;
  readonly bytes: number;
  readonly pixels: PixelSize;
  /** Signed, for the page's `img`. */
  readonly url: string;
}

export interface PhotoStore {
  /** A URL that takes exactly this many bytes of this type, for five minutes. */
  signUpload(key: string, contentType: string, bytes: number): Promise<string>;
  renditions(prefix: string): Promise<StoredRendition[]>;
}

/** A store over the two buckets of the environment. */
export function createPhotoStore(config: ConsoleConfig): PhotoStore {
  const { PRODUCT_IMAGES_BUCKET: uploads, PROCESSED_IMAGES_BUCKET: processed } = config;
  const s3 = new S3Client({
    region: config.AWS_REGION,
    forcePathStyle: config.S3_FORCE_PATH_STYLE,
    ...(config.AWS_ENDPOINT_URL_S3 ? { endpoint: config.AWS_ENDPOINT_URL_S3 } : {}),
    // Else the signed URL would carry the checksum of an empty body (AWS SDK for JavaScript issue 6810).
    requestChecksumCalculation: 'WHEN_REQUIRED',
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000 },
  });
  const signView = (key: string): Promise<string> =>
    getSignedUrl(s3, new GetObjectCommand({ Bucket: processed, Key: key }), { expiresIn: VIEW_EXPIRY_S });
  const signUpload: PhotoStore['signUpload'] = (key, contentType, bytes) =>
    getSignedUrl(
      s3,
      new PutObjectCommand({ Bucket: uploads, Key: key, ContentType: contentType, ContentLength: bytes }),
      // The presigner leaves both out of the signature unless they are named.
      { expiresIn: UPLOAD_EXPIRY_S, signableHeaders: new Set(['host', 'content-type', 'content-length']) },
    );

  const pixels = createPixelReader(s3, processed);

  return {
    signUpload,
    async renditions(prefix) {
      const { Contents = [] } = await s3.send(
        new ListObjectsV2Command({ Bucket: processed, Prefix: prefix, MaxKeys: 50 }),
      );
      return Promise.all(
        Contents.map(async ({ Key: key = '', Size: bytes = 0 }) => {
          const [size, url] = await Promise.all([pixels(key), signView(key)]);
          return { key, bytes, pixels: size, url };
        }),
      );
    },
  };
}

/** Reads a rendition's size from its first bytes, once: the object of a rendition's key never changes. */
function createPixelReader(s3: S3Client, bucket: string): (key: string) => Promise<PixelSize> {
  const known = new Map<string, PixelSize>();
  return async (key) => {
    const found = known.get(key);
    if (found) return found;
    const range = `bytes=0-${HEADER_BYTES - 1}`;
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key, Range: range }));
    const { width, height } = await sharp(await Body!.transformToByteArray(), { failOn: 'none' }).metadata();
    if (known.size >= SIZES_REMEMBERED_MAX) known.clear();
    known.set(key, { width, height });
    return { width, height };
  };
}
