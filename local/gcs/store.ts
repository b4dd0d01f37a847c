// All buckets of the server: what is there, and writes under their conditions. Each write is one step, so of two racing
// writers under one condition exactly one wins.
import { mkdirSync, readdirSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { BucketFolder } from './bucket-folder.ts';
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
  readonly #buckets = new Map<string, BucketFolder>();
  #lastGeneration = 0;

  /** Opens what an earlier run has left in the folder. */
  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
    for (const name of readdirSync(folder)) {
      const bucket = BucketFolder.open(join(folder, name));
      if (!bucket) continue;
      this.#buckets.set(name, bucket);
      for (const { generation } of bucket.objects()) {
        this.#lastGeneration = Math.max(this.#lastGeneration, Number(generation));
      }
    }
  }

  /** @throws GcsFault 409 when there is one of that name */
  createBucket(resource: BucketResource): BucketResource {
    const { name } = resource;
    if (this.#buckets.has(name)) {
      const message = 'Your previous request to create the named bucket succeeded and you already own it.';
      throw new GcsFault(409, 'conflict', message);
    }
    this.#buckets.set(name, BucketFolder.create(resource, join(this.#folder, name)));
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
    const bucket = this.#bucket(name);
    if (bucket.objects().length > 0) {
      throw new GcsFault(409, 'conflict', 'The bucket you tried to delete is not empty.');
    }
    this.#buckets.delete(name);
    bucket.destroy();
  }

  #bucket(name: string): BucketFolder {
    const bucket = this.#buckets.get(name);
    if (!bucket) throw noBucket();
    return bucket;
  }

  objects(bucket: string): ObjectResource[] {
    return this.#bucket(bucket).objects();
  }

  find(bucket: string, name: string): ObjectResource | undefined {
    return this.#bucket(bucket).find(name);
  }

  /** @throws GcsFault 404 when there is no such object, or not in that generation */
  get(bucket: string, name: string, generation?: string | null): ObjectResource {
    const found = this.find(bucket, name);
    if (!found || (generation && found.generation !== generation)) throw noObject(bucket, name);
    return found;
  }

  newContentPath(bucket: string): string {
    return this.#bucket(bucket).newContentPath();
  }

  /** Makes the content the object's, if the conditions hold at that moment. */
  write({ bucket: bucketName, name, contentPath, checksums, fields, conditions }: Write): ObjectResource {
    const bucket = this.#bucket(bucketName);
    checkConditions(bucket.find(name), conditions);
    this.#lastGeneration = Math.max(this.#lastGeneration + 1, Date.now() * 1_000);
    const generation = String(this.#lastGeneration);
    const now = new Date().toISOString();
    const resource = objectResource({ bucket: bucketName, name, generation, checksums, fields, now });
    bucket.put(resource, contentPath);
    return resource;
  }

  patch(object: ObjectResource, change: WritableFields): ObjectResource {
    const resource = patchedResource(object, change, new Date().toISOString());
    this.#bucket(object.bucket).patch(resource);
    return resource;
  }

  delete({ bucket, name }: ObjectResource): void {
    this.#bucket(bucket).remove(name);
  }

  /** The object as it is now, and its content, which stays readable when the object is overwritten meanwhile. */
  async open(
    bucket: string,
    name: string,
    generation?: string | null,
  ): Promise<{ object: ObjectResource; content: FileHandle }> {
    for (;;) {
      const object = this.get(bucket, name, generation);
      try {
        return { object, content: await open(this.#bucket(bucket).contentPathOf(name)) };
      } catch (error) {
        // Overwritten between the two lines above: there is a newer one.
        if (this.find(bucket, name) === object) throw error;
      }
    }
  }
}
