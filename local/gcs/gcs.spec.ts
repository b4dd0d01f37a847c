// Everything through the official client: what it can do here, it can do there.
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { GcsStage } from './test-stage.ts';

const stage = new GcsStage();
beforeAll(() => stage.open());
afterEach(() => {
  stage.onRequest = () => undefined;
});
afterAll(() => stage.close());

const failure = (status: number) => expect.objectContaining({ code: status });

describe('buckets', () => {
  it('are made once, found and listed', async () => {
    await expect(stage.storage.createBucket('results')).rejects.toEqual(failure(409));
    expect(await stage.bucket.exists()).toEqual([true]);
    expect(await stage.storage.bucket('nowhere').exists()).toEqual([false]);
    const [buckets] = await stage.storage.getBuckets();
    expect(buckets.map(({ name }) => name)).toEqual(['results']);
    await expect(stage.storage.createBucket('../results')).rejects.toThrow('Invalid bucket name');
    await expect(stage.storage.bucket('nowhere').file('x').save('x')).rejects.toEqual(failure(404));
  });

  it('go when they are empty', async () => {
    const [temporary] = await stage.storage.createBucket('temporary');
    await temporary.file('x').save('x');
    await expect(temporary.delete()).rejects.toEqual(failure(409));
    await temporary.file('x').delete();
    await temporary.delete();
    expect(await temporary.exists()).toEqual([false]);
  });
});

describe('copies', () => {
  it('keep metadata, unless they are given other', async () => {
    const from = stage.bucket.file('original');
    await from.save('1', { contentType: 'text/plain', metadata: { metadata: { a: '1' } } });
    await from.copy(stage.bucket.file('copy'));
    expect((await stage.bucket.file('copy').getMetadata())[0]).toMatchObject({
      contentType: 'text/plain',
      metadata: { a: '1' },
    });
    await from.copy(stage.bucket.file('other'), { contentType: 'text/csv', metadata: { b: '2' } });
    expect((await stage.bucket.file('other').getMetadata())[0]).toMatchObject({
      contentType: 'text/csv',
      metadata: { b: '2' },
    });
    await expect(
      from.copy(stage.bucket.file('copy'), { preconditionOpts: { ifGenerationMatch: 0 } }),
    ).rejects.toEqual(failure(412));
  });

  it('go to other buckets and other names', async () => {
    const [archive] = await stage.storage.createBucket('archive');
    await stage.bucket.file('moving').save('1');
    await stage.bucket.file('moving').copy(archive.file('kept'));
    await stage.bucket.file('moving').rename('renamed');
    await stage.bucket.file('renamed').moveFileAtomic('moved');
    expect(String((await archive.file('kept').download())[0])).toBe('1');
    expect(await stage.text('moved')).toBe('1');
    for (const name of ['moving', 'renamed']) expect(await stage.bucket.file(name).exists()).toEqual([false]);
  });

  it('are composed of several objects', async () => {
    for (const name of ['c1', 'c2', 'c3']) await stage.bucket.file(name).save(`${name};`);
    await stage.bucket.combine(['c1', 'c2', 'c3'], 'composed');
    expect(await stage.text('composed')).toBe('c1;c2;c3;');
    const [metadata] = await stage.bucket.file('composed').getMetadata();
    expect(metadata).toMatchObject({ componentCount: 3, crc32c: expect.any(String) });
    expect(metadata).not.toHaveProperty('md5Hash');
  });
});

describe('the server', () => {
  it('keeps everything over a restart, and grows generations further', async () => {
    const file = stage.bucket.file('kept ü');
    await file.save('still here', { metadata: { metadata: { a: '1' } } });
    const [before] = await file.getMetadata();
    const [all] = await stage.bucket.getFiles();
    await stage.restart();
    expect((await stage.bucket.file('kept ü').getMetadata())[0]).toMatchObject({
      generation: before.generation,
      metadata: { a: '1' },
      md5Hash: before.md5Hash,
    });
    expect(await stage.text('kept ü')).toBe('still here');
    expect((await stage.bucket.getFiles())[0].map(({ name }) => name)).toEqual(all.map(({ name }) => name));
    await stage.bucket.file('kept ü').save('newer');
    const [after] = await stage.bucket.file('kept ü').getMetadata();
    expect(Number(after.generation)).toBeGreaterThan(Number(before.generation));
  });

  it.each([429, 503])('answers %i when a test asks for it, and the client comes back', async (status) => {
    let faults = 0;
    stage.onRequest = () => (faults < 2 ? { status: ((faults += 1), status) } : undefined);
    await stage.bucket
      .file('patience')
      .save('1', { resumable: false, preconditionOpts: { ifGenerationMatch: 0 } });
    expect(faults).toBe(2);
    stage.onRequest = () => undefined;
    expect(await stage.text('patience')).toBe('1');
    await stage.bucket.file('patience').delete();
  });

  it('takes paths with and without the version of the API', async () => {
    await stage.bucket.file('paths').save('1');
    for (const path of ['/b/results/o/paths', '/storage/v1/b/results/o/paths']) {
      const media = await fetch(`${stage.address}${path}?alt=media`);
      expect(await media.text()).toBe('1');
      const download = await fetch(`${stage.address}/download${path}?alt=media`);
      expect(await download.text()).toBe('1');
    }
    for (const path of ['/upload/b/results/o', '/upload/storage/v1/b/results/o']) {
      const url = `${stage.address}${path}?uploadType=media&name=media`;
      const headers = { 'content-type': 'text/plain' };
      const uploaded = await fetch(url, { method: 'POST', body: 'hello', headers });
      expect(await uploaded.json()).toMatchObject({ name: 'media', contentType: 'text/plain' });
    }
    const missing = await fetch(`${stage.address}/b/results/o/none`);
    expect({ status: missing.status, body: await missing.json() }).toMatchObject({
      status: 404,
      body: { error: { code: 404, errors: [{ reason: 'notFound', domain: 'global' }] } },
    });
  });

  it('takes nothing from pages that are not of this machine', async () => {
    const url = `${stage.address}/upload/storage/v1/b/results/o?uploadType=media&name=foreign`;
    const headers = { origin: 'https://example.org', 'content-type': 'text/plain' };
    expect((await fetch(url, { method: 'POST', body: 'x', headers })).status).toBe(403);
    expect(await stage.bucket.file('foreign').exists()).toEqual([false]);
  });
});
