// Resumable uploads that are under way, in files: a client may go on after a restart of the server.
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ObjectResource } from './resource.ts';

/** Google keeps a session for a week. */
const AGE_MS_MAX = 7 * 86_400_000;

/** What an upload is to become. */
export interface UploadTarget {
  readonly bucket: string;
  readonly name: string;
  /** As the client sent it; holds its checksums too. */
  readonly json: Readonly<Record<string, unknown>>;
  /** The query, with the conditions. */
  readonly query: string;
}

export interface UploadSession {
  readonly id: string;
  readonly target: UploadTarget;
  /** Set once the upload is complete: who repeats its last request gets the same answer. */
  readonly finished?: ObjectResource;
}

export class UploadSessions {
  readonly #folder: string;
  /** The request that each session is busy with. */
  readonly #busy = new Map<string, Promise<unknown>>();

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
    for (const file of readdirSync(folder)) {
      const path = join(folder, file);
      if (statSync(path).mtimeMs < Date.now() - AGE_MS_MAX) rmSync(path);
    }
  }

  create(target: UploadTarget): UploadSession {
    const session = { id: randomUUID(), target };
    writeFileSync(this.contentPath(session.id), '');
    writeFileSync(this.#path(session.id), JSON.stringify(session));
    return session;
  }

  find(id: string): UploadSession | undefined {
    // The id comes from a client and becomes a file's name.
    if (!/^[0-9a-f-]{36}$/.test(id) || !existsSync(this.#path(id))) return undefined;
    return JSON.parse(readFileSync(this.#path(id), 'utf8')) as UploadSession;
  }

  contentPath(id: string): string {
    return join(this.#folder, `${id}.content`);
  }

  /** How many bytes have come so far. */
  async received(id: string): Promise<number> {
    return (await stat(this.contentPath(id))).size;
  }

  async finish(session: UploadSession, finished: ObjectResource): Promise<void> {
    await writeFile(this.#path(session.id), JSON.stringify({ ...session, finished }));
  }

  /** Forgets what has come; the session goes on from the start. */
  reset(id: string): Promise<void> {
    return truncate(this.contentPath(id), 0);
  }

  async drop(id: string): Promise<void> {
    await rm(this.#path(id), { force: true });
    await rm(this.contentPath(id), { force: true });
  }

  /** Runs the requests of one session one after the other: a client may repeat one before the first has failed here. */
  async oneByOne<Result>(id: string, run: () => Promise<Result>): Promise<Result> {
    const before = this.#busy.get(id) ?? Promise.resolve();
    const current = before.then(run, run);
    const settled = current.catch(() => {});
    this.#busy.set(id, settled);
    try {
      return await current;
    } finally {
      if (this.#busy.get(id) === settled) this.#busy.delete(id);
    }
  }

  #path(id: string): string {
    return join(this.#folder, `${id}.json`);
  }
}
