// Names of what the function writes: object keys and event ids. Deterministic: a redelivered notification repeats them.
import { createHash } from 'node:crypto';
import { type ImageRejected, QUARANTINE_PREFIX, renditionPrefix } from '#contracts/images.ts';
import type { OutputFormat, Upload } from './plan.ts';
import type { UploadedObject } from './s3-event.ts';

/** `renditions/<productId>/<uploadId>/<version>/<label>.<ext>`: one name for one content, so it may be cached for ever. */
export function renditionKey(
  upload: Pick<Upload, 'productId' | 'uploadId'>,
  version: string,
  label: string,
  format: OutputFormat,
): string {
  const extension = format === 'jpeg' ? 'jpg' : format;
  return `${renditionPrefix(upload)}${pathSegment(version)}/${label}.${extension}`;
}

/** Where the copy of a refused file goes: a hash keeps keys apart, a readable rest shows people which file it was. */
export function quarantineKey(object: UploadedObject): string {
  const lastPart = object.key.split('/').at(-1) ?? '';
  const readable = lastPart.replaceAll(/[^A-Za-z0-9._-]+/g, '_').slice(-60);
  return `${QUARANTINE_PREFIX}${digest(object.bucket, object.key, object.version)}/${readable || '_'}`;
}

/** CloudEvents id of what happened to this object version: the same on every delivery. */
export const eventId = (object: Pick<UploadedObject, 'bucket' | 'key' | 'version'>, what: string): string =>
  digest(object.bucket, object.key, object.version, what);

/** The source part of both events. */
export const sourceOf = ({ bucket, key, version }: UploadedObject): ImageRejected['source'] => ({
  bucket,
  key,
  version,
});

/** Version ids may hold anything that fits a URL, `+` included; only tame ones are shown as they are. */
const pathSegment = (version: string): string =>
  /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$/.test(version) ? version : digest(version);

/** 128 bits are enough to keep 10^15 ids apart (collision odds below 10^-8). JSON keeps the parts apart. */
const digest = (...parts: string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest().subarray(0, 16).toString('base64url');
