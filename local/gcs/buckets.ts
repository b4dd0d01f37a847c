// Buckets: create, get, list, change, delete.
import { invalid } from './fault.ts';
import { type Call, readJson, sendJson } from './request.ts';
import type { BucketResource } from './resource.ts';

/** Google's rules (Cloud Storage, "Bucket names"), which also make the name safe as a folder's. */
const BUCKET_NAME = /^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/;

/** `/b` */
export async function handleBuckets(call: Call): Promise<void> {
  if (call.method === 'GET') {
    const prefix = call.query.get('prefix') ?? '';
    const items = call.store.buckets().filter(({ name }) => name.startsWith(prefix));
    return sendJson(call, { kind: 'storage#buckets', items });
  }
  const { name, ...fields } = await readJson(call.request);
  if (typeof name !== 'string' || !BUCKET_NAME.test(name))
    throw invalid(`Invalid bucket name: ${JSON.stringify(name)}`);
  const now = new Date().toISOString();
  const resource: BucketResource = {
    location: 'EUROPE-WEST3',
    storageClass: 'STANDARD',
    ...fields,
    kind: 'storage#bucket',
    id: name,
    name,
    selfLink: `/storage/v1/b/${name}`,
    timeCreated: now,
    updated: now,
    metageneration: '1',
    etag: 'CAE=',
  };
  return sendJson(call, call.store.createBucket(resource));
}

/** `/b/<bucket>` */
export async function handleBucket(call: Call): Promise<void> {
  const [name = ''] = call.path;
  if (call.method === 'DELETE') {
    call.store.deleteBucket(name);
    call.response.writeHead(204).end();
    return;
  }
  return sendJson(call, call.store.bucket(name));
}
