// Brings the connectors of the Flink job into dist/flink-connectors/, and writes down beside it what they were made from: the stacks stage
// them where Dataproc finds them.
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { runMain } from '#runtime/lifecycle.ts';
import { sha256Of } from '../downloads/download.ts';
import { fileNameOf } from '../maven/repository.ts';
import { FLINK_CONNECTORS } from './jar-sets.ts';
import { bringJars, jarsPlan } from './jars.ts';

const ROOT = join(import.meta.dirname, '../..');

runMain(async () => {
  const plan = jarsPlan(FLINK_CONNECTORS);
  const cache = await bringJars((line) => void process.stderr.write(`${line}\n`), plan);
  const folder = join(ROOT, 'dist/flink-connectors');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const jars = plan.jars.map(({ coordinates, sha256 }) => ({ name: fileNameOf(coordinates), sha256 }));
  for (const { name } of jars) copyFileSync(join(cache, name), join(folder, name));
  const inputs = { [relative(ROOT, FLINK_CONNECTORS.lockFile)]: await sha256Of(FLINK_CONNECTORS.lockFile) };
  writeFileSync(`${folder}.json`, `${JSON.stringify({ inputs, jars }, undefined, 2)}\n`);
});
