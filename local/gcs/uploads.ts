// Uploads in one request: the content alone (media), or JSON metadata and content together (multipart/related).
import { writeFile } from 'node:fs/promises';
import { invalid } from './fault.ts';
import { type Call, parseJson, readBody, sendJson } from './request.ts';
import { withoutNulls } from './resource.ts';
import { handleResumable } from './resumable.ts';
import { finishUpload, uploadTarget } from './upload-target.ts';

/** Contents of one request must fit in memory; larger ones come by resumable uploads. */
const CONTENT_BYTES_MAX = 512 * 1_048_576;

/** `/upload/…/b/<bucket>/o` */
export async function handleUpload(call: Call): Promise<void> {
  const { request, query, store } = call;
  const [bucket = ''] = call.path;
  store.bucket(bucket);
  const type = query.get('uploadType');
  if (type === 'resumable' || query.has('upload_id')) return handleResumable(call);
  const body = await readBody(request, CONTENT_BYTES_MAX);
  const contentType = request.headers['content-type'] ?? 'application/octet-stream';
  const parts =
    type === 'multipart' ? splitRelated(body, contentType) : { json: {}, contentType, content: body };
  const json = withoutNulls({
    contentType: parts.contentType,
    contentEncoding: query.get('contentEncoding'),
    ...parts.json,
  });
  const target = uploadTarget(call, json);
  const contentPath = store.newContentPath(bucket);
  await writeFile(contentPath, parts.content);
  sendJson(call, await finishUpload(call, target, contentPath));
}

/** Takes the two parts of a multipart/related body apart (RFC 2387). */
function splitRelated(body: Buffer, type: string): { json: object; contentType: string; content: Buffer } {
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
