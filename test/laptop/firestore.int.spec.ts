// The Firestore emulator of a laptop's cluster: its jar is brought by our program, and started as the manifest says.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { FIRESTORE_PORT } from '../../k8s/data/addresses.ts';
import { emulatorDownload, emulatorJar } from '../../local/firestore/emulator-jar.ts';
import { answersFirestore } from '../../local/firestore/firestore.ts';
import { javaProgram } from '../../local/java/java.ts';
import { freePort } from '../../local/launcher/ports.ts';
import { type Mirror, startMirror } from '../mirror/mirror.ts';
import { containerNamed, environmentOf, run, stopBuilding } from './programs.ts';

let folder: string;
let mirror: Mirror;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emulator-'));
  mirror = await startMirror();
});
afterAll(async () => {
  await stopBuilding();
  await mirror.close();
  await rm(folder, { recursive: true, force: true });
});

const fetchJar = () =>
  run('firestore-jar', {
    ...environmentOf('fetch', { variables: { JAR_FOLDER: folder } }),
    FIRESTORE_EMULATOR_MIRROR: mirror.url,
  });

it('a jar that is not the one that we know is not kept', async () => {
  const { end, output } = await fetchJar();
  expect([end, output]).toEqual([1, expect.stringMatching(/checksum|SHA-256|bytes/i)]);
  expect(existsSync(join(folder, 'emulator.jar'))).toBe(false);
});

it('one that was fetched before is taken as it is, and starts by the manifest’s command', async () => {
  await copyFile(await emulatorJar(), join(folder, emulatorDownload({}).name));
  const asked = mirror.requests.length;
  for (const time of ['first', 'second']) expect([time, (await fetchJar()).end]).toEqual([time, 0]);
  expect(mirror.requests).toHaveLength(asked);
  const port = String(await freePort());
  const given = containerNamed('firestore').command!;
  const [, ...args] = given.map((text) => text.replace('/var/lib/firestore', folder));
  const here = args.map((text) =>
    text === '0.0.0.0' ? '127.0.0.1' : text === String(FIRESTORE_PORT) ? port : text,
  );
  expect(given[0]).toBe('java');
  const emulator = spawn(await javaProgram(), here, { stdio: 'ignore', cwd: folder });
  try {
    for (let isReady = false; !isReady; ) {
      if (emulator.exitCode !== null) throw new Error(`it ended with ${emulator.exitCode}`);
      isReady = await answersFirestore(`127.0.0.1:${port}`).then(
        () => true,
        () => false,
      );
      if (!isReady) await sleep(100);
    }
  } finally {
    emulator.kill('SIGTERM');
    await once(emulator, 'close');
  }
});
