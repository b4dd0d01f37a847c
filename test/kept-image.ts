// The build context of an image, built where its sources have changed and kept where they have not: several spec files run the same
// programs, and the bundler needs a second or two for each.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageSource } from '../k8s/images/catalogue.ts';
import { buildContext, type ImageRecord } from '../k8s/images/context.ts';
import { isFresh } from '../stacks/built-artifacts.ts';

const ROOT = join(import.meta.dirname, '..');
/** In the repository, so that packages outside of a bundle are found where npm has them. */
const KEPT = join(ROOT, 'dist/images-of-specs');

const building = new Map<string, Promise<string>>();

/** The folder of the context, for reading only. The bundler runs until `stopBundler`. */
export function keptContext(source: ImageSource): Promise<string> {
  const before = building.get(source.name);
  if (before) return before;
  const found = findOrBuild(source);
  building.set(source.name, found);
  return found;
}

async function findOrBuild(source: ImageSource): Promise<string> {
  const recordFile = join(KEPT, `${source.name}.json`);
  const record = await readRecord(recordFile);
  if (record && isFresh(ROOT, record.inputs)) {
    const folder = folderOf(source, record);
    if (existsSync(folder)) return folder;
  }
  await mkdir(KEPT, { recursive: true });
  const unfinished = await mkdtemp(join(KEPT, `${source.name}-unfinished-`));
  try {
    const built = await buildContext(source, unfinished);
    const folder = folderOf(source, built);
    // Another worker may have been quicker: a folder with this tag has this content.
    await rename(join(unfinished, source.name), folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
    await writeFile(join(unfinished, 'record'), JSON.stringify(built));
    await rename(join(unfinished, 'record'), recordFile);
    return folder;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

const folderOf = ({ name }: ImageSource, { imageTag }: ImageRecord): string =>
  join(KEPT, `${name}-${imageTag}`);

const readRecord = async (file: string): Promise<ImageRecord | undefined> =>
  existsSync(file) ? (JSON.parse(await readFile(file, 'utf8')) as ImageRecord) : undefined;
