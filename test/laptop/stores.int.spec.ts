// S3 with its function and Cloud Storage as a laptop's cluster runs them: what a customer's browser does with them, to the end.
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeEvent } from '#contracts/envelope.ts';
import type { ImageProcessed } from '#contracts/images.ts';
import { productImagesProcessed, productImagesRejected, topicSettings } from '#contracts/topics.ts';
import { createGcs, readObject } from '#runtime/gcs.ts';
import { createTopics } from '#runtime/kafka/client.ts';
import { samplePhotos } from '../../demo/sample-photos.ts';
import {
  BUCKETS,
  GCS_HOST,
  GCS_PORT,
  KAFKA_ADDRESS,
  S3_BROWSER_URL,
  S3_PORT,
} from '../../k8s/data/addresses.ts';
import { freePort } from '../../local/launcher/ports.ts';
import { createPhotoUploads } from '../../services/product/photos/uploads.ts';
import type { ModuleProcess } from '../child-process.ts';
import { freshKafka } from '../fresh.ts';
import { type ReadRecord, readTopic } from '../topic-reader.ts';
import { environmentOf, start, stopBuilding } from './programs.ts';

const kafka = freshKafka();
const { KAFKA_BROKERS = '' } = process.env;
const KEY = 'uploads/tea-tin/1.jpg';
/** A page of the shop, under the name that browsers take for their own machine. */
const PAGE = 'http://shop.localhost';
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'laptop-'));
  await createTopics(kafka.client, topicSettings([productImagesProcessed, productImagesRejected]), 1);
});
afterAll(async () => {
  await stopBuilding();
  await rm(folder, { recursive: true, force: true });
  await kafka.drop();
});

interface Server {
  readonly program: ModuleProcess;
  readonly port: number;
  readonly url: string;
  readonly opsUrl: string;
}

async function startStore(name: 's3' | 'gcs', port: number): Promise<Server> {
  const opsPort = await freePort();
  const variables = {
    HOST: '127.0.0.1',
    PORT: String(port),
    OPS_PORT: String(opsPort),
    DATA_FOLDER: join(folder, name),
  };
  const env = environmentOf(name, { texts: { [KAFKA_ADDRESS]: KAFKA_BROKERS }, variables });
  const program = await start(name, { ...env, KAFKA_TOPIC_PREFIX: kafka.client.nameOf('') });
  await program.waitFor('"msg":"ready"');
  return { program, port, url: `http://127.0.0.1:${port}`, opsUrl: `http://127.0.0.1:${opsPort}` };
}

async function stop({ program }: Server): Promise<number | string> {
  program.child.kill('SIGTERM');
  return program.ended;
}

/** Asked under a name of ours or of a stranger. */
const statusAs = (host: string, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: '/', headers: { host } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });

