// The JSON resources of buckets and objects, and the conditions on them. Pure.
import type { Checksums } from './checksums.ts';
import { GcsFault } from './fault.ts';

export interface BucketResource {
  readonly kind: 'storage#bucket';
  readonly id: string;
  readonly name: string;
  readonly timeCreated: string;
  readonly updated: string;
  readonly metageneration: string;
  readonly location: string;
  readonly storageClass: string;
  readonly etag: string;
  readonly [field: string]: unknown;
}

export interface ObjectResource {
  readonly kind: 'storage#object';
  readonly id: string;
  readonly bucket: string;
  readonly name: string;
  /** Microseconds, and growing with every write. */
  readonly generation: string;
  readonly metageneration: string;
  readonly size: string;
  readonly crc32c: string;
  /** Composed objects have none. */
  readonly md5Hash?: string;
  readonly etag: string;
  readonly timeCreated: string;
  readonly updated: string;
  readonly contentType: string;
  readonly contentEncoding?: string;
  readonly cacheControl?: string;
  readonly contentDisposition?: string;
  readonly contentLanguage?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly customTime?: string;
  readonly componentCount?: number;
  readonly storageClass: string;
  readonly mediaLink: string;
  readonly selfLink: string;
}

/** The fields that clients may set. */
export type WritableFields = Partial<
  Pick<
    ObjectResource,
    | 'contentType'
    | 'contentEncoding'
    | 'cacheControl'
    | 'contentDisposition'
    | 'contentLanguage'
    | 'metadata'
    | 'customTime'
    | 'componentCount'
  >
>;

const WRITABLE = [
  'contentType',
  'contentEncoding',
  'cacheControl',
  'contentDisposition',
  'contentLanguage',
  'metadata',
  'customTime',
] as const;

/** What of a client's JSON may be set; fields that are null stay in, since a patch clears them so. */
export function writableFields(json: Readonly<Record<string, unknown>>): WritableFields {
  return Object.fromEntries(
    WRITABLE.filter((name) => Object.hasOwn(json, name)).map((name) => [name, json[name]]),
  );
}

/** Without the fields that are null. */
export const withoutNulls = <T extends object>(fields: T): T =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== null && value !== undefined),
  ) as T;

export interface NewObject {
  readonly bucket: string;
  readonly name: string;
  readonly generation: string;
  readonly checksums: Checksums;
  readonly fields: WritableFields;
  readonly now: string;
}

export function objectResource({
  bucket,
  name,
  generation,
  checksums,
  fields,
  now,
}: NewObject): ObjectResource {
  const path = `/storage/v1/b/${bucket}/o/${encodeURIComponent(name)}`;
  const { componentCount } = fields;
  return {
    kind: 'storage#object',
    id: `${bucket}/${name}/${generation}`,
    bucket,
    name,
    generation,
    metageneration: '1',
    contentType: 'application/octet-stream',
    ...withoutNulls(fields),
    size: String(checksums.bytes),
    crc32c: checksums.crc32c,
    ...(componentCount ? {} : { md5Hash: checksums.md5 }),
    etag: eTagOf(generation, '1'),
    timeCreated: now,
    updated: now,
    storageClass: 'STANDARD',
    mediaLink: `/download${path}?generation=${generation}&alt=media`,
    selfLink: path,
  };
}

/** The same content under changed metadata. */
export function patchedResource(object: ObjectResource, change: WritableFields, now: string): ObjectResource {
  const metageneration = String(Number(object.metageneration) + 1);
  const { metadata, ...rest } = change;
  const merged =
    metadata === undefined ? {} : { metadata: metadata && withoutNulls({ ...object.metadata, ...metadata }) };
  const etag = eTagOf(object.generation, metageneration);
  return withoutNulls({ ...object, ...rest, ...merged, metageneration, etag, updated: now });
}

const eTagOf = (generation: string, metageneration: string): string =>
  Buffer.from(`${generation}/${metageneration}`).toString('base64');

/** The query parameters that hold a request to a state of the object. */
export type Conditions = Readonly<Record<string, string | undefined>>;

/** The conditions in a query; `prefix` is `ifSource` for those on the source of a copy. */
export const conditionsOf = (query: URLSearchParams, prefix: 'if' | 'ifSource' = 'if'): Conditions =>
  Object.fromEntries(
    ['GenerationMatch', 'GenerationNotMatch', 'MetagenerationMatch', 'MetagenerationNotMatch'].map((name) => [
      name,
      query.get(`${prefix}${name}`) ?? undefined,
    ]),
  );

/**
 * Generation 0 stands for "there is no live object".
 * @throws GcsFault 412, or 304 where a read asks for anything but the state it knows
 */
export function checkConditions(object: ObjectResource | undefined, when: Conditions, isRead = false): void {
  const generation = object?.generation ?? '0';
  const { metageneration } = object ?? {};
  const { GenerationMatch, GenerationNotMatch, MetagenerationMatch, MetagenerationNotMatch } = when;
  const isChanged =
    (GenerationMatch !== undefined && GenerationMatch !== generation) ||
    (MetagenerationMatch !== undefined && MetagenerationMatch !== metageneration);
  const isUnchanged =
    GenerationNotMatch === generation ||
    (MetagenerationNotMatch !== undefined && MetagenerationNotMatch === metageneration);
  const message = 'At least one of the pre-conditions you specified did not hold.';
  if (isChanged) throw new GcsFault(412, 'conditionNotMet', message);
  if (isUnchanged) throw new GcsFault(isRead ? 304 : 412, 'conditionNotMet', message);
}
