// One bucket in one folder, its resources also in memory. A write puts the content into a file of its own first and then, by
// one rename, the resource that names it: a process that is killed leaves the old object or the new one.
//   bucket.json   objects/<hash of the name>.json   contents/<file>
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { BucketResource, ObjectResource } from './resource.ts';

/** A resource and the file that holds its content. */
interface Entry {
  readonly resource: ObjectResource;
  readonly contentFile: string;
}

export class BucketFolder {
  readonly resource: BucketResource;
  readonly #folder: string;
  readonly #entries = new Map<string, Entry>();

  private constructor(resource: BucketResource, folder: string) {
    this.resource = resource;
    this.#folder = folder;
  }

  static create(resource: BucketResource, folder: string): BucketFolder {
    for (const part of ['objects', 'contents']) mkdirSync(join(folder, part), { recursive: true });
    // Last: a folder without it is no bucket.
    writeAtomically(join(folder, 'bucket.json'), resource);
    return new BucketFolder(resource, folder);
  }

  /** Opens a bucket of an earlier run, and removes what a killed process has left half made; undefined if that is all of it. */
  static open(folder: string): BucketFolder | undefined {
    if (!existsSync(join(folder, 'bucket.json'))) {
      rmSync(folder, { recursive: true });
      return undefined;
    }
    const bucket = new BucketFolder(readJson(join(folder, 'bucket.json')) as BucketResource, folder);
    bucket.#load();
    return bucket;
  }

  #load(): void {
    for (const file of readdirSync(join(this.#folder, 'objects'))) {
      const path = join(this.#folder, 'objects', file);
      if (file.endsWith('.json')) {
        const entry = readJson(path) as Entry;
        this.#entries.set(entry.resource.name, entry);
      } else rmSync(path);
    }
    const named = new Set([...this.#entries.values()].map(({ contentFile }) => contentFile));
    for (const file of readdirSync(join(this.#folder, 'contents'))) {
      if (!named.has(file)) rmSync(this.#contentPath(file));
    }
  }

  objects(): ObjectResource[] {
    return [...this.#entries.values()].map(({ resource }) => resource);
  }

  find(name: string): ObjectResource | undefined {
    return this.#entries.get(name)?.resource;
  }

  /** Where the object's content lies now. */
  contentPathOf(name: string): string {
    return this.#contentPath(this.#entries.get(name)?.contentFile ?? '');
  }

  /** A file for content to come; removed at the next start unless an object takes it. */
  newContentPath(): string {
    return this.#contentPath(randomUUID());
  }

  /** Makes the content the object's, and removes what it had before. */
  put(resource: ObjectResource, contentPath: string): void {
    const old = this.#entries.get(resource.name);
    this.#save({ resource, contentFile: basename(contentPath) });
    if (old) this.#removeContent(old);
  }

  /** Changes the resource and not the content. */
  patch(resource: ObjectResource): void {
    this.#save({ ...this.#entries.get(resource.name)!, resource });
  }

  remove(name: string): void {
    const entry = this.#entries.get(name);
    rmSync(this.#resourcePath(name), { force: true });
    this.#entries.delete(name);
    if (entry) this.#removeContent(entry);
  }

  /** Removes the bucket itself. */
  destroy(): void {
    rmSync(this.#folder, { recursive: true });
  }

  #save(entry: Entry): void {
    writeAtomically(this.#resourcePath(entry.resource.name), entry);
    this.#entries.set(entry.resource.name, entry);
  }

  /** Who has it open reads on. */
  #removeContent({ contentFile }: Entry): void {
    void rm(this.#contentPath(contentFile), { force: true });
  }

  #contentPath(file: string): string {
    return join(this.#folder, 'contents', file);
  }

  #resourcePath(name: string): string {
    return join(this.#folder, 'objects', `${createHash('sha256').update(name).digest('hex')}.json`);
  }
}

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

function writeAtomically(path: string, value: unknown): void {
  writeFileSync(`${path}.new`, JSON.stringify(value));
  renameSync(`${path}.new`, path);
}
