// S3 notifications in; renditions stored, then one event per rendition out; refused files quarantined and reported.
// At least once: everything written repeats exactly on redelivery. Bad files never throw; a failing S3 or Kafka does.
import { encodeEvent } from '#contracts/envelope.ts';
import { IMAGE_PROCESSED, IMAGE_REJECTED, UPLOAD_BYTES_MAX } from '#contracts/images.ts';
import { imageRenditions } from '#contracts/processes.ts';
import { currentSizeTable } from '#contracts/size-labels.ts';
import { productImagesProcessed, productImagesRejected } from '#contracts/topics.ts';
import { AppError, messageOf } from '#runtime/errors.ts';
import type { Logger } from '#runtime/log.ts';
import type { EncodedRendition } from './codec.ts';
import { eventId, quarantineKey, renditionKey, sourceOf } from './names.ts';
import { makeRenditions } from './pipeline.ts';
import { admitUpload, type Rejection, tooManyBytes, type Upload } from './plan.ts';
import type { Publisher } from './publisher.ts';
import { readS3Event, type UploadedObject } from './s3-event.ts';
import type { Storage } from './storage.ts';

export interface Ports {
  readonly storage: Storage;
  readonly publisher: Pick<Publisher, 'publish'>;
  /** Bucket of the renditions. */
  readonly processedBucket: string;
  readonly log: Logger;
}

/** CloudEvents `source` of both events. */
export const EVENT_SOURCE = `/${imageRenditions.name}`;

/**
 * The function that AWS calls. Every record of the event is worked through before any failure is thrown.
 * @throws AppError `records-failed` when S3 or Kafka failed for some: AWS calls again, then dead-letters the event.
 */
export function createImageRenditions(ports: Ports): (event: unknown) => Promise<void> {
  return async (event) => {
    const { objects, malformed } = readS3Event(event);
    const failures: unknown[] = malformed.map((fault) => new AppError('record-malformed', fault));
    for (const object of objects) {
      try {
        await handleUpload(ports, object);
      } catch (error) {
        ports.log.error({ ...sourceOf(object), reason: messageOf(error) }, 'upload failed');
        failures.push(error);
      }
    }
    if (failures.length === 0) return;
    const total = objects.length + malformed.length;
    throw new AppError(
      'records-failed',
      `${failures.length} of ${total} records failed: ${failures.map(messageOf).join('; ')}`,
      { failed: failures.length, total },
      new AggregateError(failures),
    );
  };
}

async function handleUpload(ports: Ports, object: UploadedObject): Promise<void> {
  const upload = admitUpload(object);
  if ('reason' in upload) return reject(ports, object, upload);
  const download = await ports.storage.read(object, UPLOAD_BYTES_MAX);
  if (download.state === 'gone') return drop(ports, object);
  if (download.state === 'too-many-bytes') return reject(ports, object, tooManyBytes(download.bytesFound));
  const result = await makeRenditions(upload, download.bytes);
  if (!result.ok) return reject(ports, object, result.rejection);
  await publishRenditions(ports, object, upload, result.renditions);
}

/** Objects first, events after: a consumer of the event can fetch the rendition. */
async function publishRenditions(
  ports: Ports,
  object: UploadedObject,
  upload: Upload,
  renditions: readonly EncodedRendition[],
): Promise<void> {
  const { productId } = upload;
  const stored = await Promise.all(
    renditions.map(async ({ body, label, format, width, height }) => {
      const key = renditionKey(upload, object.version, label, format);
      await ports.storage.store(ports.processedBucket, key, body, `image/${format}`);
      return { label, bucket: ports.processedBucket, key, format, width, height, bytes: body.length };
    }),
  );
  const records = stored.map(({ label, ...rendition }) =>
    encodeEvent(IMAGE_PROCESSED, productId, {
      id: eventId(object, label),
      source: EVENT_SOURCE,
      time: object.eventTime,
      data: { productId, source: sourceOf(object), rendition, sizeTable: currentSizeTable.version },
    }),
  );
  await ports.publisher.publish(productImagesProcessed.name, records);
  const sizes = stored.map(({ label, bytes }) => `${label}:${bytes}`);
  ports.log.info({ ...sourceOf(object), productId, renditions: sizes }, 'renditions published');
}

async function reject(ports: Ports, object: UploadedObject, rejection: Rejection): Promise<void> {
  const quarantine = { bucket: object.bucket, key: quarantineKey(object) };
  if (!(await ports.storage.quarantine(object, quarantine.key))) return drop(ports, object);
  const source = sourceOf(object);
  const record = encodeEvent(IMAGE_REJECTED, object.key, {
    id: eventId(object, 'rejected'),
    source: EVENT_SOURCE,
    time: object.eventTime,
    data: { source, quarantine, ...rejection },
  });
  await ports.publisher.publish(productImagesRejected.name, [record]);
  ports.log.warn({ ...source, quarantine: quarantine.key, reason: rejection.reason }, 'upload rejected');
}

function drop(ports: Ports, object: UploadedObject): void {
  ports.log.warn(sourceOf(object), 'upload is gone or was overwritten, nothing to do');
}
