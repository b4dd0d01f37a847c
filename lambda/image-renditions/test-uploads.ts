// A file in, stored; out comes the notification record that AWS would send for it.
import {
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';

interface Target {
  readonly Bucket: string;
  readonly Key: string;
}

/** Uploads a file and returns the record that S3 sends for it. */
export async function upload(s3: S3Client, to: Target, body: Buffer): Promise<S3Record> {
  const { ETag } =
    body.length > PART_BYTES
      ? await uploadInParts(s3, to, body)
      : await s3.send(new PutObjectCommand({ ...to, Body: body }));
  return s3Record(to.Bucket, to.Key, { size: body.length, eTag: ETag?.replaceAll('"', '') ?? '' });
}

const PART_BYTES = 8 * 1024 * 1024;

/** As clients send large files; a server limits the bytes of one request. */
async function uploadInParts(s3: S3Client, to: Target, body: Buffer) {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(to));
  const Parts: CompletedPart[] = [];
  for (let start = 0; start < body.length; start += PART_BYTES) {
    const part = { UploadId, PartNumber: Parts.length + 1, Body: body.subarray(start, start + PART_BYTES) };
    const { ETag } = await s3.send(new UploadPartCommand({ ...to, ...part }));
    Parts.push({ ETag, PartNumber: part.PartNumber });
  }
  return s3.send(new CompleteMultipartUploadCommand({ ...to, UploadId, MultipartUpload: { Parts } }));
}

export interface S3Record {
  readonly eventName: string;
  readonly [field: string]: unknown;
}

let sequence = 0;

/** As S3 sends it: the key form-encoded, the tag without quotes. */
export function s3Record(bucket: string, key: string, object: Record<string, unknown>): S3Record {
  sequence += 1;
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: 'eu-central-1',
    eventTime: new Date().toISOString(),
    eventName: 'ObjectCreated:Put',
    s3: {
      s3SchemaVersion: '1.0',
      bucket: { name: bucket, arn: `arn:aws:s3:::${bucket}` },
      object: {
        key: encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/'),
        sequencer: sequence.toString(16).padStart(18, '0').toUpperCase(),
        ...object,
      },
    },
  };
}
