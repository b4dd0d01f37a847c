// `npm start -- --engine flink`, and a start without it: one platform's images, counted by both engines in turn.
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv, promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { loadConfig } from '#runtime/config.ts';
import { createKafka, kafkaConfig } from '#runtime/kafka/client.ts';
import { createLogger } from '#runtime/log.ts';
import { createRandom } from '../../demo/samples/random.ts';
import { onDatabase } from '../../test/engines/counts.ts';
import { feedLog } from '../../test/faults/feed-log.ts';
import { imageLog, type LogEntry } from '../../test/faults/image-log.ts';
import { type FreshDatabase, freshAnalyticsDatabase } from '../../test/fresh.ts';
import { everyProcess, freePorts, killAll, type Launcher, launch, recordedRun } from '../../test/launcher.ts';
import { rootFolder } from '../launcher/folders.ts';
import type { ProcessIdentity } from '../launcher/process-identity.ts';

jest.setTimeout(300_000);
const MINUTE_MS = 60_000;
const START_MS = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 30 * MINUTE_MS;
/** No second revision is waited for. */
const HURRY = { REVISION_DEBOUNCE_MS: '500', PARTITION_IDLE_MS: '700' };

let folder: string;
let settings: Record<string, string>;
let database: FreshDatabase;
let launcher: Launcher;
const seen: ProcessIdentity[] = [];

const start = async (...args: readonly string[]): Promise<void> => {
  launcher = launch(settings, ['--no-samples', '--no-shop', ...args]);
  await launcher.waitFor('Ready in');
  const run = await recordedRun(folder);
  seen.push(run.launcher, ...everyProcess(run));
};
const stop = async (): Promise<void> => {
  launcher.child.kill('SIGINT');
  expect(await launcher.ended).toBe(0);
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'engine-'));
  // Postgres may run as another user, who must get to its folder.
  await chmod(folder, 0o755);
  database = await freshAnalyticsDatabase();
  // Postgres and Firestore are those that all specs share: who counts is what is started four times.
  settings = {
    ...(await freePorts()),
    ...HURRY,
    LOCAL_DIR: folder,
    DATABASE_URL: database.url,
    FIRESTORE_EMULATOR_HOST: process.env.FIRESTORE_EMULATOR_HOST!,
  };
});

afterAll(async () => {
  await killAll(seen);
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

const env = async (): Promise<NodeJS.Dict<string>> => ({
  ...parseEnv(await readFile(join(folder, 'env'), 'utf8')),
  ...HURRY,
});

/** Every store against the log, of which all must have been counted. */
async function expectEqual(entries: readonly LogEntry[], owner: RegExp): Promise<void> {
  const platform = await env();
  const client = createKafka(loadConfig(kafkaConfig, platform), 'spec', createLogger('spec', 'silent'));
  await feedLog(client, entries, 200, 20);
  // As people do, in a process that knows this platform alone.
  const command = [join(rootFolder, 'analytics/reconcile/main.ts'), '--settle', '90'];
  const said = await promisify(execFile)(process.execPath, command, {
    env: { ...process.env, ...platform },
  }).catch((error: { stdout: string }) => error);
  expect(said.stdout).toContain('EQUAL');
  const owners = await onDatabase(
    platform.DATABASE_URL!,
    async (database) =>
      (
        await database.query<{ owner: string }>(
          "SELECT owner FROM analytics.part_state WHERE topic = 'product-images.processed'",
        )
      ).rows,
  );
  for (const one of owners) expect(one.owner).toMatch(owner);
}

describe('images of one platform', () => {
  const log = imageLog(createRandom(5), { events: 1_600, spanMs: 8 * MINUTE_MS, startMs: START_MS });
  const part = (nth: number): LogEntry[] => log.slice(nth * 400, (nth + 1) * 400);

  it('are handed from the worker to Flink by a start with it, which prints Flink’s page', async () => {
    await start();
    await expectEqual(part(0), /^(?!flink:)/);
    await stop();
    await start('--engine', 'flink');
    expect(launcher.output()).toMatch(
      new RegExp(`^ +Flink +http://127\\.0\\.0\\.1:${settings.LOCAL_FLINK_PORT}$`, 'm'),
    );
    await expectEqual(part(1), /^flink:/);
    await stop();
  });

  it('continue where Flink stopped at the next start', async () => {
    await start('--engine', 'flink');
    expect(launcher.output()).toContain('from where it stopped');
    await expectEqual(part(2), /^flink:/);
    await stop();
  });

  it('are handed back to the worker by a start without it', async () => {
    await start();
    expect(launcher.output()).toContain('Node workers go on');
    await expectEqual(part(3), /^(?!flink:)/);
    await stop();
  });
});
