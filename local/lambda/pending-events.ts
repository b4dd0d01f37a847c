// Events that the function has yet to master, one file each: written before anyone relies on them, removed when they are
// done. Events that are here at the start are delivered again.
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface PendingEvent {
  /** Lambda's request id: the same for all tries. */
  readonly id: string;
  readonly event: unknown;
  /** RFC 3339. */
  readonly receivedAt: string;
  /** Tries that have failed so far. */
  readonly failures: number;
}

export class PendingEvents {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Makes the folder if it is missing. */
  static async open(folder: string): Promise<PendingEvents> {
    await mkdir(folder, { recursive: true });
    return new PendingEvents(folder);
  }

  /** The oldest first. A file that cannot be read is renamed to `.unreadable`, and reported. */
  async load(onUnreadable: (file: string) => void): Promise<PendingEvent[]> {
    const pending: PendingEvent[] = [];
    for (const file of await readdir(this.#folder)) {
      const path = join(this.#folder, file);
      // A process was killed before it promised anything.
      if (file.endsWith('.new')) await rm(path);
      if (!file.endsWith('.json')) continue;
      try {
        pending.push(JSON.parse(await readFile(path, 'utf8')) as PendingEvent);
      } catch {
        onUnreadable(file);
        await rename(path, `${path}.unreadable`);
      }
    }
    return pending.sort((a, b) => (a.receivedAt < b.receivedAt ? -1 : 1));
  }

  /** On disk when it resolves. */
  async add(event: unknown): Promise<PendingEvent> {
    const pending = { id: randomUUID(), event, receivedAt: new Date().toISOString(), failures: 0 };
    await this.save(pending);
    return pending;
  }

  async save(pending: PendingEvent): Promise<void> {
    const path = this.#path(pending);
    await writeFile(`${path}.new`, JSON.stringify(pending));
    await rename(`${path}.new`, path);
  }

  remove(pending: PendingEvent): Promise<void> {
    return rm(this.#path(pending), { force: true });
  }

  #path({ id }: PendingEvent): string {
    return join(this.#folder, `${id}.json`);
  }
}
