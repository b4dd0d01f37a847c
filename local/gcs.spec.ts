// Everything through the official client: what it can do here, it can do there.
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bucket, type GetFilesOptions, type GetFilesResponse, Storage } from '@google-cloud/storage';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type InjectedFault, startGcs } from './gcs.ts';
import type { RunningServer } from './server.ts';

let dataDir: string;
let server: RunningServer;
let storage: Storage;
let bucket: Bucket;
let onRequest: (request: IncomingMessage) => InjectedFault | undefined = () => undefined;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'gcs-'));
  await start();
  [bucket] = await storage.createBucket('results');
});
afterEach(() => {
  onRequest = () => undefined;
});
afterAll(async () => {
  await server?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

async function start(): Promise<void> {
  const logFile = join(dataDir, 'gcs.log');
  server = await startGcs({ dataDir, logFile, port: 0, onRequest: (request) => onRequest(request) });
  storage = client();
  bucket = storage.bucket('results');
}

/** Its retries come every second, the least it takes. */
const client = (): Storage =>
  new Storage({
    apiEndpoint: server.address,
    projectId: 'local',
    useAuthWithCustomEndpoint: false,
    retryOptions: { maxRetries: 3, retryDelayMultiplier: 1, maxRetryDelay: 1 },
  });
const text = async (name: string): Promise<string> => String((await bucket.file(name).download())[0]);
/** 3.2 MB that no chunk boundary divides. */
const LARGE = Buffer.alloc(3_200_003, createHash('sha512').update('large').digest());
const failure = (status: number) => expect.objectContaining({ code: status });

describe('buckets', () => {
  it('are made once, found and listed', async () => {
    await expect(storage.createBucket('results')).rejects.toEqual(failure(409));
    expect(await bucket.exists()).toEqual([true]);
    expect(await storage.bucket('nowhere').exists()).toEqual([false]);
    const [buckets] = await storage.getBuckets();
    expect(buckets.map(({ name }) => name)).toEqual(['results']);
    await expect(storage.createBucket('../results')).rejects.toThrow('Invalid bucket name');
    await expect(storage.bucket('nowhere').file('x').save('x')).rejects.toEqual(failure(404));
  });

  it('go when they are empty', async () => {
    const [temporary] = await storage.createBucket('temporary');
    await temporary.file('x').save('x');
    await expect(temporary.delete()).rejects.toEqual(failure(409));
    await temporary.file('x').delete();
    await temporary.delete();
    expect(await temporary.exists()).toEqual([false]);
  });
});

describe('uploads', () => {
  it('in one request keep content, type and metadata', async () => {
    const file = bucket.file('simple ä+ö/ü%2F?.txt');
    await file.save('hello', {
      resumable: false,
      contentType: 'text/plain',
      metadata: { cacheControl: 'no-store', metadata: { maker: 'us' } },
    });
    expect(await text(file.name)).toBe('hello');
    const [metadata] = await file.getMetadata();
    expect(metadata).toMatchObject({
      name: file.name,
      bucket: 'results',
      size: '5',
      contentType: 'text/plain',
      cacheControl: 'no-store',
      metadata: { maker: 'us' },
      metageneration: '1',
      md5Hash: 'XUFAKrxLKna5cZ2REBfFkg==',
      crc32c: 'mnG7TA==',
    });
    expect(metadata.generation).toMatch(/^\d{16}$/);
  });

  it('may be empty, and may hold what looks like the end of their own envelope', async () => {
    await bucket.file('empty').save('', { resumable: false });
    expect(await text('empty')).toBe('');
    await bucket.file('empty-resumable').save('', { resumable: true });
    expect(await text('empty-resumable')).toBe('');
    const envelope = '\r\n--boundary--\r\n\r\n';
    await bucket.file('envelope').save(envelope, { resumable: false });
    expect(await text('envelope')).toBe(envelope);
  });

  it.each([
    ['in one piece', {}],
    ['in chunks', { chunkSize: 262_144 * 3 }],
  ])('resume %s', async (_how, options) => {
    await bucket.file('large').save(LARGE, { resumable: true, ...options });
    const [content] = await bucket.file('large').download();
    expect(content.equals(LARGE)).toBe(true);
  });

  it('go on where the connection broke', async () => {
    const chunks: string[] = [];
    onRequest = ({ method, headers, socket }) => {
      if (method !== 'PUT') return undefined;
      chunks.push(String(headers['content-range']));
      if (chunks.length === 2) socket.destroy();
      return undefined;
    };
    // The client repeats only what cannot write twice, and one other save ends all repeating of its Storage object.
    const preconditionOpts = { ifGenerationMatch: 0 };
    const file = client().bucket('results').file('broken');
    await file.save(LARGE, { resumable: true, chunkSize: 1_048_576, preconditionOpts });
    const [content] = await bucket.file('broken').download();
    expect(content.equals(LARGE)).toBe(true);
    // The status query that tells how much has come.
    expect(chunks).toContain('bytes */*');
  });

  it('go on after a restart of the server', async () => {
    const [uri] = await bucket.file('over-restart').createResumableUpload();
    const first = LARGE.subarray(0, 1_048_576);
    const range = { 'content-range': `bytes 0-${first.length - 1}/*` };
    expect((await fetch(uri, { method: 'PUT', body: first, headers: range })).status).toBe(308);
    await server.stop();
    await start();
    const moved = new URL(uri);
    moved.port = new URL(server.address).port;
    const goOn = { uri: moved.href, offset: first.length, chunkSize: 1_048_576, validation: false };
    await bucket.file('over-restart').save(LARGE.subarray(first.length), { resumable: true, ...goOn });
    const [content] = await bucket.file('over-restart').download();
    expect(content.equals(LARGE)).toBe(true);
  });

  it('are refused when their content is not what its checksum says', async () => {
    for (const resumable of [false, true]) {
      for (const wrong of [{ crc32c: 'AAAAAA==' }, { md5Hash: 'AAAAAAAAAAAAAAAAAAAAAA==' }]) {
        const file = bucket.file('wrong');
        await expect(file.save('hello', { resumable, metadata: wrong })).rejects.toEqual(failure(400));
        expect(await file.exists()).toEqual([false]);
      }
    }
  });
});

describe('preconditions', () => {
  it('let exactly one of two racing writers create an object', async () => {
    const outcomes = await Promise.allSettled(
      ['a', 'b', 'c', 'd'].map((content, index) =>
        bucket.file('race').save(content, {
          resumable: index % 2 === 0,
          preconditionOpts: { ifGenerationMatch: 0 },
        }),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toEqual(failure(412));
    }
  });

  it('hold a write to the generation that the writer has seen', async () => {
    const file = bucket.file('seen');
    await file.save('1');
    const ifGenerationMatch = file.metadata.generation!;
    await file.save('2', { preconditionOpts: { ifGenerationMatch } });
    await expect(file.save('3', { preconditionOpts: { ifGenerationMatch } })).rejects.toEqual(failure(412));
    await expect(file.delete({ ifGenerationMatch })).rejects.toEqual(failure(412));
    expect(await text('seen')).toBe('2');
  });

  it('hold a change of metadata to the metageneration that the writer has seen', async () => {
    const file = bucket.file('described');
    await file.save('1', { metadata: { metadata: { a: '1', b: '1' } } });
    await file.setMetadata({ metadata: { a: '2', b: null } }, { ifMetagenerationMatch: 1 });
    await expect(file.setMetadata({ metadata: { a: '3' } }, { ifMetagenerationMatch: 1 })).rejects.toEqual(
      failure(412),
    );
    const [{ metadata, metageneration }] = await file.getMetadata();
    expect({ metadata, metageneration }).toEqual({ metadata: { a: '2' }, metageneration: '2' });
  });

  it('answer 304 to who knows the object already', async () => {
    await bucket.file('known').save('1');
    const { generation } = bucket.file('known').metadata;
    const [{ generation: current }] = await bucket.file('known').getMetadata();
    const url = `${server.address}/storage/v1/b/results/o/known?ifGenerationNotMatch=${current}`;
    expect(generation).toBeUndefined();
    expect((await fetch(url)).status).toBe(304);
  });
});

describe('downloads', () => {
  it('give the part that is asked for', async () => {
    await bucket.file('letters').save('abcdefghij');
    const part = async (options: { start?: number; end?: number }) =>
      String((await bucket.file('letters').download(options))[0]);
    expect(await part({ start: 2, end: 4 })).toBe('cde');
    expect(await part({ start: 7 })).toBe('hij');
    expect(await part({ end: -3 })).toBe('hij');
    expect(await part({ start: 8, end: 100 })).toBe('ij');
    await expect(part({ start: 10 })).rejects.toEqual(failure(416));
  });

  it('are verified by the client against our checksums', async () => {
    await bucket.file('checked').save(LARGE);
    for (const validation of ['crc32c', 'md5'] as const) {
      const [content] = await bucket.file('checked').download({ validation });
      expect(content.equals(LARGE)).toBe(true);
    }
  });

  it('unpack what was stored packed', async () => {
    await bucket.file('packed').save('hello hello hello', { gzip: true });
    expect(await text('packed')).toBe('hello hello hello');
    const [{ contentEncoding }] = await bucket.file('packed').getMetadata();
    expect(contentEncoding).toBe('gzip');
  });

  it('of what is not there answer 404', async () => {
    await expect(text('nothing')).rejects.toEqual(failure(404));
    expect(await bucket.file('nothing').exists()).toEqual([false]);
    await expect(bucket.file('nothing').delete()).rejects.toEqual(failure(404));
  });
});

describe('lists', () => {
  const names = ['list/B', 'list/a', 'list/a/1', 'list/a/2', 'list/b/1', 'list/z', 'list/É'];
  beforeAll(async () => {
    for (const name of names) await bucket.file(name).save(name);
  });
  /** Page after page, as many names in each. */
  const listed = async (options: GetFilesOptions) => {
    const files: string[] = [];
    const folders: string[] = [];
    let query: GetFilesOptions | null = { prefix: 'list/', autoPaginate: false, ...options };
    while (query) {
      const [page, next, response]: GetFilesResponse = await bucket.getFiles(query);
      files.push(...page.map(({ name }) => name));
      folders.push(...((response as { prefixes?: string[] }).prefixes ?? []));
      query = next as GetFilesOptions | null;
    }
    return { files, folders };
  };

  it('hold every name under the prefix, by bytes, in pages of any size', async () => {
    for (const maxResults of [1, 2, 3, 1_000]) expect((await listed({ maxResults })).files).toEqual(names);
    const between = { startOffset: 'list/a/2', endOffset: 'list/z' };
    expect((await listed(between)).files).toEqual(['list/a/2', 'list/b/1']);
  });

  it('fold folders at the delimiter, over pages too', async () => {
    for (const maxResults of [1, 2, 3, 1_000]) {
      expect(await listed({ delimiter: '/', maxResults })).toEqual({
        files: ['list/B', 'list/a', 'list/z', 'list/É'],
        folders: ['list/a/', 'list/b/'],
      });
    }
  });
});

describe('copies', () => {
  it('keep metadata, unless they are given other', async () => {
    const from = bucket.file('original');
    await from.save('1', { contentType: 'text/plain', metadata: { metadata: { a: '1' } } });
    await from.copy(bucket.file('copy'));
    expect((await bucket.file('copy').getMetadata())[0]).toMatchObject({
      contentType: 'text/plain',
      metadata: { a: '1' },
    });
    await from.copy(bucket.file('other'), { contentType: 'text/csv', metadata: { b: '2' } });
    expect((await bucket.file('other').getMetadata())[0]).toMatchObject({
      contentType: 'text/csv',
      metadata: { b: '2' },
    });
    await expect(
      from.copy(bucket.file('copy'), { preconditionOpts: { ifGenerationMatch: 0 } }),
    ).rejects.toEqual(failure(412));
  });

  it('go to other buckets and other names', async () => {
    const [archive] = await storage.createBucket('archive');
    await bucket.file('moving').save('1');
    await bucket.file('moving').copy(archive.file('kept'));
    await bucket.file('moving').rename('renamed');
    await bucket.file('renamed').moveFileAtomic('moved');
    expect(String((await archive.file('kept').download())[0])).toBe('1');
    expect(await text('moved')).toBe('1');
    for (const name of ['moving', 'renamed']) expect(await bucket.file(name).exists()).toEqual([false]);
  });

  it('are composed of several objects', async () => {
    for (const name of ['c1', 'c2', 'c3']) await bucket.file(name).save(`${name};`);
    await bucket.combine(['c1', 'c2', 'c3'], 'composed');
    expect(await text('composed')).toBe('c1;c2;c3;');
    const [metadata] = await bucket.file('composed').getMetadata();
    expect(metadata).toMatchObject({ componentCount: 3, crc32c: expect.any(String) });
    expect(metadata).not.toHaveProperty('md5Hash');
  });
});

describe('the server', () => {
  it('keeps everything over a restart, and grows generations further', async () => {
    const file = bucket.file('kept ü');
    await file.save('still here', { metadata: { metadata: { a: '1' } } });
    const [before] = await file.getMetadata();
    const [all] = await bucket.getFiles();
    await server.stop();
    await start();
    expect((await bucket.file('kept ü').getMetadata())[0]).toMatchObject({
      generation: before.generation,
      metadata: { a: '1' },
      md5Hash: before.md5Hash,
    });
    expect(await text('kept ü')).toBe('still here');
    expect((await bucket.getFiles())[0].map(({ name }) => name)).toEqual(all.map(({ name }) => name));
    await bucket.file('kept ü').save('newer');
    const [after] = await bucket.file('kept ü').getMetadata();
    expect(Number(after.generation)).toBeGreaterThan(Number(before.generation));
  });

  it.each([429, 503])('answers %i when a test asks for it, and the client comes back', async (status) => {
    let faults = 0;
    onRequest = () => (faults < 2 ? { status: ((faults += 1), status) } : undefined);
    await bucket.file('patience').save('1', { resumable: false, preconditionOpts: { ifGenerationMatch: 0 } });
    expect(faults).toBe(2);
    onRequest = () => undefined;
    expect(await text('patience')).toBe('1');
    await bucket.file('patience').delete();
  });

  it('takes paths with and without the version of the API', async () => {
    await bucket.file('paths').save('1');
    for (const path of ['/b/results/o/paths', '/storage/v1/b/results/o/paths']) {
      const media = await fetch(`${server.address}${path}?alt=media`);
      expect(await media.text()).toBe('1');
      const download = await fetch(`${server.address}/download${path}?alt=media`);
      expect(await download.text()).toBe('1');
    }
    for (const path of ['/upload/b/results/o', '/upload/storage/v1/b/results/o']) {
      const url = `${server.address}${path}?uploadType=media&name=media`;
      const headers = { 'content-type': 'text/plain' };
      const uploaded = await fetch(url, { method: 'POST', body: 'hello', headers });
      expect(await uploaded.json()).toMatchObject({ name: 'media', contentType: 'text/plain' });
    }
    const missing = await fetch(`${server.address}/b/results/o/none`);
    expect({ status: missing.status, body: await missing.json() }).toMatchObject({
      status: 404,
      body: { error: { code: 404, errors: [{ reason: 'notFound', domain: 'global' }] } },
    });
  });
});
