// A Flink for specs, in a folder that goes with it.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningFlink, startFlink } from '../../local/flink/flink.ts';
import { freePort } from '../../local/launcher/ports.ts';

export interface SpecFlink extends RunningFlink {
  /** What its TaskManagers have said so far. */
  taskManagerLog(): Promise<string>;
}

/** Its stop takes the folder away. */
export async function startSpecFlink(): Promise<SpecFlink> {
  const folder = await mkdtemp(join(tmpdir(), 'flink-'));
  const flink = await startFlink({
    dataDir: folder,
    logFile: join(folder, 'flink.log'),
    port: await freePort(),
  });
  return {
    ...flink,
    taskManagerLog: () => readFile(join(folder, 'flink-taskManager.log'), 'utf8'),
    stop: async () => {
      await flink.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
