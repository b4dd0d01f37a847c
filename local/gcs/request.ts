// A request as the handlers see it, and how they answer.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { GcsFault, invalid } from './fault.ts';
import type { GcsStore } from './store.ts';
import type { UploadSessions } from './upload-sessions.ts';

/** One request. */
export interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly method: string;
  /** `http://127.0.0.1:1234`. */
  readonly origin: string;
  /** The decoded parts of the path after `/storage/v1`. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  /** True for `/upload/…` paths, which take contents. */
  readonly isUpload: boolean;
  /** True for `/download/…` paths, which give contents. */
  readonly isDownload: boolean;
  readonly store: GcsStore;
  readonly sessions: UploadSessions;
}

const JSON_BYTES_MAX = 1_048_576;
const ROOT = /^\/(?:(upload|resumable\/upload|download)\/)?(?:storage\/v1\/)?(?=b(?:\/|$))/;

/** Reads the path in all its spellings: clients leave out `/storage/v1` when they talk to an emulator. */
export function parseUrl(url: string): Pick<Call, 'path' | 'query' | 'isUpload' | 'isDownload'> {
  const { pathname, searchParams: query } = new URL(url, 'http://localhost');
  const root = ROOT.exec(pathname);
  if (!root) throw new GcsFault(404, 'notFound', `Nothing lives at ${pathname}.`);
  const kind = root[1] ?? '';
  const parts = pathname.slice(root[0].length).split('/').slice(1);
  try {
    const path = parts.map(decodeURIComponent);
    return { path, query, isUpload: kind.endsWith('upload'), isDownload: kind === 'download' };
  } catch {
    throw invalid('The path is not percent-encoded UTF-8.');
  }
}

/** The whole body. */
export async function readBody(request: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    total += chunk.length;
    if (total > bytesMax) throw new GcsFault(413, 'uploadTooLarge', `More than ${bytesMax} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The body as an object; an empty body is an empty object. */
export async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  return parseJson((await readBody(request, JSON_BYTES_MAX)).toString());
}

export function parseJson(text: string): Record<string, unknown> {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
  } catch {
    // Told below.
  }
  throw new GcsFault(400, 'parseError', 'The body is not a JSON object.');
}

/** Answers with a resource whose links lead to this server. */
export function sendJson({ response, origin }: Call, body: object, status = 200): void {
  const linked = JSON.stringify(body, (name, value: unknown) =>
    (name === 'selfLink' || name === 'mediaLink') && typeof value === 'string' ? origin + value : value,
  );
  response.writeHead(status, {
    'content-type': 'application/json; charset=UTF-8',
    'cache-control': 'no-cache',
  });
  response.end(linked);
}

export function sendFault(response: ServerResponse, fault: GcsFault): void {
  if (fault.status === 304) {
    response.writeHead(304).end();
    return;
  }
  response.writeHead(fault.status, { 'content-type': 'application/json; charset=UTF-8' });
  response.end(JSON.stringify(fault.body()));
}
