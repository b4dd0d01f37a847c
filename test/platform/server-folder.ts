// Folders for the data of the servers of a run: in memory where the machine keeps files there.
import { chmod, mkdtemp, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Linux has it, in containers often with a few megabytes. */
const MEMORY = '/dev/shm';
/** Of tmpfs, by statfs(2). */
const TMPFS = 0x01_02_19_94;
/** Many times what the servers of a run have written together, so that nothing else is pushed out. */
const FREE_BYTES_MIN = 8 * 2 ** 30;

/**
 * A new folder, which everybody may enter, for Postgres runs as another user where this process is root. Databases and topics of specs
 * come and go by the thousand files, and finding inodes for them cost ext4 a tenth of a run's processor time.
 */
export async function makeServerFolder(prefix: string, memory = MEMORY): Promise<string> {
  const folder = await mkdtemp(join((await hasRoom(memory)) ? memory : tmpdir(), prefix));
  await chmod(folder, 0o755);
  return folder;
}

async function hasRoom(path: string): Promise<boolean> {
  const found = await statfs(path).catch(() => undefined);
  return found !== undefined && found.type === TMPFS && found.bavail * found.bsize >= FREE_BYTES_MIN;
}
