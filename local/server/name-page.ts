// One page of the names in a bucket, as S3 and Cloud Storage list them: in the order of their bytes, with everything below a
// delimiter folded into one prefix. Pure.

export interface PageOptions {
  readonly prefix?: string | undefined;
  readonly delimiter?: string | null | undefined;
  /** Only names behind this one. */
  readonly after?: string | undefined;
  readonly countMax: number;
}

export interface NamePage<Item> {
  readonly items: Item[];
  readonly prefixes: string[];
  /** The last name or prefix of this page; undefined when nothing comes behind it. */
  readonly next: string | undefined;
}

export function namePage<Item>(
  all: readonly Item[],
  nameOf: (item: Item) => string,
  { prefix = '', delimiter, after = '', countMax }: PageOptions,
): NamePage<Item> {
  const items: Item[] = [];
  const prefixes: string[] = [];
  let last = '';
  const inOrder = all
    .filter((item) => nameOf(item).startsWith(prefix))
    .sort((a, b) => compareBytes(nameOf(a), nameOf(b)));
  for (const item of inOrder) {
    const folder = delimiter ? folderOf(nameOf(item), prefix, delimiter) : undefined;
    const entry = folder ?? nameOf(item);
    if (compareBytes(entry, after) <= 0 || (folder && prefixes.at(-1) === folder)) continue;
    if (items.length + prefixes.length >= countMax) return { items, prefixes, next: last };
    if (folder) prefixes.push(folder);
    else items.push(item);
    last = entry;
  }
  return { items, prefixes, next: undefined };
}

/** The name up to the first delimiter behind the prefix. */
function folderOf(name: string, prefix: string, delimiter: string): string | undefined {
  const end = name.indexOf(delimiter, prefix.length);
  return end < 0 ? undefined : name.slice(0, end + delimiter.length);
}

const compareBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
