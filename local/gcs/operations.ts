// The operations of Cloud Storage's JSON API that the official client sends for analytics and the console: make, find and list
// buckets; upload in one request, read, list and delete objects. Anything else is refused.
import { namePage } from '../server/name-page.ts';
import { invalid, unsupported } from './fault.ts';
import { type Call, parseJson, readBody, sendJson, splitRelated } from './request.ts';
import { type Checksums, checksumsOf } from './resource.ts';

/** Google's rules (Cloud Storage, "Bucket names"), which also make the name safe as a folder's. */
const BUCKET_NAME = /^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/;
/** Google's limit (Cloud Storage, "Object names"). */
const NAME_BYTES_MAX = 1_024;
const RESULTS_MAX = 1_000;

type Operation = (call: Call) => void | Promise<void>;

const OPERATIONS = new Map<string, Operation>([
  ['GET buckets', (call) => sendJson(call, { kind: 'storage#buckets', items: call.store.buckets() })],
  ['POST buckets', createBucket],
  ['GET bucket', (call) => sendJson(call, call.store.bucket(call.path[0]!))],
  ['GET objects', listObjects],
  ['POST upload of objects', upload],
  ['GET object', getObject],
  ['DELETE object', deleteObject],
]);
/** What a query may say; nothing else is understood, and so nothing else is accepted. */
const PARAMETERS = new Set(
  'alt project prettyPrint uploadType name ifGenerationMatch prefix delimiter maxResults pageToken'.split(
    ' ',
  ),
);

/** @throws GcsFault 501 for what this server does not support */
export function operationOf({ request, path, query, isUpload }: Call): Operation {
  const [bucket, collection = 'o', object, ...rest] = path;
  const things = object === undefined ? (path.length > 1 ? 'objects' : 'bucket') : 'object';
  const about = bucket ? things : 'buckets';
  const operation = OPERATIONS.get(`${request.method} ${isUpload ? 'upload of ' : ''}${about}`);
  if (!operation || collection !== 'o' || rest.length > 0) {
    throw unsupported(`${request.method} ${isUpload ? '/upload' : ''}/b/${path.join('/')}`);
  }
  const unknown = [...query.keys()].find((name) => !PARAMETERS.has(name));
  if (unknown !== undefined) throw unsupported(`the parameter ${unknown}`);
  return operation;
}

async function createBucket(call: Call): Promise<void> {
  const { name } = parseJson((await readBody(call.request)).toString());
  if (typeof name !== 'string' || !BUCKET_NAME.test(name)) {
    throw invalid(`Invalid bucket name: ${JSON.stringify(name)}`);
  }
  sendJson(call, call.store.createBucket(name));
}

function listObjects(call: Call): void {
  const { path, query, store } = call;
  const pageToken = query.get('pageToken') ?? '';
  const { items, prefixes, next } = namePage(store.objects(path[0]!), ({ name }) => name, {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter'),
    after: Buffer.from(pageToken, 'base64url').toString(),
    countMax: Math.min(Number(query.get('maxResults')) || RESULTS_MAX, RESULTS_MAX),
  });
  sendJson(call, {
    kind: 'storage#objects',
    items,
    ...(prefixes.length > 0 ? { prefixes } : {}),
    ...(next === undefined ? {} : { nextPageToken: Buffer.from(next).toString('base64url') }),
  });
}

/** JSON metadata and content together (multipart/related). */
async function upload(call: Call): Promise<void> {
  const { request, path, query, store } = call;
  const [bucket = ''] = path;
  const type = query.get('uploadType');
  if (type !== 'multipart') throw unsupported(`uploads of the type ${type}: save with resumable: false`);
  const name = query.get('name') ?? '';
  if (name === '') throw invalid('Required: name');
  if (Buffer.byteLength(name) > NAME_BYTES_MAX) throw invalid('The name is longer than 1024 bytes.');
  const { json, contentType, content } = splitRelated(
    await readBody(request),
    request.headers['content-type'] ?? '',
  );
  const { contentType: given = contentType, crc32c, md5Hash, ...others } = json;
  const [other] = Object.keys(others);
  if (other !== undefined) throw unsupported(`the metadata ${other}`);
  const checksums = checksumsOf(content);
  verifyChecksums(checksums, { crc32c, md5Hash });
  const object = { bucket, name, contentType: String(given), content, checksums };
  sendJson(call, store.write(object, query.get('ifGenerationMatch')));
}

/** @throws GcsFault 400 when the content is not what the client says it sent */
function verifyChecksums(found: Checksums, said: Readonly<Record<keyof Checksums, unknown>>): void {
  for (const name of ['crc32c', 'md5Hash'] as const) {
    if (said[name] === undefined || said[name] === found[name]) continue;
    throw invalid(
      `Provided ${name} ${JSON.stringify(said[name])} doesn't match calculated ${name} "${found[name]}".`,
    );
  }
}

function getObject(call: Call): void {
  const { request, response, path, query, store } = call;
  const [bucket = '', , name = ''] = path;
  const object = store.object(bucket, name);
  if (query.get('alt') !== 'media') return sendJson(call, object);
  if (request.headers.range !== undefined) throw unsupported('reading a part of an object');
  const { contentType, size, generation, crc32c, md5Hash } = object;
  response.writeHead(200, {
    'content-type': contentType,
    'content-length': size,
    'x-goog-generation': generation,
    'x-goog-hash': `crc32c=${crc32c},md5=${md5Hash}`,
  });
  response.end(store.content(bucket, name));
}

function deleteObject({ response, path, store }: Call): void {
  const [bucket = '', , name = ''] = path;
  store.delete(bucket, name);
  response.writeHead(204).end();
}
