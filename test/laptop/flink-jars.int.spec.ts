// The program that fetches Flink's jars while its image is built, from the built context, with arguments as the recipe gives them.
import { execFile } from 'node:child_process';
import { createReadStream, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { FLINK_JARS } from '../../local/jars/jar-sets.ts';
import { bringJars, jarsPlan } from '../../local/jars/jars.ts';
import type { JarsLock } from '../../local/jars/jars-lock.ts';
import { fileNameOf } from '../../local/maven/repository.ts';
import { close, listen } from '../mirror/mirror.ts';
import { programOf, stopBuilding } from './programs.ts';

let folder: string;
let cache: string;
let repository: string;
const server = createServer((request, response) =>
  createReadStream(join(cache, basename(request.url ?? ''))).pipe(response),
);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flink-jars-'));
  cache = await bringJars(() => {}, jarsPlan(FLINK_JARS));
  repository = await listen(server);
}, 300_000);
afterAll(async () => {
  await close(server);
  await stopBuilding();
  await rm(folder, { recursive: true, force: true });
});

const RECIPE = readFileSync(join(import.meta.dirname, '../../k8s/images/flink.Dockerfile'), 'utf8');
/** Of the list in the image, the smallest ones. */
const fewJars = async () => {
  const text = readFileSync(join(dirname(await programOf('flink')), 'jars.json'), 'utf8');
  const { jars, ...rest } = JSON.parse(text) as JarsLock;
  return { ...rest, jars: jars.toSorted((a, b) => a.bytes - b.bytes).slice(0, 3) };
};

async function bring(lock: object, target: string): Promise<string> {
  const [, ...args] = /^RUN node (\S+) (\S+) (\S+)$/m.exec(RECIPE) ?? [];
  expect(args).toEqual(['/app/main.mjs', '/app/jars.json', '/opt/flink/jars']);
  const list = join(folder, 'jars.json');
  await writeFile(list, JSON.stringify(lock));
  const env = { PATH: '', MAVEN_REPOSITORY: repository };
  return promisify(execFile)(process.execPath, [await programOf('flink'), list, target], { env }).then(
    ({ stdout }) => stdout,
    (error: { stderr: string }) => error.stderr,
  );
}

it('brings the jars of its list', async () => {
  const lock = await fewJars();
  const target = join(folder, 'jars');
  expect(await bring(lock, target)).toContain('(3 jars)');
  const names = lock.jars.map(({ coordinates }) => fileNameOf(coordinates));
  expect((await readdir(target)).toSorted()).toEqual(names.toSorted());
});

it('a jar that is not the one of the list is refused, and nothing is there', async () => {
  const lock = await fewJars();
  const jars = lock.jars.map((jar) => ({ ...jar, sha256: '0'.repeat(64) }));
  expect(await bring({ ...lock, jars }, join(folder, 'others'))).toMatch(/checksum|SHA-256/);
  expect(await readdir(folder)).not.toContain('others');
});
