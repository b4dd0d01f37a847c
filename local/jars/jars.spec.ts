import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { close, listen } from '../../test/mirror/mirror.ts';
import { mavenRepository, pathOf } from '../maven/repository.ts';
import { bringJars, type JarsPlan, missingJars } from './jars.ts';

const COORDINATES = ['org.test:broker:1.0', 'org.test:clients:1.0', 'org.test:log:2.1'];
const contentsOf = (path: string) => Buffer.from(`the jar at ${path}`);
const jars = COORDINATES.map((coordinates) => {
  const contents = contentsOf(pathOf(coordinates));
  return {
    coordinates,
    sha256: createHash('sha256').update(contents).digest('hex'),
    bytes: contents.length,
  };
});
const NAMES = ['broker-1.0.jar', 'clients-1.0.jar', 'log-2.1.jar'];

let home: string;
let asked: string[];
let missing: string | undefined;
const server = createServer((request, response) => {
  const path = (request.url ?? '').replace('/maven/', '');
  asked.push(path);
  if (missing && path.includes(missing)) response.writeHead(404).end();
  else response.end(contentsOf(path));
});
let plan: JarsPlan;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'jars-'));
  asked = [];
  missing = undefined;
  const env = { PATH: '', MAVEN_REPOSITORY: `${await listen(server)}/maven` };
  const repository = mavenRepository(env, home, 'KAFKA_BROKERS a broker of yours');
  plan = { title: 'Apache Kafka', jars, repository, folder: join(home, 'cache/kafka'), isOffline: false };
});
afterEach(async () => {
  await close(server);
  await rm(home, { recursive: true, force: true });
});

const has = async (coordinates: string, contents: Buffer = contentsOf(pathOf(coordinates))) => {
  const file = join(plan.repository.localFolder, pathOf(coordinates));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, contents);
};
const bring = async () => {
  const lines: string[] = [];
  await bringJars((line) => lines.push(line), plan);
  return lines;
};

describe('the jars of a program', () => {
  it('come from the server, each once, and are there whole', async () => {
    await bring();
    await bring();
    expect(asked.toSorted()).toEqual(COORDINATES.map(pathOf));
    expect((await readdir(plan.folder)).toSorted()).toEqual(NAMES);
    expect(missingJars(plan)).toEqual([]);
  });

  it('are copied from the local Maven repository where it has them', async () => {
    await has(COORDINATES[0]!);
    const lines = await bring();
    expect(asked.toSorted()).toEqual(COORDINATES.slice(1).map(pathOf));
    expect(lines.at(-1)).toContain('2 fetched, 1 were on this machine');
    expect(await readFile(join(plan.folder, NAMES[0]!))).toEqual(contentsOf(pathOf(COORDINATES[0]!)));
  });

  it('are fetched where the local one has another checksum', async () => {
    await has(COORDINATES[0]!, Buffer.from('another jar'));
    await bring();
    expect(asked).toHaveLength(3);
    expect(await readFile(join(plan.folder, NAMES[0]!))).toEqual(contentsOf(pathOf(COORDINATES[0]!)));
  });

  it('are not there before all are, and those that came are not fetched again', async () => {
    missing = 'clients';
    await expect(bring()).rejects.toThrow(
      /^clients-1\.0\.jar could not be fetched from the Maven repository named by MAVEN_REPOSITORY \([^)]+\): the server answered HTTP 404; MAVEN_REPOSITORY names another repository, KAFKA_BROKERS a broker of yours$/,
    );
    expect(await readdir(dirname(plan.folder))).not.toContain('kafka');
    missing = undefined;
    asked = [];
    await bring();
    expect(asked).toContain(pathOf(COORDINATES[1]!));
    expect(asked).not.toContain(pathOf(COORDINATES[0]!));
  });

  it('are never fetched offline: what is missing is named', async () => {
    plan = { ...plan, isOffline: true };
    await has(COORDINATES[0]!);
    expect(missingJars(plan).map(({ coordinates }) => coordinates)).toEqual(COORDINATES.slice(1));
    await expect(bring()).rejects.toThrow(/org\.test:\w+:[\d.]+ is not on this machine/);
    for (const one of COORDINATES.slice(1)) await has(one);
    expect(missingJars(plan)).toEqual([]);
    await bring();
    expect(asked).toEqual([]);
  });
});
