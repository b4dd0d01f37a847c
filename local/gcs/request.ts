// A request as the operations see it, and how they answer.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { GcsFault, invalid } from './fault.ts';
import type { GcsStore } from './store.ts';

/** One request. */
export interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The decoded parts of the path after `/storage/v1/b`. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  /** True for `/upload/…` paths, which take contents. */
  readonly isUpload: boolean;
  readonly store: GcsStore;
}

const ROOT = /^(\/upload)?\/storage\/v1\/b(?=\/|$)/;
/** Contents are lines of a few hundred bytes. */
const BODY_BYTES_MAX = 16 * 1_048_576;

export function parseUrl(url: string): Pick<Call, 'path' | 'query' | 'isUpload'> {
  const { pathname, searchParams: query } = new URL(url, 'http://localhost');
  const root = ROOT.exec(pathname);
  if (!root) throw new GcsFault(404, 'notFound', `Nothing lives at ${pathname}.`);
  const parts = pathname.slice(root[0].length).split('/').slice(1);
  try {
    return { path: parts.map(decodeURIComponent), query, isUpload: root[1] !== undefined };
  } catch {
    throw invalid('The path is not percent-encoded UTF-8.');
  }
}

/** The whole body. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    total += chunk.length;
    if (total > BODY_BYTES_MAX)
      throw new GcsFault(413, 'uploadTooLarge', `More than ${BODY_BYTES_MAX} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export function parseJson(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
  } catch {
    // Refused below.
  }
  throw new GcsFault(400, 'parseError', 'The body is not a JSON object.');
}

/** Takes the two parts of a multipart/related body apart: JSON and content (RFC 2387). */
export function splitRelated(
  body: Buffer,
  type: string,
): { json: Record<string, unknown>; contentType: string; content: Buffer } {
  const boundary = /boundary=(?:"([^"]+)"|([^;\s]+))/.exec(type);
  if (!boundary) throw invalid('The multipart body names no boundary.');
  const mark = `--${boundary[1] ?? boundary[2]}`;
  const headStart = body.indexOf(mark);
  const jsonStart = body.indexOf('\r\n\r\n', headStart) + 4;
  const jsonEnd = body.indexOf(`\r\n${mark}`, jsonStart);
  const contentStart = body.indexOf('\r\n\r\n', jsonEnd) + 4;
  const contentEnd = body.lastIndexOf(`\r\n${mark}--`);
  if (headStart < 0 || jsonEnd < jsonStart || contentStart < jsonEnd || contentEnd < contentStart - 2) {
    throw invalid('The multipart body does not have two parts.');
  }
  const head = body.subarray(jsonEnd, contentStart).toString();
  return {
    json: parseJson(body.subarray(jsonStart, jsonEnd).toString()),
    contentType: /content-type:\s*([^\r\n]+)/i.exec(head)?.[1] ?? 'application/octet-stream',
    content: body.subarray(contentStart, contentEnd),
  };
}

export function sendJson({ response }: Pick<Call, 'response'>, body: object, status = 200): void {
  const headers = { 'content-type': 'application/json; charset=UTF-8', 'cache-control': 'no-cache' };
  response.writeHead(status, headers).end(JSON.stringify(body));
}
