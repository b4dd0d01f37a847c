// Objects: metadata, contents (also in part), list, patch, delete.
import { pipeline } from 'node:stream/promises';
import { GcsFault } from './fault.ts';
import { listPage } from './listing.ts';
import { type Call, readJson, sendJson } from './request.ts';
import { checkConditions, conditionsOf, type ObjectResource, writableFields } from './resource.ts';

/** `/b/<bucket>/o` for reading. */
export function handleList(call: Call): void {
  const [bucket = ''] = call.path;
  sendJson(call, listPage(call.store.objects(bucket), call.query));
}

/** `/b/<bucket>/o/<object>` */
export async function handleObject(call: Call): Promise<void> {
  const { method, query, store } = call;
  const [bucket = '', , name = ''] = call.path;
  const isRead = method === 'GET' || method === 'HEAD';
  if (isRead && (call.isDownload || query.get('alt') === 'media')) return download(call, bucket, name);
  // Read before the object is looked up: nothing may come between looking and changing.
  const change =
    method === 'PATCH' || method === 'PUT' ? writableFields(await readJson(call.request)) : undefined;
  const object = store.get(bucket, name, query.get('generation'));
  checkConditions(object, conditionsOf(query), isRead);
  if (isRead) return sendJson(call, object);
  if (change) return sendJson(call, store.patch(object, change));
  if (method !== 'DELETE') throw new GcsFault(405, 'methodNotAllowed', `${method} is not for objects.`);
  store.delete(object);
  call.response.writeHead(204).end();
}

async function download(
  { request, response, query, store }: Call,
  bucket: string,
  name: string,
): Promise<void> {
  const { object, content } = await store.open(bucket, name, query.get('generation'));
  try {
    checkConditions(object, conditionsOf(query), true);
    const size = Number(object.size);
    const range = rangeOf(request.headers.range, size);
    const { start, end } = range ?? { start: 0, end: size - 1 };
    response.writeHead(range ? 206 : 200, {
      ...contentHeaders(object),
      'content-length': end - start + 1,
      ...(range ? { 'content-range': `bytes ${start}-${end}/${size}` } : {}),
    });
    if (request.method === 'HEAD' || end < start) response.end();
    else await pipeline(content.createReadStream({ start, end, autoClose: false }), response);
  } finally {
    await content.close();
  }
}

const contentHeaders = (object: ObjectResource): Record<string, string> => ({
  'content-type': object.contentType,
  'cache-control': object.cacheControl ?? 'private, max-age=0',
  etag: object.etag,
  'last-modified': new Date(object.updated).toUTCString(),
  'accept-ranges': 'bytes',
  'x-goog-generation': object.generation,
  'x-goog-metageneration': object.metageneration,
  'x-goog-hash': `crc32c=${object.crc32c}${object.md5Hash ? `,md5=${object.md5Hash}` : ''}`,
  'x-goog-stored-content-encoding': object.contentEncoding ?? 'identity',
  'x-goog-stored-content-length': object.size,
  'x-goog-storage-class': object.storageClass,
  ...(object.contentEncoding ? { 'content-encoding': object.contentEncoding } : {}),
  ...(object.contentDisposition ? { 'content-disposition': object.contentDisposition } : {}),
  ...(object.contentLanguage ? { 'content-language': object.contentLanguage } : {}),
});

/** Reads `bytes=2-5`, `bytes=2-` and `bytes=-5`; anything else counts as no range (RFC 9110 §14.2). */
function rangeOf(header: string | undefined, size: number): { start: number; end: number } | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  const start = match[1] === '' ? Math.max(0, size - Number(match[2])) : Number(match[1]);
  const end = match[1] === '' || match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
  if (start > end) {
    throw new GcsFault(416, 'requestedRangeNotSatisfiable', 'The requested range cannot be satisfied.');
  }
  return { start, end };
}
