// Apache Kafka's jars in the cache folder, brought there once by Maven from kafka/pom.xml.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from './folders.ts';
import { runCommand } from './run-command.ts';
import type { Progress } from './server.ts';

const POM = join(import.meta.dirname, 'kafka/pom.xml');

/** Kafka's version, and where its jars lie once they are there: a changed pom gets a folder of its own. */
function jarsPlan(): { version: string; folder: string } {
  const pom = readFileSync(POM, 'utf8');
  const version = /<kafka\.version>([^<]+)</.exec(pom)?.[1] ?? '';
  const digest = createHash('sha256').update(pom).digest('hex').slice(0, 8);
  return { version, folder: join(cacheFolder, `kafka-${version}-${digest}`) };
}

/** Whether a start needs Maven. */
export const hasKafkaJars = (): boolean => existsSync(jarsPlan().folder);

/** The folder of the jars. Starters at the same time do not disturb each other: the folder appears whole or not at all. */
export async function kafkaJars(logFile: string, progress: Progress): Promise<string> {
  const { version, folder } = jarsPlan();
  if (existsSync(folder)) return folder;
  progress(`downloading Apache Kafka ${version} by Maven, once`);
  await mkdir(cacheFolder, { recursive: true });
  const unfinished = await mkdtemp(join(cacheFolder, 'kafka-unfinished-'));
  try {
    await download(unfinished, logFile);
    await rename(unfinished, folder);
  } catch (error) {
    // Another starter was quicker.
    if (!existsSync(folder)) throw error;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return folder;
}

async function download(folder: string, logFile: string): Promise<void> {
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${folder}`];
  const args = ['-q', '-B', '-f', POM, ...goal];
  await runCommand({ name: 'Maven', command: 'mvn', args, folder: cacheFolder, logFile });
}
