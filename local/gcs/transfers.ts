// Contents that come from objects: copy (rewrite), move, compose. In one step each, since both ends are in one folder.
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { checksumsOf } from './checksums.ts';
import { invalid } from './fault.ts';
import { type Call, readJson, sendJson } from './request.ts';
import {
  checkConditions,
  conditionsOf,
  type ObjectResource,
  withoutNulls,
  writableFields,
} from './resource.ts';

const COMPONENTS_MAX = 32;

/** `/b/<bucket>/o/<object>/rewriteTo|copyTo/b/<bucket>/o/<object>` and `…/moveTo/o/<object>` */
export async function handleCopy(call: Call): Promise<void> {
  const { path, query, store } = call;
  const [fromBucket = '', , fromName = '', verb] = path;
  const isMove = verb === 'moveTo';
  const [toBucket = '', , toName = ''] = isMove ? [fromBucket, 'o', path[5]] : path.slice(5);
  const given = writableFields(await readJson(call.request));
  store.bucket(toBucket);
  const contentPath = store.newContentPath(toBucket);
  const { object: source, content } = await store.open(fromBucket, fromName, query.get('sourceGeneration'));
  try {
    checkConditions(source, conditionsOf(query, 'ifSource'));
    await pipeline(content.createReadStream({ autoClose: false }), createWriteStream(contentPath));
  } finally {
    await content.close();
  }
  // Metadata that is given replaces the source's as a whole.
  const fields = withoutNulls(Object.keys(given).length > 0 ? given : writableFields({ ...source }));
  const { componentCount } = source;
  const checksums = await checksumsOf(contentPath);
  const resource = store.write({
    bucket: toBucket,
    name: toName,
    contentPath,
    checksums,
    fields: componentCount ? { ...fields, componentCount } : fields,
    conditions: conditionsOf(query),
  });
  if (isMove && store.find(fromBucket, fromName) === source) store.delete(source);
  if (verb !== 'rewriteTo') return sendJson(call, resource);
  const { size } = resource;
  const progress = {
    kind: 'storage#rewriteResponse',
    totalBytesRewritten: size,
    objectSize: size,
    done: true,
  };
  return sendJson(call, { ...progress, resource });
}

/** What a compose request says of one of its sources. */
interface ComposeSource {
  readonly name: string;
  readonly generation?: string | number;
  readonly objectPreconditions?: { readonly ifGenerationMatch?: string | number };
}

/** `/b/<bucket>/o/<object>/compose` */
export async function handleCompose(call: Call): Promise<void> {
  const { query, store } = call;
  const [bucket = '', , name = ''] = call.path;
  const { sourceObjects, destination } = (await readJson(call.request)) as {
    sourceObjects?: ComposeSource[];
    destination?: Record<string, unknown>;
  };
  if (!Array.isArray(sourceObjects) || sourceObjects.length === 0)
    throw invalid('There is no source object.');
  if (sourceObjects.length > COMPONENTS_MAX) {
    throw invalid(`The number of source components is more than ${COMPONENTS_MAX}.`);
  }
  const contentPath = store.newContentPath(bucket);
  const sources: ObjectResource[] = [];
  for (const source of sourceObjects) sources.push(await append(call, bucket, source, contentPath));
  const componentCount = sources.reduce((sum, source) => sum + (source.componentCount ?? 1), 0);
  const contentType = sources[0]!.contentType;
  const fields = withoutNulls({ contentType, ...writableFields(destination ?? {}), componentCount });
  const checksums = await checksumsOf(contentPath);
  sendJson(
    call,
    store.write({ bucket, name, contentPath, checksums, fields, conditions: conditionsOf(query) }),
  );
}

async function append(
  { store }: Call,
  bucket: string,
  { name, generation, objectPreconditions }: ComposeSource,
  path: string,
): Promise<ObjectResource> {
  const wanted = generation === undefined ? null : String(generation);
  const { object, content } = await store.open(bucket, name, wanted);
  try {
    const match = objectPreconditions?.ifGenerationMatch;
    checkConditions(object, match === undefined ? {} : { GenerationMatch: String(match) });
    await pipeline(content.createReadStream({ autoClose: false }), createWriteStream(path, { flags: 'a' }));
  } finally {
    await content.close();
  }
  return object;
}
