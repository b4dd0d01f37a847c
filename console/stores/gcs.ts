// Cloud Storage: one NDJSON object per published revision, filed by day and hour; all revisions stay.
import type { Bucket } from '@google-cloud/storage';
import { createGcs, readObject } from '#runtime/gcs.ts';
import type { GoogleLogin } from '#runtime/google-identity.ts';
import { chosenView, offsetOf, type Store } from './store.ts';
import { cellsOf, TOTAL_COLUMNS } from './window-totals.ts';

const ROOT = 'image-bytes/';
const HOURS_MAX = 24;

export interface GcsOptions {
  readonly projectId: string;
  readonly bucket: string;
  readonly endpoint?: string | undefined;
  /** @default those that the client finds in its environment */
  readonly login?: GoogleLogin | undefined;
}

/** Objects, newest first, with their content; a view is an hour. */
export function gcsStore({ projectId, bucket: name, endpoint, login }: GcsOptions): Store {
  const gcs = createGcs({ projectId, endpoint, login, retryCountMax: 1, totalTimeoutS: 5 });
  const bucket = gcs.bucket(name);
  return {
    name: 'gcs',
    title: 'Cloud Storage',
    async read({ view: asked, limit, after }) {
      const offset = offsetOf(after);
      const hours = await hoursOf(bucket);
      const about = `Bucket ${name}: one NDJSON object per revision of a window and size label, filed by its hour.`;
      const columns = [{ name: 'object' }, ...TOTAL_COLUMNS];
      if (hours.length === 0) return { about, views: [], columns, rows: [] };
      const view = chosenView(hours, asked);
      const [files] = await bucket.getFiles({ prefix: `${ROOT}${view}/` });
      files.sort((a, b) => (a.name < b.name ? 1 : -1));
      const rows = await Promise.all(
        files.slice(offset, offset + limit).map(async (file) => {
          const content = (await readObject(gcs, name, file.name)) ?? '';
          return [file.name.slice(ROOT.length), ...cellsOf(firstLine(content))];
        }),
      );
      const next = offset + limit < files.length ? { next: String(offset + limit) } : {};
      return { about, views: hours, view, columns, rows, ...next };
    },
  };
}

/** `dt=2026-11-24/hour=08` of the newest hours there are. */
async function hoursOf(bucket: Bucket): Promise<string[]> {
  const hours: string[] = [];
  for (const day of await foldersOf(bucket, ROOT)) {
    hours.push(...(await foldersOf(bucket, day)));
    if (hours.length >= HOURS_MAX) break;
  }
  return hours.slice(0, HOURS_MAX).map((hour) => hour.slice(ROOT.length, -1));
}

/** Names that end in a slash, the last in the alphabet (the newest) first. */
async function foldersOf(bucket: Bucket, prefix: string): Promise<string[]> {
  const [, , response] = await bucket.getFiles({ prefix, delimiter: '/', autoPaginate: false });
  const { prefixes = [] } = (response ?? {}) as { prefixes?: string[] };
  return prefixes.sort().toReversed();
}

function firstLine(content: string): unknown {
  try {
    return JSON.parse(content.split('\n', 1)[0] ?? '');
  } catch {
    return undefined;
  }
}
