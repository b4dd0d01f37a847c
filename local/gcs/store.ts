// All buckets of the server, one folder each, their resources also in memory. Each call is one synchronous step, so of two
// racing writers under one condition exactly one wins. A write puts the content into a new file first and then, by one
// rename, the resource that names it: a process that is killed leaves the old object or the new one.
//   <bucket>/bucket.json   <bucket>/objects/<hash of the name>.json   <bucket>/contents/<file>
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GcsFault, noBucket, noObject } from './fault.ts';
import {
  type BucketResource,
  bucketResource,
  type NewObject,
  type ObjectResource,
  objectResource,
} from './resource.ts';

/** A resource and the file that holds its content. */
interface Entry {
  readonly resource: ObjectResource;
  readonly contentFile: string;
}

interface Bucket {
  readonly resource: BucketResource;
  readonly folder: string;
  readonly entries: Map<string, Entry>;
}

export class GcsStore {
  readonly #folder: string;
  readonly #buckets = new Map<string, Bucket>();
  #lastGeneration = 0;

  /** Opens what an earlier run has left in the folder. */
  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
    for (const name of readdirSync(folder)) {
      const bucket = openBucket(join(folder, name));
      if (!bucket) continue;
      this.#buckets.set(name, bucket);
      for (const { resource } of bucket.entries.values()) {
        this.#lastGeneration = Math.max(this.#lastGeneration, Number(resource.generation));
      }
    }
  }

  /** @throws GcsFault 409 when there is one of that name */
  createBucket(name: string): BucketResource {
    if (this.#buckets.has(name)) {
      const message = 'Your previous request to create the named bucket succeeded and you already own it.';
      throw new GcsFault(409, 'conflict', message);
    }
    const folder = join(this.#folder, name);
    for (const part of ['objects', 'contents']) mkdirSync(join(folder, part), { recursive: true });
    const resource = bucketResource(name);
    // Last: a folder without it is no bucket.
    writeAtomically(join(folder, 'bucket.json'), resource);
    this.#buckets.set(name, { resource, folder, entries: new Map() });
    return resource;
  }

  buckets(): BucketResource[] {
    return [...this.#buckets.values()].map(({ resource }) => resource);
  }

  bucket(name: string): BucketResource {
    return this.#bucket(name).resource;
  }

  objects(bucket: string): ObjectResource[] {
    return [...this.#bucket(bucket).entries.values()].map(({ resource }) => resource);
  }

  /** @throws GcsFault 404 when there is no such object */
  object(bucket: string, name: string): ObjectResource {
    return this.#entry(bucket, name).resource;
  }

  content(bucket: string, name: string): Buffer {
    return readFileSync(join(this.#bucket(bucket).folder, 'contents', this.#entry(bucket, name).contentFile));
  }

  /**
   * Makes the content the object's.
   * @param ifGeneration the generation that the object must have now; `0` where there must be none
   */
  write(object: NewObject, ifGeneration: string | null): ObjectResource {
    const { folder, entries } = this.#bucket(object.bucket);
    const old = entries.get(object.name);
    if (ifGeneration !== null && ifGeneration !== (old?.resource.generation ?? '0')) {
      const message = 'At least one of the pre-conditions you specified did not hold.';
      throw new GcsFault(412, 'conditionNotMet', message);
    }
    this.#lastGeneration = Math.max(this.#lastGeneration + 1, Date.now() * 1_000);
    const resource = objectResource(object, String(this.#lastGeneration));
    const entry = { resource, contentFile: randomUUID() };
    writeFileSync(join(folder, 'contents', entry.contentFile), object.content);
    writeAtomically(entryPath(folder, object.name), entry);
    entries.set(object.name, entry);
    if (old) rmSync(join(folder, 'contents', old.contentFile));
    return resource;
  }

  delete(bucket: string, name: string): void {
    const { folder, entries } = this.#bucket(bucket);
    const { contentFile } = this.#entry(bucket, name);
    rmSync(entryPath(folder, name));
    rmSync(join(folder, 'contents', contentFile));
    entries.delete(name);
  }

  #bucket(name: string): Bucket {
    const bucket = this.#buckets.get(name);
    if (!bucket) throw noBucket();
    return bucket;
  }

  #entry(bucket: string, name: string): Entry {
    const entry = this.#bucket(bucket).entries.get(name);
    if (!entry) throw noObject(bucket, name);
    return entry;
  }
}

/** Opens a bucket and removes what a killed process has left half made; undefined if that is all of it. */
function openBucket(folder: string): Bucket | undefined {
  if (!existsSync(join(folder, 'bucket.json'))) {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  const entries = new Map<string, Entry>();
  for (const file of readdirSync(join(folder, 'objects'))) {
    const path = join(folder, 'objects', file);
    if (!file.endsWith('.json')) rmSync(path);
    else {
      const entry = readJson(path) as Entry;
      entries.set(entry.resource.name, entry);
    }
  }
  const named = new Set([...entries.values()].map(({ contentFile }) => contentFile));
  for (const file of readdirSync(join(folder, 'contents'))) {
    if (!named.has(file)) rmSync(join(folder, 'contents', file));
  }
  return { resource: readJson(join(folder, 'bucket.json')) as BucketResource, folder, entries };
}

/** Names of objects may be no names of files. */
const entryPath = (folder: string, name: string): string =>
  join(folder, 'objects', `${createHash('sha256').update(name).digest('hex')}.json`);

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

function writeAtomically(path: string, value: unknown): void {
  writeFileSync(`${path}.new`, JSON.stringify(value));
  renameSync(`${path}.new`, path);
}
