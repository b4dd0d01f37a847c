import { request } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { GcsStage, LARGE } from './test-stage.ts';

const stage = new GcsStage();
beforeAll(() => stage.open());
afterEach(() => {
  stage.onRequest = () => undefined;
});
afterAll(() => stage.close());

const failure = (status: number) => expect.objectContaining({ code: status });

describe('uploads', () => {
  it('in one request keep content, type and metadata', async () => {
    const file = stage.bucket.file('simple ä+ö/ü%2F?.txt');
    await file.save('hello', {
      resumable: false,
      contentType: 'text/plain',
      metadata: { cacheControl: 'no-store', metadata: { maker: 'us' } },
    });
    expect(await stage.text(file.name)).toBe('hello');
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
    await stage.bucket.file('empty').save('', { resumable: false });
    expect(await stage.text('empty')).toBe('');
    await stage.bucket.file('empty-resumable').save('', { resumable: true });
    expect(await stage.text('empty-resumable')).toBe('');
    const envelope = '\r\n--boundary--\r\n\r\n';
    await stage.bucket.file('envelope').save(envelope, { resumable: false });
    expect(await stage.text('envelope')).toBe(envelope);
  });

  it.each([
    ['in one piece', {}],
    ['in chunks', { chunkSize: 262_144 * 3 }],
  ])('resume %s', async (_how, options) => {
    await stage.bucket.file('large').save(LARGE, { resumable: true, ...options });
    const [content] = await stage.bucket.file('large').download();
    expect(content.equals(LARGE)).toBe(true);
  });

  it('go on where the connection broke', async () => {
    const chunks: string[] = [];
    stage.onRequest = ({ method, headers, socket }) => {
      if (method !== 'PUT') return undefined;
      chunks.push(String(headers['content-range']));
      if (chunks.length === 2) socket.destroy();
      return undefined;
    };
    // The client repeats only what cannot write twice, and one other save ends all repeating of its Storage object.
    const preconditionOpts = { ifGenerationMatch: 0 };
    const file = stage.client().bucket('results').file('broken');
    await file.save(LARGE, { resumable: true, chunkSize: 1_048_576, preconditionOpts });
    const [content] = await stage.bucket.file('broken').download();
    expect(content.equals(LARGE)).toBe(true);
    // The status query that tells how much has come.
    expect(chunks).toContain('bytes */*');
  });

  it('keep what came of a piece before the connection broke, and go on behind it', async () => {
    const [uri] = await stage.bucket.file('cut').createResumableUpload();
    const headers = { 'content-range': `bytes 0-${LARGE.length - 1}/${LARGE.length}` };
    const cut = request(uri, { method: 'PUT', headers: { ...headers, 'content-length': LARGE.length } });
    cut.on('error', () => {});
    await new Promise((written) => cut.write(LARGE.subarray(0, 1_000_000), written));
    cut.destroy();
    const asked = await fetch(uri, {
      method: 'PUT',
      headers: { 'content-range': `bytes */${LARGE.length}` },
    });
    expect(asked.status).toBe(308);
    const come = Number(asked.headers.get('range')?.split('-')[1] ?? -1) + 1;
    const rest = { 'content-range': `bytes ${come}-${LARGE.length - 1}/${LARGE.length}` };
    const finished = await fetch(uri, { method: 'PUT', body: LARGE.subarray(come), headers: rest });
    expect(finished.status).toBe(200);
    // Who asks again, since the answer was lost, hears the same.
    const again = await fetch(uri, { method: 'PUT', headers: { 'content-range': 'bytes */*' } });
    expect(await again.json()).toEqual(await finished.json());
    const [content] = await stage.bucket.file('cut').download();
    expect(content.equals(LARGE)).toBe(true);
  });

  it('go on after a restart of the server', async () => {
    const [uri] = await stage.bucket.file('over-restart').createResumableUpload();
    const first = LARGE.subarray(0, 1_048_576);
    const range = { 'content-range': `bytes 0-${first.length - 1}/*` };
    expect((await fetch(uri, { method: 'PUT', body: first, headers: range })).status).toBe(308);
    await stage.restart();
    const moved = new URL(uri);
    moved.port = new URL(stage.address).port;
    const goOn = { uri: moved.href, offset: first.length, chunkSize: 1_048_576, validation: false };
    await stage.bucket.file('over-restart').save(LARGE.subarray(first.length), { resumable: true, ...goOn });
    const [content] = await stage.bucket.file('over-restart').download();
    expect(content.equals(LARGE)).toBe(true);
  });

  it('are refused when their content is not what its checksum says', async () => {
    for (const resumable of [false, true]) {
      for (const wrong of [{ crc32c: 'AAAAAA==' }, { md5Hash: 'AAAAAAAAAAAAAAAAAAAAAA==' }]) {
        const file = stage.bucket.file('wrong');
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
        stage.bucket.file('race').save(content, {
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
    const file = stage.bucket.file('seen');
    await file.save('1');
    const ifGenerationMatch = file.metadata.generation!;
    await file.save('2', { preconditionOpts: { ifGenerationMatch } });
    await expect(file.save('3', { preconditionOpts: { ifGenerationMatch } })).rejects.toEqual(failure(412));
    await expect(file.delete({ ifGenerationMatch })).rejects.toEqual(failure(412));
    expect(await stage.text('seen')).toBe('2');
  });

  it('hold a change of metadata to the metageneration that the writer has seen', async () => {
    const file = stage.bucket.file('described');
    await file.save('1', { metadata: { metadata: { a: '1', b: '1' } } });
    await file.setMetadata({ metadata: { a: '2', b: null } }, { ifMetagenerationMatch: 1 });
    await expect(file.setMetadata({ metadata: { a: '3' } }, { ifMetagenerationMatch: 1 })).rejects.toEqual(
      failure(412),
    );
    const [{ metadata, metageneration }] = await file.getMetadata();
    expect({ metadata, metageneration }).toEqual({ metadata: { a: '2' }, metageneration: '2' });
  });

  it('answer 304 to who knows the object already', async () => {
    await stage.bucket.file('known').save('1');
    const { generation } = stage.bucket.file('known').metadata;
    const [{ generation: current }] = await stage.bucket.file('known').getMetadata();
    const url = `${stage.address}/storage/v1/b/results/o/known?ifGenerationNotMatch=${current}`;
    expect(generation).toBeUndefined();
    expect((await fetch(url)).status).toBe(304);
  });
});
