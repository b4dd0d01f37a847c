// S3 notifications in, the objects they name out. Pure; a record that S3 could not have sent is reported, not guessed at.
// Source: Amazon S3 User Guide, "Event message structure".

/** The object version that one notification is about. */
export interface UploadedObject {
  readonly bucket: string;
  readonly key: string;
  /** What distinguishes this upload from others under the same key: the version id, else the sequencer. Same on redelivery. */
  readonly version: string;
  /** Set where the bucket keeps versions. */
  readonly versionId?: string;
  /** Without quotes. */
  readonly eTag?: string;
  /** Undefined when the notification does not say. */
  readonly bytes?: number;
  /** When S3 finished the upload, RFC 3339 UTC. */
  readonly eventTime: string;
}

export interface S3Notification {
  readonly objects: readonly UploadedObject[];
  /** What is wrong with each unreadable record. */
  readonly malformed: readonly string[];
}

/** Reads the event a Lambda is called with. Records that report no creation (removals, test events) are left out. */
export function readS3Event(event: unknown): S3Notification {
  const objects: UploadedObject[] = [];
  const malformed: string[] = [];
  const records = field(event, 'Records');
  for (const record of Array.isArray(records) ? records : []) {
    if (!textField(record, 'eventName')?.replace(/^s3:/, '').startsWith('ObjectCreated')) continue;
    const object = readRecord(record);
    if (typeof object === 'string') malformed.push(object);
    else objects.push(object);
  }
  return { objects, malformed };
}

function readRecord(record: unknown): UploadedObject | string {
  const s3 = field(record, 's3');
  const object = field(s3, 'object');
  const bucket = textField(field(s3, 'bucket'), 'name');
  const key = textField(object, 'key');
  const eventTime = textField(record, 'eventTime');
  // An unversioned object in a bucket that once kept versions has the version id "null".
  const given = textField(object, 'versionId');
  const versionId = given === 'null' ? undefined : given;
  const version = versionId ?? textField(object, 'sequencer');
  const eTag = textField(object, 'eTag')?.replaceAll('"', '');
  const bytes = field(object, 'size');
  if (!bucket) return 'the record names no bucket';
  if (!key) return 'the record names no key';
  if (!version) return 'the record has neither version id nor sequencer';
  if (!eventTime || Number.isNaN(Date.parse(eventTime))) return 'the record has no event time';
  return {
    bucket,
    key: decodeKey(key),
    version,
    eventTime,
    ...(versionId ? { versionId } : {}),
    ...(eTag ? { eTag } : {}),
    ...(typeof bytes === 'number' && Number.isSafeInteger(bytes) && bytes >= 0 ? { bytes } : {}),
  };
}

/** S3 sends keys as HTML forms do: percent-encoded UTF-8 with `+` for a space. */
export function decodeKey(encoded: string): string {
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch {
    // No key of S3's own making; as it stands it will not pass the key grammar, and so is refused in the usual way.
    return encoded;
  }
}

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;

function textField(value: unknown, name: string): string | undefined {
  const found = field(value, name);
  return typeof found === 'string' && found !== '' ? found : undefined;
}
