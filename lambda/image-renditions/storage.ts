// The two buckets behind three verbs: download with a size limit, store a rendition, copy into quarantine.
import type { Readable } from 'node:stream';
import { CopyObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { AppError } from '#runtime/errors.ts';
import type { UploadedObject } from './s3-event.ts';

/** A `gone` object was deleted or overwritten after its notification was sent; its successor has its own. */
export type Download =
  | { readonly state: 'read'; readonly bytes: Buffer }
  | { readonly state: 'too-many-bytes'; readonly bytesFound: number }
  | { readonly state: 'gone' };

export interface Storage {
  /** Never holds more than the limit in memory. */
  read(object: UploadedObject, bytesMax: number): Promise<Download>;
  store(bucket: string, key: string, body: Buffer, contentType: string): Promise<void>;
  /** Copies within the object's bucket, on the server, at any size. False when the object is gone. */
  quarantine(object: UploadedObject, key: string): Promise<boolean>;
}

/** The key names the content's version, so no cache need ever ask again (RFC 8246). */
const CACHE_CONTROL = 'public, max-age=31536000, immutable';
/** S3 keeps at most 2 KB of user metadata, and a percent-encoded key of 1024 bytes may take 3 KB. */
const METADATA_CHARS_MAX = 1_900;

export function createS3Client(options: { readonly region: string; readonly endpoint?: string }): S3Client {
  return new S3Client({
    region: options.region,
    // Servers other than AWS have no bucket-named hosts.
    ...(options.endpoint ? { endpoint: options.endpoint, forcePathStyle: true } : {}),
    requestHandler: { connectionTimeout: 3_000, requestTimeout: 60_000, throwOnRequestTimeout: true },
  });
}

/** Storage verbs on a client. Anything but a missing object throws, so that AWS calls again. */
export function createStorage(s3: S3Client): Storage {
  return {
    read: (object, bytesMax) => read(s3, object, bytesMax),
    store: async (bucket, key, body, contentType) => {
      await s3.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: body,
          ContentType: contentType,
          CacheControl: CACHE_CONTROL,
        }),
      );
    },
    quarantine: (object, key) => quarantine(s3, object, key),
  };
}

async function read(s3: S3Client, object: UploadedObject, bytesMax: number): Promise<Download> {
  const response = await unlessGone(() =>
    s3.send(new GetObjectCommand({ Bucket: object.bucket, Key: object.key, ...exactly(object) })),
  );
  if (!response) return { state: 'gone' };
  const body = response.Body as Readable;
  const announced = response.ContentLength ?? 0;
  if (announced > bytesMax) {
    body.destroy();
    return { state: 'too-many-bytes', bytesFound: announced };
  }
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    total += chunk.length;
    if (total > bytesMax) return { state: 'too-many-bytes', bytesFound: total };
    chunks.push(chunk);
  }
  if (response.ContentLength !== undefined && total !== announced) {
    // A cut download must not be mistaken for a truncated photo.
    throw new AppError('download-incomplete', `${total} of ${announced} bytes came`, { total, announced });
  }
  return { state: 'read', bytes: Buffer.concat(chunks, total) };
}

async function quarantine(s3: S3Client, object: UploadedObject, key: string): Promise<boolean> {
  const version = object.versionId ? `?versionId=${encodeURIComponent(object.versionId)}` : '';
  const { IfMatch } = exactly(object);
  const copied = await unlessGone(() =>
    s3.send(
      new CopyObjectCommand({
        Bucket: object.bucket,
        Key: key,
        // The client does not encode this header; S3 wants it URL-encoded, except for the slashes.
        CopySource: `${object.bucket}/${encodePath(object.key)}${version}`,
        ...(IfMatch ? { CopySourceIfMatch: IfMatch } : {}),
        MetadataDirective: 'REPLACE',
        Metadata: originalKeyMetadata(object.key),
        // No browser shall run what we would not decode.
        ContentType: 'application/octet-stream',
        ContentDisposition: 'attachment',
      }),
    ),
  );
  return copied !== undefined;
}

/** Binds a request to the object of the notification, and not to a later object under its key. */
const exactly = (object: UploadedObject): { VersionId?: string; IfMatch?: string } => {
  if (object.versionId) return { VersionId: object.versionId };
  return object.eTag ? { IfMatch: `"${object.eTag}"` } : {};
};

/** The key as it was, in the characters that a header may carry. */
export function originalKeyMetadata(key: string): Record<string, string> {
  const encoded = encodePath(key);
  return encoded.length <= METADATA_CHARS_MAX
    ? { 'original-key': encoded }
    : { 'original-key-base64url': Buffer.from(key).toString('base64url') };
}

const encodePath = (key: string): string => key.toWellFormed().split('/').map(encodeURIComponent).join('/');

async function unlessGone<Result>(request: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await request();
  } catch (error) {
    // By name and not by status 404: a missing bucket is our own fault and must be reported.
    const name = error instanceof Error ? error.name : '';
    if (name === 'NoSuchKey' || name === 'NoSuchVersion' || name === 'PreconditionFailed') return undefined;
    throw error;
  }
}
