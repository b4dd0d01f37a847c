import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { close, listen, type Mirror, startMirror } from '../../test/mirror/mirror.ts';
import { tellReporter } from '../../test/runner/to-reporter.ts';
import { download } from './download.ts';

/** Only Linux has a device that is always full. */
const isLinux = process.platform === 'linux';
const onLinux = isLinux ? it : it.skip;
if (!isLinux)
  tellReporter({ isFailure: false, text: 'a download to a full disk was NOT RUN: it needs Linux' });

let folder: string;
let mirror: Mirror;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'download-'));
  path = join(folder, 'runtime.bin');
  mirror = await startMirror();
});
afterEach(async () => {
  await mirror.close();
  await rm(folder, { recursive: true, force: true });
});

const faultOf = (attempt: Promise<unknown>): Promise<Error & { code: string }> =>
  attempt.then(
    () => Promise.reject(new Error('it succeeded')),
    (error: Error & { code: string }) => error,
  );

describe('a download', () => {
  it('brings the file, and says how far it is until all has come', async () => {
    const seen: (number | undefined)[][] = [];
    await download(mirror.file, path, (done, total) => seen.push([done, total]));
    expect(await readFile(path)).toEqual(mirror.contents);
    expect(seen.at(-1)).toEqual([300_000, 300_000]);
    expect(seen.map(([done]) => done)).toEqual(seen.map(([done]) => done).toSorted((a, b) => a! - b!));
    expect(await readdir(folder)).toEqual(['runtime.bin']);
  });

  it('continues where the connection was cut', async () => {
    mirror.conduct.cutAfterBytes = 120_000;
    await download(mirror.file, path);
    expect(await readFile(path)).toEqual(mirror.contents);
    // Of what was under way when the connection broke, more or less has come.
    expect(mirror.requests[0]).toBe('GET /runtime.bin');
    expect(mirror.requests.at(-1)).toMatch(/^GET \/runtime\.bin bytes=[1-9]\d*-$/);
  });

  it('continues what an earlier run left', async () => {
    await writeFile(`${path}.part`, mirror.contents.subarray(0, 200_000));
    await download(mirror.file, path);
    expect(await readFile(path)).toEqual(mirror.contents);
    expect(mirror.requests).toEqual(['GET /runtime.bin bytes=200000-']);
  });

  it('begins again where the server cannot continue', async () => {
    mirror.conduct.ignoresRanges = true;
    await writeFile(`${path}.part`, mirror.contents.subarray(0, 200_000));
    await download(mirror.file, path);
    expect(await readFile(path)).toEqual(mirror.contents);
  });

  it.each([
    ['another file', Buffer.alloc(200_000, 'x')],
    ['a longer file', Buffer.alloc(400_000, 'x')],
  ])('begins anew when what an earlier run left is of %s', async (_what, left) => {
    await writeFile(`${path}.part`, left);
    await download(mirror.file, path);
    expect(await readFile(path)).toEqual(mirror.contents);
  });

  it('keeps nothing of a file with another checksum, and names both sums', async () => {
    mirror.conduct.isForged = true;
    const fault = await faultOf(download(mirror.file, path));
    expect(fault.code).toBe('checksum-wrong');
    expect(fault.message).toMatch(
      /^runtime\.bin from the mirror \(127\.0\.0\.1:\d+\) was deleted, .*SHA-256 is [0-9a-f]{64} where [0-9a-f]{64} was expected; MIRROR names another$/,
    );
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('a download that fails', () => {
  const SENTENCE =
    /^runtime\.bin could not be fetched from the mirror \([^)]*\): [^\n]+; MIRROR names another$/;

  it('says in one sentence that the server has no such file', async () => {
    mirror.conduct.status = 404;
    const fault = await faultOf(download(mirror.file, path));
    expect(fault.code).toBe('download-refused');
    expect(fault.message).toMatch(SENTENCE);
    expect(fault.message).toContain('the server answered HTTP 404');
    expect(mirror.requests).toHaveLength(1);
  });

  it('says that the connection was refused', async () => {
    await mirror.close();
    const fault = await faultOf(download(mirror.file, path));
    expect(fault.code).toBe('download-unreachable');
    expect(fault.message).toMatch(SENTENCE);
    expect(fault.message).toContain('the connection was refused');
  });

  it('says that the host name is unknown', async () => {
    const file = { ...mirror.file, url: 'http://no-such-host.invalid/runtime.bin' };
    const fault = await faultOf(download(file, path));
    expect(fault.message).toMatch(SENTENCE);
    expect(fault.message).toContain('is there a network?');
  });

  it('gives up on a server that cuts before anything new has come, and keeps what has', async () => {
    await writeFile(`${path}.part`, mirror.contents.subarray(0, 1_000));
    mirror.conduct.cutAfterBytes = 0;
    const fault = await faultOf(download(mirror.file, path));
    expect(fault.message).toMatch(SENTENCE);
    expect(mirror.requests).toHaveLength(3);
    expect(existsSync(path)).toBe(false);
    expect(await readFile(`${path}.part`)).toHaveLength(1_000);
  });

  onLinux('says that the disk is full', async () => {
    // The system's own full disk.
    await symlink('/dev/full', `${path}.part`);
    const fault = await faultOf(download(mirror.file, path));
    expect(fault.code).toBe('disk-full');
    expect(fault.message).toMatch(
      /^There is no room on the disk for runtime\.bin from the mirror .*, or MIRROR names another$/,
    );
  });

  it('prints no password', async () => {
    mirror.conduct.status = 403;
    const url = mirror.file.url.replace('http://', 'http://user:secret@');
    const fault = await faultOf(download({ ...mirror.file, url }, path));
    expect(fault.message).toMatch(SENTENCE);
    expect(fault.message).not.toContain('secret');
  });
});

describe('a proxy', () => {
  const VARIABLES = ['http_proxy', 'https_proxy', 'no_proxy'];
  let asked: string[];
  /** Refuses both ways in which it can be asked: for a tunnel, and for an address. */
  const proxy = createServer((request, response) => {
    asked.push(new URL(request.url ?? '').host);
    response.writeHead(403).end();
  }).on('connect', (request, socket) => {
    asked.push(request.url ?? '');
    socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n');
  });
  beforeEach(async () => {
    asked = [];
    process.env.http_proxy = await listen(proxy);
    process.env.https_proxy = process.env.http_proxy;
  });
  afterEach(async () => {
    for (const name of VARIABLES) delete process.env[name];
    await close(proxy);
  });

  it.each(['http', 'https'])('for %s is asked, and named when it refuses', async (scheme) => {
    const url = mirror.file.url.replace('http:', `${scheme}:`);
    const fault = await faultOf(download({ ...mirror.file, url }, path));
    expect(new Set(asked)).toEqual(new Set([new URL(mirror.url).host]));
    expect(fault.message).toContain(`by the proxy in ${scheme}_proxy`);
    expect(fault.message).toContain('403');
    expect(mirror.requests).toEqual([]);
  });

  it('is left out for the servers in NO_PROXY', async () => {
    process.env.no_proxy = '127.0.0.1';
    await download(mirror.file, path);
    expect(asked).toEqual([]);
  });
});
