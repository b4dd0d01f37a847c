// A copy of HEAD on a bare machine: installed, started, given a photo, reconciled, stopped. Out: what was not as it should be.
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDoneWithin } from '#runtime/deadline.ts';
import { AppError, messageOf } from '#runtime/errors.ts';
import { samplePhotos } from '../../demo/sample-photos.ts';
import { uploadPhoto } from '../../demo/samples/upload.ts';
import { rootFolder } from '../../local/launcher/folders.ts';
import { isPortFree } from '../../local/launcher/ports.ts';
import { everyProcess, freePorts, killAll, recordedRun, survivors } from '../launcher.ts';
import { foundOn, makeBarePath } from './bare-path.ts';
import { type Environment, runCommandToEnd, type StartedCommand, startCommand } from './commands.ts';
import type { WayReport } from './ways.ts';

type Say = (line: string) => void;

/** How this machine reaches its registries is its own matter, and no part of what is bare. */
const HANDED_ON =
  /^(npm_config_(registry|userconfig|cafile)|pip_\w+|ssl_cert_\w+|node_extra_ca_certs|https?_proxy|no_proxy|temurin_mirror|maven_repository|firestore_emulator_mirror)$/i;
const READY_MS_MAX = 300_000;
const COUNTED_MS_MAX = 60_000;
/** The window of the photo stays open where no later event closes it: that is no difference, and nothing to wait for long. */
const RECONCILE = ['npm', 'run', '--silent', 'reconcile', '--', '--settle', '5'];
const HIDDEN = ['java', 'mvn', 'gcloud', 'firebase'];

/** Takes minutes; leaves nothing running. */
export async function runWhole(folder: string, reports: readonly WayReport[], say: Say): Promise<string[]> {
  const checkout = join(folder, 'checkout');
  const env = await bareEnvironment(folder, reports, say);
  await timed('git clone', say, () =>
    runCommandToEnd(['git', 'clone', '-q', '--depth', '1', `file://${rootFolder}`, checkout], folder, env),
  );
  await timed('npm ci', say, () => runCommandToEnd(['npm', 'ci'], checkout, env));
  const startedAt = performance.now();
  const npm = startCommand(['npm', 'start', '--', '--no-samples'], checkout, env);
  try {
    await npm.waitFor('Ready in', READY_MS_MAX);
    say(`npm start: ready after ${seconds(startedAt)}`);
    for (const line of npm.lines().filter((one) => /fetch|Java \d|were on this machine/.test(one)))
      say(line.replace(/^[ ·]+/, ''));
    return await useAndStop(npm, checkout, env, say);
  } finally {
    // Where something failed it still runs.
    npm.interrupt();
    await isDoneWithin(30_000, npm.ended);
    await killAll(await recordedRun(join(checkout, '.local')).then(everyProcess, () => []));
  }
}

async function bareEnvironment(
  folder: string,
  reports: readonly WayReport[],
  say: Say,
): Promise<Environment> {
  const [path, home] = [join(folder, 'bin'), join(folder, 'home')];
  const { hasPip } = await makeBarePath(path);
  await mkdir(home, { recursive: true });
  const found = foundOn(path, HIDDEN);
  if (found.length > 0) throw new AppError('not-bare', `the bare PATH has ${found.join(', ')}`);
  say(`PATH without ${HIDDEN.join(', ')}; ${hasPip ? 'with' : 'without'} pip; an empty home; empty caches`);
  const settings = join(homedir(), '.npmrc');
  return {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => HANDED_ON.test(name))),
    ...(existsSync(settings) ? { npm_config_userconfig: settings } : {}),
    ...(await freePorts()),
    ...emulatorFor(reports, say),
    PATH: path,
    HOME: home,
  };
}

/** An installed jar is in a folder that no PATH can hide, so the variables name the jar that the start would fetch, or one in its place. */
function emulatorFor(reports: readonly WayReport[], say: Say): Environment {
  const [installed, download] = reports.filter(({ piece }) => piece === 'emulator');
  if (!installed?.path) return {};
  const jar = download?.path ?? installed.path;
  say(
    download?.path
      ? 'the emulator that was just downloaded is handed over by FIRESTORE_EMULATOR_JAR, to hide the installed one'
      : "Google's download is not reachable here: the installed emulator is handed over by FIRESTORE_EMULATOR_JAR",
  );
  return { FIRESTORE_EMULATOR_JAR: jar };
}

async function useAndStop(
  npm: StartedCommand,
  checkout: string,
  env: Environment,
  say: Say,
): Promise<string[]> {
  const faults: string[] = [];
  // Of any set of samples one is meant to be refused.
  const photo = samplePhotos(2, 1).find(({ isRefused }) => !isRefused);
  const console = `http://127.0.0.1:${env.CONSOLE_PORT}`;
  const uploaded = await uploadPhoto(console, photo!, say);
  say(`${photo!.fileName}: ${uploaded}`);
  const photos = await countedPhotos(console);
  say(`counted photos: ${photos}`);
  if (photos !== 1) faults.push(`the pipeline counted ${photos} photos instead of 1`);
  const output = await runCommandToEnd(RECONCILE, checkout, env).catch(messageOf);
  const verdict = /EQUAL: [1-9].*/.exec(output)?.[0];
  if (verdict) say(`npm run reconcile: ${verdict}`);
  else faults.push(`npm run reconcile does not say EQUAL: ${output.slice(-1_000)}`);

  const recorded = await recordedRun(join(checkout, '.local'));
  const stoppedAt = performance.now();
  npm.interrupt();
  await npm.ended;
  const left = await survivors(everyProcess(recorded), 10_000);
  if (left.length > 0) faults.push(`Ctrl-C left running: ${left.join('; ')}`);
  for (const [name, port] of Object.entries(env).filter(([name]) => name.endsWith('_PORT')))
    if (!(await isPortFree(Number(port)))) faults.push(`Ctrl-C left port ${port} (${name}) taken`);
  if (existsSync(join(checkout, '.local/run.json'))) faults.push('Ctrl-C left run.json');
  say(`Ctrl-C: everything ended after ${seconds(stoppedAt)}`);
  return faults;
}

/** As the page shows them; a photo takes a moment to arrive. */
async function countedPhotos(console: string): Promise<number> {
  for (const deadline = Date.now() + COUNTED_MS_MAX; ; await sleep(500)) {
    const response = await fetch(`${console}/api/totals?minutes=60`);
    const { sums } = (await response.json()) as { sums?: { photos: number } };
    if (sums?.photos || Date.now() > deadline) return sums?.photos ?? 0;
  }
}

async function timed(what: string, say: Say, act: () => Promise<unknown>): Promise<void> {
  const startedAt = performance.now();
  await act();
  say(`${what}: ${seconds(startedAt)}`);
}

const seconds = (sinceMs: number): string => `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;
