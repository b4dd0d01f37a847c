// Buckets and objects in one folder, the resources also in memory. A write puts the content into a file of its own first and
// then, by one rename, the resource that names it: a process that is killed leaves the old object or the new one.
//   <bucket>/bucket.json   <bucket>/objects/<hash of the name>.json   <bucket>/contents/<file>
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checksums } from './checksums.ts';
import { GcsFault, noBucket, noObject } from './fault.ts';
import {
  type BucketResource,
  type Conditions,
  checkConditions,
  type ObjectResource,
  objectResource,
  patchedResource,
  type WritableFields,
} from './resource.ts';

/** A resource and the file that holds its content. */
interface Entry {
  readonly resource: ObjectResource;
  readonly contentFile: string;
}

interface Bucket {
  readonly resource: BucketResource;
  readonly folder: string;
  readonly objects: Map<string, Entry>;
}

export interface Write {
  readonly bucket: string;
  readonly name: string;
  /** Already complete; from `newContentPath`. */
  readonly contentPath: string;
  readonly checksums: Checksums;
  readonly fields: WritableFields;
  readonly conditions: Conditions;
}

export class GcsStore {
  readonly #folder: string;
  readonly #buckets = new Map<string, Bucket>();
  #lastGeneration = 0;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
    for (const name of readdirSync(folder)) this.#load(join(folder, name));
  }

  #load(folder: string): void {
    if (!existsSync(join(folder, 'bucket.json'))) {
      // A process was killed while it made the bucket.
      rmSync(folder, { recursive: true });
      return;
    }
    const resource = JSON.parse(readFileSync(join(folder, 'bucket.json'), 'utf8')) as BucketResource;
    const objects = new Map<string, Entry>();
    for (const file of readdirSync(join(folder, 'objects'))) {
      const path = join(folder, 'objects', file);
      if (!file.endsWith('.json')) {
        rmSync(path);
        continue;
      }
      const entry = JSON.parse(readFileSync(path, 'utf8')) as Entry;
      objects.set(entry.resource.name, entry);
      this.#lastGeneration = Math.max(this.#lastGeneration, Number(entry.resource.generation));
    }
    const named = new Set([...objects.values()].map(({ contentFile }) => contentFile));
    // What a killed process left behind.
    for (const file of readdirSync(join(folder, 'contents'))) {
      if (!named.has(file)) rmSync(join(folder, 'contents', file));
    }
    this.#buckets.set(resource.name, { resource, folder, objects });
  }

  /** @throws GcsFault 409 when there is one of that name */
  createBucket(resource: BucketResource): BucketResource {
    const { name } = resource;
    if (this.#buckets.has(name)) {
      const message = 'Your previous request to create the named bucket succeeded and you already own it.';
      throw new GcsFault(409, 'conflict', message);
    }
    const folder = join(this.#folder, name);
    for (const part of ['objects', 'contents']) mkdirSync(join(folder, part), { recursive: true });
    writeAtomically(join(folder, 'bucket.json'), resource);
    this.#buckets.set(name, { resource, folder, objects: new Map() });
    return resource;
  }

  buckets(): BucketResource[] {
    return [...this.#buckets.values()].map(({ resource }) => resource);
  }

  bucket(name: string): BucketResource {
    return this.#bucket(name).resource;
  }

  /** @throws GcsFault 409 when it holds objects */
  deleteBucket(name: string): void {
    const { folder, objects } = this.#bucket(name);
    if (objects.size > 0) {
      throw new GcsFault(409, 'conflict', 'The bucket you tried to delete is not empty.');
    }
    this.#buckets.delete(name);
    rmSync(folder, { recursive: true });
  }

  #bucket(name: string): Bucket {
    const bucket = this.#buckets.get(name);
    if (!bucket) throw noBucket();
    return bucket;
  }

  objects(bucket: string): ObjectResource[] {
    return [...this.#bucket(bucket).objects.values()].map(({ resource }) => resource);
  }

  find(bucket: string, name: string): ObjectResource | undefined {
    return this.#bucket(bucket).objects.get(name)?.resource;
  }

  /** @throws GcsFault 404 when there is no such object, or not in that generation */
  get(bucket: string, name: string, generation?: string | null): ObjectResource {
    const found = this.find(bucket, name);
    if (!found || (generation && found.generation !== generation)) throw noObject(bucket, name);
    return found;
  }

  /** A file for content to come; removed at the next start unless a write takes it. */
  newContentPath(bucket: string): string {
    return join(this.#bucket(bucket).folder, 'contents', randomUUID());
  }

  /** Makes the content the object's, if the conditions hold at that moment. */
  write({ bucket: bucketName, name, contentPath, checksums, fields, conditions }: Write): ObjectResource {
    const bucket = this.#bucket(bucketName);
    const old = bucket.objects.get(name);
    checkConditions(old?.resource, conditions);
    this.#lastGeneration = Math.max(this.#lastGeneration + 1, Date.now() * 1_000);
    const generation = String(this.#lastGeneration);
    const now = new Date().toISOString();
    const resource = objectResource({ bucket: bucketName, name, generation, checksums, fields, now });
    const contentFile = contentPath.slice(join(bucket.folder, 'contents').length + 1);
    this.#save(bucket, { resource, contentFile });
    if (old) void rm(join(bucket.folder, 'contents', old.contentFile), { force: true });
    return resource;
  }

  patch(object: ObjectResource, change: WritableFields): ObjectResource {
    const bucket = this.#bucket(object.bucket);
    const resource = patchedResource(object, change, new Date().toISOString());
    this.#save(bucket, { ...bucket.objects.get(object.name)!, resource });
    return resource;
  }

  delete(object: ObjectResource): void {
    const bucket = this.#bucket(object.bucket);
    const { contentFile } = bucket.objects.get(object.name)!;
    rmSync(resourcePath(bucket, object.name), { force: true });
    bucket.objects.delete(object.name);
    void rm(join(bucket.folder, 'contents', contentFile), { force: true });
  }

  #save(bucket: Bucket, entry: Entry): void {
    writeAtomically(resourcePath(bucket, entry.resource.name), entry);
    bucket.objects.set(entry.resource.name, entry);
  }

  /** The object as it is now, and its content, which stays readable when the object is overwritten meanwhile. */
  async open(
    bucket: string,
    name: string,
    generation?: string | null,
  ): Promise<{ object: ObjectResource; content: FileHandle }> {
    for (;;) {
      const object = this.get(bucket, name, generation);
      const { folder, objects } = this.#bucket(bucket);
      try {
        const content = await open(join(folder, 'contents', objects.get(name)!.contentFile));
        return { object, content };
      } catch (error) {
        // Overwritten between the two lines above: there is a newer one.
        if (this.find(bucket, name) === object) throw error;
      }
    }
  }
}

const resourcePath = ({ folder }: Bucket, name: string): string =>
  join(folder, 'objects', `${createHash('sha256').update(name).digest('hex')}.json`);

function writeAtomically(path: string, value: unknown): void {
  writeFileSync(`${path}.new`, JSON.stringify(value));
  renameSync(`${path}.new`, path);
}