describe('S3 and the image function', () => {
  let s3: Server;
  beforeAll(async () => {
    s3 = await startStore('s3', await freePort());
  });
  afterAll(async () => {
    if (s3) await stop(s3);
  });

  it('take a photo that product signed for, publish each rendition, and show it', async () => {
    // The laptop's own port leads to this server; here it has another.
    const endpoint = S3_BROWSER_URL.replace(String(S3_PORT), String(s3.port));
    process.env.AWS_ACCESS_KEY_ID ??= 'local';
    process.env.AWS_SECRET_ACCESS_KEY ??= 'local';
    const uploads = createPhotoUploads({
      PRODUCT_IMAGES_BUCKET: BUCKETS.photos,
      AWS_REGION: 'eu-central-1',
      AWS_ENDPOINT_URL_S3: endpoint,
      S3_FORCE_PATH_STYLE: true,
    });
    const photo = samplePhotos(8, 1)[1]!;
    const body = await photo.draw();
    const type = photo.contentType;
    const address = await uploads.sign(KEY, type, body.length);
    const asked = await fetch(address, {
      method: 'OPTIONS',
      headers: { origin: PAGE, 'access-control-request-method': 'PUT' },
    });
    expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([200, PAGE]);
    const put = await fetch(address, {
      method: 'PUT',
      headers: { 'content-type': type, origin: PAGE },
      body: new Uint8Array(body),
    });
    expect([put.status, put.headers.get('access-control-allow-origin')]).toEqual([200, PAGE]);
    const { source, rendition } = await firstRendition();
    expect([source.bucket, source.key, rendition.bucket]).toEqual([BUCKETS.photos, KEY, BUCKETS.renditions]);
    const shown = await fetch(`${endpoint}/${BUCKETS.renditions}/${rendition.key}`, {
      headers: { origin: PAGE },
    });
    expect([shown.status, shown.headers.get('access-control-allow-origin')]).toEqual([200, PAGE]);
    expect((await shown.arrayBuffer()).byteLength).toBe(rendition.bytes);
  });

  it('show their health on a separate port', async () => {
    for (const path of ['/livez', '/readyz', '/metrics'])
      expect([path, (await fetch(`${s3.opsUrl}${path}`)).status]).toEqual([path, 200]);
    expect(await (await fetch(`${s3.opsUrl}/metrics`)).text()).toContain('process="s3"');
  });

  it('answer to the names that a browser of the laptop has for them, and to no other', async () => {
    expect(await statusAs(`127.0.0.1:${s3.port}`, s3.port)).toBe(200);
    expect(await statusAs(`localhost:${s3.port}`, s3.port)).toBe(200);
    expect(await statusAs(`photos.example:${s3.port}`, s3.port)).toBe(421);
  });

  it('refuse pages of others', async () => {
    const answer = await fetch(s3.url, { headers: { origin: 'https://localhost.example' } });
    expect(answer.status).toBe(403);
  });

  it('write what they say on their output, line by line, each with who says it', async () => {
    const lines = s3.program.output().trim().split('\n');
    const named = lines.map((line) => (JSON.parse(line) as { process?: string }).process);
    expect(new Set(named)).toEqual(new Set(['s3', 'image-renditions']));
  });

  it('end in order when they are stopped, and keep their data', async () => {
    expect(await stop(s3)).toBe(0);
    s3 = await startStore('s3', s3.port);
    const listed = await fetch(`${s3.url}/${BUCKETS.photos}?list-type=2`);
    expect(await listed.text()).toContain(`<Key>${KEY}</Key>`);
  });

  async function firstRendition() {
    for (;;) {
      const [record] = await readTopic(kafka.client, productImagesProcessed.name);
      if (record) return dataOf(record);
      if (s3.program.child.exitCode !== null) throw new Error(s3.program.output());
      await sleep(200);
    }
  }
});

function dataOf({ value, headers = {} }: ReadRecord): ImageProcessed {
  const texts = Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, String(text)]));
  const decoded = decodeEvent(productImagesProcessed.event, { value, headers: texts });
  if (!decoded.ok) throw new Error(decoded.detail);
  return decoded.event.data;
}

describe('Cloud Storage', () => {
  it('answers to its name in the cluster, and to no stranger’s', async () => {
    const gcs = await startStore('gcs', await freePort());
    try {
      expect(await statusAs(`${GCS_HOST}:${GCS_PORT}`, gcs.port)).not.toBe(421);
      expect(await statusAs(`results.example:${gcs.port}`, gcs.port)).toBe(421);
    } finally {
      await stop(gcs);
    }
  });

  it('keeps an object over a restart, and has the bucket of results', async () => {
    const first = await startStore('gcs', await freePort());
    const client = (endpoint: string) =>
      createGcs({ projectId: 'local-shop', endpoint, retryCountMax: 0, totalTimeoutS: 10 });
    const file = client(first.url).bucket(BUCKETS.results).file('one.ndjson');
    await file.save('{"n":1}\n', { resumable: false });
    expect(await stop(first)).toBe(0);
    const second = await startStore('gcs', first.port);
    try {
      expect(await readObject(client(second.url), BUCKETS.results, 'one.ndjson')).toBe('{"n":1}\n');
      expect(await readObject(client(second.url), BUCKETS.results, 'none.ndjson')).toBeUndefined();
    } finally {
      await stop(second);
    }
  });
});

it('names every faulty variable and ends, where the manifest would forget them', async () => {
  const program = await start('s3', { PORT: 'many' });
  expect(await program.ended).toBe(1);
  expect(program.output()).toMatch(/PORT: expected a whole number[\s\S]*DATA_FOLDER: is not set/);
});
