// `npm run lock:kafka`, after a change of pom.xml: asks Maven what the pom leads to, and writes down what came in jars.json. Only
// this needs Maven; a start does not.
import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { runMain } from '#runtime/lifecycle.ts';
import { sha256Of } from '../downloads/download.ts';
import { digestOf, type JarsLock, LOCK_FILE, type LockedJar, POM_FILE } from './jars-lock.ts';

runMain(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kafka-jars-'));
  try {
    const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${folder}`];
    const args = ['-q', '-B', '-f', POM_FILE, ...goal, '-Dmdep.useRepositoryLayout=true'];
    const { status } = spawnSync('mvn', args, { stdio: 'inherit' });
    if (status !== 0) throw new Error('Maven did not bring the jars: is mvn installed?');
    const files = globSync('**/*.jar', { cwd: folder }).toSorted();
    const jars = await Promise.all(files.map((file) => lockedJar(folder, file)));
    const lock: JarsLock = { pom: digestOf(readFileSync(POM_FILE, 'utf8')), jars };
    writeFileSync(LOCK_FILE, `${JSON.stringify(lock, undefined, 2)}\n`);
    console.log(`${jars.length} jars in ${relative(process.cwd(), LOCK_FILE)}`);
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
