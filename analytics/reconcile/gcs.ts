// What GCS holds: every object under `image-bytes/`, all revisions, each downloaded once and remembered by its generation.
import type { Storage } from '@google-cloud/storage';
import { createGcs, readObject } from '#runtime/gcs.ts';
import { type PublishedText, readLine } from './published.ts';
import type { Settings } from './settings.ts';

const PREFIX = 'image-bytes/';
const DOWNLOADS_AT_ONCE = 16;
const NAME =
  /^image-bytes\/dt=(?<date>[0-9-]+)\/hour=(?<hour>\d\d)\/(?<stamp>[0-9-]+T\d\d-\d\d-\d\d\.\d{3}Z)_(?<label>[^/]+)_r(?<revision>\d{4,})\.ndjson$/;

/** The bucket, with a memory of what was downloaded: an object's content never changes under one generation. */
export class ResultObjects {
  private readonly storage: Storage;
  private readonly bucket: string;
  private known = new Map<string, PublishedText>();

  constructor(settings: Settings) {
    this.storage = createGcs({
      projectId: settings.GOOGLE_CLOUD_PROJECT,
      endpoint: settings.GCS_ENDPOINT,
      retryCountMax: 3,
      totalTimeoutS: 30,
    });
    this.bucket = settings.RESULTS_BUCKET;
  }

  /** Every object as it is now. */
  async read(): Promise<PublishedText[]> {
    const [files] = await this.storage.bucket(this.bucket).getFiles({ prefix: PREFIX });
    const found = new Map<string, PublishedText>();
    const waiting = files.values();
    const download = async (): Promise<void> => {
      for (const file of waiting) {
        const memory = `${file.name}#${String(file.metadata.generation)}`;
        const content =
          this.known.get(memory) ??
          judgeObject(file.name, await readObject(this.storage, this.bucket, file.name));
        if (content) found.set(memory, content);
      }
    };
    await Promise.all(Array.from({ length: DOWNLOADS_AT_ONCE }, download));
    this.known = found;
    return [...found.values()];
  }
}

/** An object must hold what its name says; one that was deleted since it was listed is none. */
export function judgeObject(name: string, text: string | undefined): PublishedText | undefined {
  if (text === undefined) return undefined;
  const parts = NAME.exec(name)?.groups;
  if (!parts) return { name, fault: 'not a name of a result object' };
  const content = readLine(name, text);
  if (!content.total) return content;
  const start = new Date(content.total.windowStartMs).toISOString();
  const isNamedSo =
    parts.stamp === start.replaceAll(':', '-') &&
    start.startsWith(`${parts.date}T${parts.hour}`) &&
    parts.label === content.total.label &&
    Number(parts.revision) === content.total.revision;
  return isNamedSo ? content : { name, fault: 'the name tells of another window, label or revision' };
}
