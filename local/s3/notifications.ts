// S3 requests in, S3's own events out, for those that created an object a notification is configured for.
// At least once: the event is handed over before the client hears of its success, so no crash loses it; when it cannot be
// handed over, the client gets a 500 and tries again. Source: Amazon S3 User Guide, "Event message structure".
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { S3Store } from './fauxqs-stores.ts';
import { creationOf, objectOf } from './request.ts';

/** Which objects cause events. */
export interface NotificationConfiguration {
  readonly bucket: string;
  readonly prefix: string;
  /** `s3:ObjectCreated:*`, `s3:ObjectCreated:Put`, … */
  readonly events: readonly string[];
}

/** One record of an event, as AWS sends it. */
export interface S3EventRecord {
  readonly eventVersion: '2.1';
  readonly eventSource: 'aws:s3';
  readonly awsRegion: string;
  /** RFC 3339 UTC, milliseconds. */
  readonly eventTime: string;
  /** Without the `s3:` of the configuration: `ObjectCreated:Put`. */
  readonly eventName: string;
  readonly userIdentity: { readonly principalId: string };
  readonly requestParameters: { readonly sourceIPAddress: string };
  readonly responseElements: Readonly<Record<'x-amz-request-id' | 'x-amz-id-2', string>>;
  readonly s3: {
    readonly s3SchemaVersion: '1.0';
    readonly configurationId: string;
    readonly bucket: {
      readonly name: string;
      readonly ownerIdentity: { readonly principalId: string };
      readonly arn: string;
    };
    readonly object: {
      /** Form-encoded: see {@link encodeEventKey}. */
      readonly key: string;
      readonly size: number;
      /** Without quotes. */
      readonly eTag: string;
      readonly versionId?: string;
      /** Hexadecimal; grows with every write. */
      readonly sequencer: string;
    };
  };
}

/** What a Lambda is called with. */
export interface S3Event {
  readonly Records: readonly S3EventRecord[];
}

/** Takes an event over; resolves once it is safe. */
export type Notify = (event: S3Event) => Promise<void>;

export interface NotificationOptions {
  readonly store: S3Store;
  readonly region: string;
  readonly configurations: readonly NotificationConfiguration[];
  readonly notify: Notify;
  readonly log: Logger;
}

/** Installs the notifications. */
export function useNotifications(app: FastifyInstance, options: NotificationOptions): void {
  const nextSequencer = createSequencer();
  // fauxqs' handlers send and then return nothing, which Fastify takes for a second answer as long as a hook of the first
  // one waits: this hook runs twice for one request, and must notify once.
  const notifying = new WeakMap<FastifyRequest, Promise<void>>();
  app.addHook('onSend', async (request, reply, payload) => {
    const creation = reply.statusCode === 200 ? creationOf(request) : undefined;
    if (!creation) return payload;
    const { bucket, key } = objectOf(request);
    const at = options.configurations.findIndex((entry) => isFor(entry, bucket, key, creation));
    if (at < 0) return payload;
    const notify = (): Promise<void> => {
      const record = recordOf(request, options, `notification-${at}`, nextSequencer());
      return options.notify({ Records: [{ ...record, eventName: `ObjectCreated:${creation}` }] });
    };
    const notified = notifying.get(request) ?? notify();
    notifying.set(request, notified);
    try {
      await notified;
    } catch (error) {
      options.log.error({ bucket, key, error }, 'event could not be kept');
      reply.code(500).type('application/xml');
      return '<Error><Code>InternalError</Code><Message>The event could not be kept.</Message></Error>';
    }
    return payload;
  });
}

function isFor(entry: NotificationConfiguration, bucket: string, key: string, creation: string): boolean {
  const names = ['s3:ObjectCreated:*', `s3:ObjectCreated:${creation}`];
  return (
    entry.bucket === bucket &&
    key.startsWith(entry.prefix) &&
    names.some((name) => entry.events.includes(name))
  );
}

function recordOf(
  request: FastifyRequest,
  { store, region }: NotificationOptions,
  configurationId: string,
  sequencer: string,
): Omit<S3EventRecord, 'eventName'> {
  const { bucket, key } = objectOf(request);
  const stored = store.headObject(bucket, key);
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: region,
    eventTime: stored.lastModified.toISOString(),
    userIdentity: { principalId: 'AWS:LOCAL' },
    requestParameters: { sourceIPAddress: request.ip },
    responseElements: { 'x-amz-request-id': request.id, 'x-amz-id-2': 'local' },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId,
      bucket: { name: bucket, ownerIdentity: { principalId: 'LOCAL' }, arn: `arn:aws:s3:::${bucket}` },
      object: {
        key: encodeEventKey(key),
        size: stored.contentLength,
        eTag: stored.etag.replaceAll('"', ''),
        sequencer,
      },
    },
  };
}

/** A key as S3's events carry it: encoded as HTML forms are (`+` for a space), but for the slashes. */
export const encodeEventKey = (key: string): string =>
  new URLSearchParams([['', key]]).toString().slice(1).replaceAll('%2F', '/');

/** Grows by the clock, so that it also grows over restarts; 18 hexadecimal digits, as AWS's. */
function createSequencer(): () => string {
  let last = 0n;
  return () => {
    const byClock = BigInt(Date.now()) << 16n;
    last = byClock > last ? byClock : last + 1n;
    return last.toString(16).toUpperCase().padStart(18, '0');
  };
}
