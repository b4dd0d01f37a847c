// `npm run lock:kafka`, `lock:flink` and `lock:flink-connectors`, after a change of the pom.xml: asks Maven what the pom leads to, and
// writes down what came in jars.json beside it. Only this needs Maven; a start does not.
import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { AppError } from '#runtime/errors.ts';
import { runMain } from '#runtime/lifecycle.ts';
import { sha256Of } from '../downloads/download.ts';
import { JAR_SETS } from './jar-sets.ts';
import { digestOf, type JarsLock, type LockedJar } from './jars-lock.ts';

runMain(async () => {
  const set = JAR_SETS.find(({ name }) => name === process.argv[2]);
  if (!set)
    throw new AppError('jars-unknown', `expected one of ${JAR_SETS.map(({ name }) => name).join(', ')}`);
  const folder = mkdtempSync(join(tmpdir(), `${set.name}-jars-`));
  try {
    const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${folder}`];
    const args = ['-q', '-B', '-f', set.pomFile, ...goal, '-Dmdep.useRepositoryLayout=true'];
    const { status } = spawnSync('mvn', args, { stdio: 'inherit' });
    if (status !== 0) throw new Error('Maven did not bring the jars: is mvn installed?');
    const files = globSync('**/*.jar', { cwd: folder }).toSorted();
    const jars = await Promise.all(files.map((file) => lockedJar(folder, file)));
    const lock: JarsLock = { pom: digestOf(readFileSync(set.pomFile, 'utf8')), jars };
    writeFileSync(set.lockFile, `${JSON.stringify(lock, undefined, 2)}\n`);
    console.log(`${jars.length} jars in ${relative(process.cwd(), set.lockFile)}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** `org/slf4j/slf4j-api/1.7.36/slf4j-api-1.7.36.jar`: the path says the coordinates. */
async function lockedJar(folder: string, file: string): Promise<LockedJar> {
  const [version = '', artifactId = '', ...group] = dirname(file).split('/').toReversed();
  const path = join(folder, file);
  return {
    coordinates: `${group.toReversed().join('.')}:${artifactId}:${version}`,
    sha256: await sha256Of(path),
    bytes: statSync(path).size,
  };
}
