// Archives that have been verified in, folders out.
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { extract } from 'tar';

/** Leaves out the one folder that everything is in, and keeps the programs executable. */
export async function unpackTar(archive: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await extract({ file: archive, cwd: folder, strip: 1 });
}

/**
 * Unpacks a folder of a zip. fflate does not report file modes, so the names of programs are given; it refuses no
 * path that leads out of the folder, which is why the archive must be a known one.
 */
export async function unpackZip(
  archive: string,
  folder: string,
  { under, isProgram }: { under: string; isProgram: (path: string) => boolean },
): Promise<void> {
  const entries = unzipSync(await readFile(archive), { filter: ({ name }) => name.startsWith(under) });
  for (const [name, bytes] of Object.entries(entries)) {
    const path = join(folder, name.slice(under.length));
    if (name.endsWith('/')) continue;
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
    if (isProgram(name.slice(under.length))) await chmod(path, 0o755);
  }
}
