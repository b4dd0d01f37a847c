// One page of a bucket's objects. Pure: names in the order of their bytes, as Cloud Storage lists them.
import { invalid } from './fault.ts';
import type { ObjectResource } from './resource.ts';

export interface Page {
  readonly kind: 'storage#objects';
  readonly items: readonly ObjectResource[];
  readonly prefixes?: readonly string[];
  readonly nextPageToken?: string;
}

const RESULTS_MAX = 1_000;

/** Reads `prefix`, `delimiter`, `startOffset`, `endOffset`, `maxResults` and `pageToken` of a query. */
export function listPage(objects: readonly ObjectResource[], query: URLSearchParams): Page {
  if (query.has('matchGlob')) throw invalid('matchGlob is not supported by this server.');
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter');
  const from = query.get('startOffset') ?? '';
  const end = query.get('endOffset');
  const resultsMax = Math.min(Number(query.get('maxResults') ?? RESULTS_MAX) || RESULTS_MAX, RESULTS_MAX);
  const after = Buffer.from(query.get('pageToken') ?? '', 'base64url').toString();

  const items: ObjectResource[] = [];
  const prefixes: string[] = [];
  let last = '';
  const inRange = objects.filter(
    ({ name }) =>
      name.startsWith(prefix) && compareBytes(name, from) >= 0 && (!end || compareBytes(name, end) < 0),
  );
  for (const object of inRange.sort((a, b) => compareBytes(a.name, b.name))) {
    const folder = delimiter ? folderOf(object.name, prefix, delimiter) : undefined;
    const entry = folder ?? object.name;
    if ((after && compareBytes(entry, after) <= 0) || (folder && prefixes.at(-1) === folder)) continue;
    if (items.length + prefixes.length === resultsMax) {
      const nextPageToken = Buffer.from(last).toString('base64url');
      return { kind: 'storage#objects', items, ...(prefixes.length > 0 ? { prefixes } : {}), nextPageToken };
    }
    if (folder) prefixes.push(folder);
    else items.push(object);
    last = entry;
  }
  return { kind: 'storage#objects', items, ...(prefixes.length > 0 ? { prefixes } : {}) };
}

/** The name up to the first delimiter behind the prefix. */
function folderOf(name: string, prefix: string, delimiter: string): string | undefined {
  const end = name.indexOf(delimiter, prefix.length);
  return end < 0 ? undefined : name.slice(0, end + delimiter.length);
}

const compareBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
