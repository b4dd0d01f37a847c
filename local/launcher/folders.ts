// Where the local platform keeps its things: data and logs in one ignored folder, downloads in another.
import { join, resolve } from 'node:path';

/** The repository. */
export const rootFolder = resolve(import.meta.dirname, '../..');

/** Downloads that are the same for everybody: safe to delete, made again when missing. `LOCAL_CACHE_DIR` names another one. */
export const cacheFolder = resolve(rootFolder, process.env.LOCAL_CACHE_DIR || '.cache');

/** Where Node keeps what it has compiled of our programs, in its own variable: later starts need half the processor time. */
export const compileCache = { NODE_COMPILE_CACHE: join(cacheFolder, 'compiled') };

/** Data, logs and the run file; `LOCAL_DIR` names another one. */
export const localFolder = (env: NodeJS.ProcessEnv = process.env): string =>
  resolve(rootFolder, env.LOCAL_DIR || '.local');
