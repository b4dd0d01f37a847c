// Bytes that are no HTTP request, or one that no client library would send, and what came back.
import { connect } from 'node:net';
import type { RawAnswer } from './wire.ts';

const HOST = 'host: localhost\r\n';

/** By what is wrong with them. */
export const BROKEN_HTTP: Readonly<Record<string, string>> = {
  'no request line': '\r\n\r\nnonsense\r\n\r\n',
  'an unknown method': `BREW /products HTTP/1.1\r\n${HOST}\r\n`,
  'an unknown version': `GET / HTTP/9.9\r\n${HOST}\r\n`,
  'no host': 'GET /livez HTTP/1.1\r\n\r\n',
  'a header that is too large': `GET / HTTP/1.1\r\n${HOST}x: ${'a'.repeat(20_000)}\r\n\r\n`,
  'a header with NUL': `GET / HTTP/1.1\r\n${HOST}x: a\0b\r\n\r\n`,
  'a header without a name': `GET / HTTP/1.1\r\n${HOST}: a\r\n\r\n`,
  'a length that is no number': `POST / HTTP/1.1\r\n${HOST}content-length: ten\r\n\r\n`,
  'a negative length': `POST / HTTP/1.1\r\n${HOST}content-length: -1\r\n\r\n`,
  'two lengths': `POST / HTTP/1.1\r\n${HOST}content-length: 1\r\ncontent-length: 2\r\n\r\nab`,
  'a length and chunks': `POST / HTTP/1.1\r\n${HOST}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
  'a chunk without a size': `POST / HTTP/1.1\r\n${HOST}transfer-encoding: chunked\r\n\r\nzz\r\nab\r\n`,
  'a target that is no path': `GET nonsense HTTP/1.1\r\n${HOST}\r\n`,
  'a target with a space': `GET /a b HTTP/1.1\r\n${HOST}\r\n`,
  'bytes above 127 in the target': `GET /\u00ff\u00fe HTTP/1.1\r\n${HOST}\r\n`,
  'TLS on a plain port': '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003',
};

const WAIT_MS_MAX = 3_000;

/** Sends bytes and reads until the server has closed or nothing more comes; undefined where it closed without a word. */
export function sendBytes(address: string, bytes: string): Promise<RawAnswer | undefined> {
  const { hostname, port } = new URL(address);
  return new Promise((done) => {
    const startedAt = performance.now();
    const chunks: Buffer[] = [];
    const socket = connect(Number(port), hostname, () => socket.end(Buffer.from(bytes, 'latin1')));
    socket.setTimeout(WAIT_MS_MAX, () => socket.destroy());
    socket.on('data', (chunk) => void chunks.push(chunk));
    socket.on('error', () => {});
    socket.on('close', () => done(read(Buffer.concat(chunks).toString(), performance.now() - startedAt)));
  });
}

function read(text: string, elapsedMs: number): RawAnswer | undefined {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [first, ...lines] = head.split('\r\n');
  const status = /^HTTP\/1\.1 (\d{3})/.exec(first!)?.[1];
  if (status === undefined) return undefined;
  const headers = Object.fromEntries(
    lines.map((line) => [line.split(':')[0]!.toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  return { status: Number(status), headers, text: rest.join('\r\n\r\n'), elapsedMs };
}
