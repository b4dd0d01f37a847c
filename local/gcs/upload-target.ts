// What every kind of upload begins and ends with: where its content goes, and making it an object's.
import { checksumsOf, checksumsOfHeader, type ExpectedChecksums, verifyChecksums } from './checksums.ts';
import { invalid } from './fault.ts';
import type { Call } from './request.ts';
import {
  checkConditions,
  conditionsOf,
  type ObjectResource,
  withoutNulls,
  writableFields,
} from './resource.ts';
import type { UploadTarget } from './upload-sessions.ts';

/** Reads the target's name from query or metadata, and refuses at once what could not be written at the end. */
export function uploadTarget({ path, query, store }: Call, json: Record<string, unknown>): UploadTarget {
  const [bucket = ''] = path;
  const name = query.get('name') ?? json.name;
  if (typeof name !== 'string' || name === '') throw invalid('Required: name');
  // Google's limit (Cloud Storage, "Object names").
  if (Buffer.byteLength(name) > 1_024) throw invalid('The name is longer than 1024 bytes.');
  checkConditions(store.find(bucket, name), conditionsOf(query));
  return { bucket, name, json, query: query.toString() };
}

/** Verifies the content and makes it the object's. */
export async function finishUpload(
  { request, store }: Call,
  { bucket, name, json, query }: UploadTarget,
  contentPath: string,
): Promise<ObjectResource> {
  const checksums = await checksumsOf(contentPath);
  const { md5Hash: md5, crc32c } = json as { md5Hash?: string; crc32c?: string };
  const expected: ExpectedChecksums = { md5, crc32c, ...checksumsOfHeader(request.headers['x-goog-hash']) };
  verifyChecksums(checksums, expected);
  const conditions = conditionsOf(new URLSearchParams(query));
  return store.write({
    bucket,
    name,
    contentPath,
    checksums,
    fields: withoutNulls(writableFields(json)),
    conditions,
  });
}
