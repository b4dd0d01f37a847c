import type { GetFilesOptions, GetFilesResponse } from '@google-cloud/storage';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { GcsStage, LARGE } from './test-stage.ts';

const stage = new GcsStage();
beforeAll(() => stage.open());
afterEach(() => {
  stage.onRequest = () => undefined;
});
afterAll(() => stage.close());

const failure = (status: number) => expect.objectContaining({ code: status });

describe('downloads', () => {
  it('give the part that is asked for', async () => {
    await stage.bucket.file('letters').save('abcdefghij');
    const part = async (options: { start?: number; end?: number }) =>
      String((await stage.bucket.file('letters').download(options))[0]);
    expect(await part({ start: 2, end: 4 })).toBe('cde');
    expect(await part({ start: 7 })).toBe('hij');
    expect(await part({ end: -3 })).toBe('hij');
    expect(await part({ start: 8, end: 100 })).toBe('ij');
    await expect(part({ start: 10 })).rejects.toEqual(failure(416));
  });

  it('are verified by the client against our checksums', async () => {
    await stage.bucket.file('checked').save(LARGE);
    for (const validation of ['crc32c', 'md5'] as const) {
      const [content] = await stage.bucket.file('checked').download({ validation });
      expect(content.equals(LARGE)).toBe(true);
    }
  });

  it('unpack what was stored packed', async () => {
    await stage.bucket.file('packed').save('hello hello hello', { gzip: true });
    expect(await stage.text('packed')).toBe('hello hello hello');
    const [{ contentEncoding }] = await stage.bucket.file('packed').getMetadata();
    expect(contentEncoding).toBe('gzip');
  });

  it('of what is not there answer 404', async () => {
    await expect(stage.text('nothing')).rejects.toEqual(failure(404));
    expect(await stage.bucket.file('nothing').exists()).toEqual([false]);
    await expect(stage.bucket.file('nothing').delete()).rejects.toEqual(failure(404));
  });
});

describe('lists', () => {
  const names = ['list/B', 'list/a', 'list/a/1', 'list/a/2', 'list/b/1', 'list/z', 'list/É'];
  beforeAll(async () => {
    for (const name of names) await stage.bucket.file(name).save(name);
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
