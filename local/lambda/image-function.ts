// The image function as it is shipped: the very zip is built and unpacked for the local Lambda to run.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { rootFolder } from '../launcher/folders.ts';
import { runCommand } from '../launcher/run-command.ts';

const BUILD = 'lambda/image-renditions/build.ts';
const ZIP = 'dist/lambda/image-renditions.zip';

/** Builds the function into the folder. Returns the file that exports its handler. */
export async function buildImageFunction(folder: string, logFile: string): Promise<string> {
  await runCommand({
    name: 'build of the image function',
    command: process.execPath,
    args: [BUILD],
    folder: rootFolder,
    logFile,
  });
  await mkdir(dirname(folder), { recursive: true });
  const unfinished = await mkdtemp(`${folder}-unfinished-`);
  for (const [path, content] of Object.entries(unzipSync(await readFile(join(rootFolder, ZIP))))) {
    await mkdir(dirname(join(unfinished, path)), { recursive: true });
    await writeFile(join(unfinished, path), content);
  }
  // Replaced as a whole: what a run before has left may be of other sources.
  if (existsSync(folder)) await rm(folder, { recursive: true });
  await rename(unfinished, folder);
  return join(folder, 'handler.mjs');
}
