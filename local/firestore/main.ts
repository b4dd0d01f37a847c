// Brings the jar of Google's Firestore emulator into a folder, verified, under a name that stays: its container in a laptop's cluster
// starts it from there.
import { link, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { loadConfig } from '#runtime/config.ts';
import { runMain } from '#runtime/lifecycle.ts';
import { createLogger, logConfig } from '#runtime/log.ts';
import { emulatorDownload, fetchEmulatorJar } from './emulator-jar.ts';

const config = { ...logConfig, JAR_FOLDER: z.string().min(1).describe('folder that keeps the jar') };
const JAR = 'emulator.jar';

runMain(async () => {
  const { JAR_FOLDER, LOG_LEVEL } = loadConfig(config);
  const log = createLogger('firestore-jar', LOG_LEVEL);
  const progress = (line: string, kind?: 'passing'): void => {
    if (kind !== 'passing') log.info(line);
  };
  const fetched = await fetchEmulatorJar(progress, emulatorDownload(), JAR_FOLDER);
  const jar = join(JAR_FOLDER, JAR);
  await rm(jar, { force: true });
  await link(fetched, jar);
  log.info({ jar }, 'the emulator is there');
});
