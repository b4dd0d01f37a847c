// Through the official client, what analytics and the console ask for.
import type { GetFilesOptions, GetFilesResponse } from '@google-cloud/storage';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { GcsStage } from './test-stage.ts';

const stage = new GcsStage();
beforeAll(() => stage.open());
afterEach(() => {
  stage.onRequest = () => undefined;
});
afterAll(() => stage.close());

const failure = (status: number) => expect.objectContaining({ code: status });
const ONCE = { preconditionOpts: { ifGenerationMatch: 0 } };

describe('buckets', () => {
  it('are made once, found and listed', async () => {
    await expect(stage.storage.createBucket('results')).rejects.toEqual(failure(409));
    expect(await stage.bucket.exists()).toEqual([true]);
    expect(await stage.storage.bucket('nowhere').exists()).toEqual([false]);
    const [buckets] = await stage.storage.getBuckets();
    expect(buckets.map(({ name }) => name)).toEqual(['results']);
    await expect(stage.storage.createBucket('../results')).rejects.toThrow('Invalid bucket name');
    const file = stage.storage.bucket('nowhere').file('x');
    await expect(file.save('x', { resumable: false })).rejects.toEqual(failure(404));
  });
});

describe('uploads', () => {
  it('keep content and type, and answer with the checksums that the client verifies', async () => {
    const file = stage.bucket.file('simple ä+ö/ü%2F?.txt');
    await file.save('hello', { resumable: false, contentType: 'text/plain' });
    expect(await stage.text(file.name)).toBe('hello');
    const [metadata] = await file.getMetadata();
    expect(metadata).toMatchObject({
      name: file.name,
      bucket: 'results',
      size: '5',
      contentType: 'text/plain',
      metageneration: '1',
      md5Hash: 'XUFAKrxLKna5cZ2REBfFkg==',
      crc32c: 'mnG7TA==',
    });
    expect(metadata.generation).toMatch(/^\d{16}$/);
    for (const validation of ['crc32c', 'md5'] as const) {
      await stage.bucket.file('checked').save('hello', { resumable: false, validation });
      expect(String((await stage.bucket.file('checked').download({ validation }))[0])).toBe('hello');
    }
  });

  it('may be empty, and may hold what looks like the end of their own envelope', async () => {
    await stage.save('empty', '');
    expect(await stage.text('empty')).toBe('');
    const envelope = '\r\n--boundary--\r\n\r\n';
    await stage.save('envelope', envelope);
    expect(await stage.text('envelope')).toBe(envelope);
  });

  it.each([
    ['crc32c', { crc32c: 'AAAAAA==' }],
    ['MD5', { md5Hash: 'AAAAAAAAAAAAAAAAAAAAAA==' }],
  ])('are refused when their content is not what its %s says', async (_checksum, wrong) => {
    const file = stage.bucket.file('wrong');
    await expect(file.save('hello', { resumable: false, metadata: wrong })).rejects.toEqual(failure(400));
    expect(await file.exists()).toEqual([false]);
  });

  it('are taken when their content is what its checksums say', async () => {
    const metadata = { md5Hash: 'XUFAKrxLKna5cZ2REBfFkg==', crc32c: 'mnG7TA==' };
    await stage.bucket.file('right').save('hello', { resumable: false, metadata });
    expect(await stage.text('right')).toBe('hello');
  });

  it('let exactly one of several racing writers create an object', async () => {
    const outcomes = await Promise.allSettled(
      ['a', 'b', 'c', 'd'].map((content) =>
        stage.bucket.file('race').save(content, { resumable: false, ...ONCE }),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toEqual(failure(412));
    }
  });

  it('are held to the generation that the writer has seen', async () => {
    await stage.save('seen', '1');
    const [{ generation }] = await stage.bucket.file('seen').getMetadata();
    const seen = { resumable: false, preconditionOpts: { ifGenerationMatch: generation! } };
    await stage.bucket.file('seen').save('2', seen);
    await expect(stage.bucket.file('seen').save('3', seen)).rejects.toEqual(failure(412));
    expect(await stage.text('seen')).toBe('2');
  });
});

describe('objects', () => {
  it('that are not there answer 404', async () => {
    await expect(stage.text('nothing')).rejects.toEqual(failure(404));
    expect(await stage.bucket.file('nothing').exists()).toEqual([false]);
    await expect(stage.bucket.file('nothing').delete()).rejects.toEqual(failure(404));
  });

  it('are gone when they are deleted', async () => {
    await stage.save('gone', '1');
    await stage.bucket.file('gone').delete();
    expect(await stage.bucket.file('gone').exists()).toEqual([false]);
  });
});

describe('lists', () => {
  const names = ['list/B', 'list/a', 'list/a/1', 'list/a/2', 'list/b/1', 'list/z', 'list/É'];
  beforeAll(async () => {
    for (const name of names) await stage.save(name, name);
  });
  /** Page after page, as many names in each. */
  const listed = async (options: GetFilesOptions) => {
    const files: string[] = [];
    const folders: string[] = [];
    let query: GetFilesOptions | null = { prefix: 'list/', autoPaginate: false, ...options };
    while (query) {
      const [page, next, response]: GetFilesResponse = await stage.bucket.getFiles(query);
      files.push(...page.map(({ name }) => name));
      folders.push(...((response as { prefixes?: string[] }).prefixes ?? []));
      query = next as GetFilesOptions | null;
    }
    return { files, folders };
  };

  it('hold every name under the prefix, by bytes, in pages of any size', async () => {
    for (const maxResults of [1, 2, 3, 1_000]) expect((await listed({ maxResults })).files).toEqual(names);
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

describe('the server', () => {
  it('keeps everything over a restart, and grows generations further', async () => {
    const file = stage.bucket.file('kept ü');
    await file.save('still here', { resumable: false, contentType: 'text/plain' });
    const [before] = await file.getMetadata();
    const [all] = await stage.bucket.getFiles();
    await stage.restart();
    expect((await stage.bucket.file('kept ü').getMetadata())[0]).toMatchObject({
      generation: before.generation,
      contentType: 'text/plain',
      md5Hash: before.md5Hash,
    });
    expect(await stage.text('kept ü')).toBe('still here');
    expect((await stage.bucket.getFiles())[0].map(({ name }) => name)).toEqual(all.map(({ name }) => name));
    await stage.save('kept ü', 'newer');
    const [after] = await stage.bucket.file('kept ü').getMetadata();
    expect(Number(after.generation)).toBeGreaterThan(Number(before.generation));
  });

  it.each([429, 503])('answers %i when a test asks for it, and the client comes back', async (status) => {
    let faults = 0;
    stage.onRequest = () => (faults < 2 ? { status: ((faults += 1), status) } : undefined);
    const patient = stage.client().bucket('results').file('patience');
    await patient.save('1', { resumable: false, ...ONCE });
    expect(faults).toBe(2);
    stage.onRequest = () => undefined;
    expect(await stage.text('patience')).toBe('1');
    await stage.bucket.file('patience').delete();
  });

  it.each<[string, () => Promise<unknown>]>([
    ['an upload in pieces', () => stage.bucket.file('x').save('x', { resumable: true })],
    [
      'metadata',
      () => stage.bucket.file('x').save('x', { resumable: false, metadata: { cacheControl: 'no-store' } }),
    ],
    ['another condition', () => stage.bucket.file('whole').delete({ ifMetagenerationMatch: 1 })],
    ['a part of an object', () => stage.bucket.file('whole').download({ start: 1 })],
    ['a copy', () => stage.bucket.file('whole').copy('copy')],
    ['a range of names', () => stage.bucket.getFiles({ startOffset: 'a' })],
  ])('refuses what it does not support: %s', async (_what, ask) => {
    await stage.save('whole', 'whole');
    await expect(ask()).rejects.toEqual(failure(501));
    expect(await stage.text('whole')).toBe('whole');
  });

  it('answers a path that is none of the API with 404, in the shape of its errors', async () => {
    const missing = await fetch(`${stage.address}/b/results`);
    expect({ status: missing.status, body: await missing.json() }).toMatchObject({
      status: 404,
      body: { error: { code: 404, errors: [{ reason: 'notFound', domain: 'global' }] } },
    });
  });

  it('takes nothing from pages that are not of this machine', async () => {
    const url = `${stage.address}/upload/storage/v1/b/results/o?uploadType=multipart&name=foreign`;
    const headers = { origin: 'https://example.org', 'content-type': 'text/plain' };
    expect((await fetch(url, { method: 'POST', body: 'x', headers })).status).toBe(403);
    expect(await stage.bucket.file('foreign').exists()).toEqual([false]);
  });
});
