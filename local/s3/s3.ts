// S3 on this machine: fauxqs behind its Fastify app, with what it lacks added as hooks (conditional writes, expiry of
// presigned URLs, CORS, event notifications), data in one folder, on 127.0.0.1 unless it has a container for itself. Its SQS, on the same port, holds the
// dead letters of the Lambda. Signatures are not verified and buckets keep no versions.
import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { buildApp } from 'fauxqs';
import { elsewhere } from '../launcher/elsewhere.ts';
import { createFileLog } from '../server/file-log.ts';
import { localHosts } from '../server/origins.ts';
import type { RunningServer, ServerOptions } from '../server/server.ts';
import { useCors, useExpiry, useKnownHosts } from './access.ts';
import { useConditions } from './conditions.ts';
import { ACCOUNT_ID, type FauxqsStores, openStores } from './fauxqs-stores.ts';
import { type NotificationConfiguration, type Notify, useNotifications } from './notifications.ts';

/** The queue that takes events the Lambda failed on. */
export const DEAD_LETTER_QUEUE = 'image-renditions-dlq';

const NAME = 'S3';
const REGION = 'eu-central-1';
/** S3 takes 5 GB in one PUT; here it must fit in memory. */
const BODY_BYTES_MAX = 512 * 1_048_576;

export interface S3Options extends ServerOptions {
  /** A server that takes this one's place; empty for none. @default `AWS_ENDPOINT_URL_S3` of the environment */
  readonly replacement?: string;
  /** Made if missing. */
  readonly buckets?: readonly string[];
  readonly notifications?: readonly NotificationConfiguration[];
  /** Takes the events over. @default they are dropped */
  readonly notify?: Notify;
}

export interface RunningS3 extends RunningServer {
  /** Puts a message into the dead-letter queue; it is on disk when this resolves. */
  sendDeadLetter(message: unknown): Promise<void>;
}

/** Starts the server; port 0 takes a free one. A replacement is used as it is: buckets and notifications are its owner's. */
export async function startS3(options: S3Options): Promise<RunningS3> {
  const { replacement = process.env.AWS_ENDPOINT_URL_S3 } = options;
  if (replacement) return startElsewhere(replacement);
  await mkdir(options.dataDir, { recursive: true });
  const stores = openStores(options.dataDir);
  const app = createApp(options, stores);
  try {
    await app.listen({ host: options.host ?? '127.0.0.1', port: options.port });
  } catch (error) {
    stores.close();
    throw error;
  }
  const endpoint = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  createDeadLetterQueue(stores, endpoint);
  return {
    name: NAME,
    address: endpoint,
    env: environmentOf(endpoint),
    pids: [],
    sendDeadLetter: (message) => sendMessage(endpoint, message),
    stop: async () => {
      await app.close();
      stores.close();
    },
  };
}

function createApp(options: S3Options, stores: FauxqsStores): FastifyInstance {
  const { notifications: configurations = [], notify = async () => {} } = options;
  const app: FastifyInstance = buildApp({ logger: false, defaultRegion: REGION, stores });
  const log = createFileLog('s3', options.logFile);
  app.addHook('onError', async ({ method, url }, _reply, error) => {
    log.error({ method, url: url.split('?')[0], error }, 'request failed');
  });
  useAnyBody(app);
  useKnownHosts(app, localHosts());
  useCors(app);
  useExpiry(app);
  useConditions(app, stores.s3Store);
  useNotifications(app, { store: stores.s3Store, region: REGION, configurations, notify, log });
  for (const bucket of options.buckets ?? []) stores.s3Store.createBucket(bucket);
  return app;
}

/** The variables that the AWS SDKs, the Lambda and the console read. */
const environmentOf = (endpoint: string): Record<string, string> => ({
  AWS_ENDPOINT_URL_S3: endpoint,
  S3_FORCE_PATH_STYLE: 'true',
  AWS_REGION: REGION,
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
});

async function startElsewhere(endpoint: string): Promise<RunningS3> {
  const server = await elsewhere(NAME, 'AWS_ENDPOINT_URL_S3', endpoint, () => fetch(endpoint));
  const sendDeadLetter = async (): Promise<void> => {
    throw new Error(`${endpoint} is not ours: it has its own dead letters`);
  };
  return { ...server, sendDeadLetter };
}

/** Bodies as large as one PUT may have, and none at all: fauxqs takes 11 MiB and fails on an empty file. */
function useAnyBody(app: FastifyInstance): void {
  app.removeContentTypeParser('*');
  const options = { parseAs: 'buffer', bodyLimit: BODY_BYTES_MAX } as const;
  app.addContentTypeParser('*', options, (_request, body, done) => done(null, body));
  app.addHook('preValidation', (request, _reply, done) => {
    if (request.method === 'PUT') request.body ??= Buffer.alloc(0);
    done();
  });
}

function createDeadLetterQueue({ sqsStore }: FauxqsStores, endpoint: string): void {
  if (sqsStore.getQueueByName(DEAD_LETTER_QUEUE)) return;
  const arn = `arn:aws:sqs:${REGION}:${ACCOUNT_ID}:${DEAD_LETTER_QUEUE}`;
  const { host, port } = new URL(endpoint);
  const url = sqsStore.buildQueueUrl(DEAD_LETTER_QUEUE, port, host, REGION);
  // SQS keeps messages for 14 days at most.
  sqsStore.createQueue(DEAD_LETTER_QUEUE, url, arn, { MessageRetentionPeriod: '1209600' });
}

/** SQS's JSON protocol; one call does not pay for its SDK. */
async function sendMessage(endpoint: string, message: unknown): Promise<void> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.SendMessage' },
    body: JSON.stringify({
      QueueUrl: `${endpoint}/${ACCOUNT_ID}/${DEAD_LETTER_QUEUE}`,
      MessageBody: JSON.stringify(message),
    }),
  });
  if (!response.ok) throw new Error(`SQS answered ${response.status}: ${await response.text()}`);
}
