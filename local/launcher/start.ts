// `npm start`: the whole platform on this machine, until Ctrl-C. In: ports and addresses from the environment. Out: lines for
// people, and `.local/env` for commands. Nothing that it started outlives it, however it ends; its data does.
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { loadConfig } from '#runtime/config.ts';
import { AppError } from '#runtime/errors.ts';
import { runMain } from '#runtime/lifecycle.ts';
import { ENGINES, type Engine } from '../flink/engine.ts';
import { localFolder, rootFolder } from './folders.ts';
import { memoryBytes } from './memory.ts';
import { bringNeeds, needsOf, SOURCES_HELP } from './needs.ts';
import { type Platform, startPlatform } from './platform.ts';
import { checkPrerequisites } from './prerequisites.ts';
import { endLeftovers, type RunFile, type RunState, takeRun } from './run-file.ts';
import { startSampleFeed } from './sample-feed.ts';
import { createScreen, type Screen, seconds } from './screen.ts';
import { checkPorts, launcherConfig } from './settings.ts';
import { createShutdown } from './shutdown.ts';
import { sharedWarden, type Warden } from './warden.ts';

const HELP = `Runs the whole platform on this machine until Ctrl-C. Data is kept. What is missing is fetched once, into .cache.

  npm start [-- --fresh] [-- --no-samples] [-- --no-shop] [-- --engine flink] [-- --offline]

  --fresh        deletes the data of earlier runs first
  --no-samples   uploads no sample photos
  --no-shop      runs the image pipeline alone, without the shop and its pages: less than a gigabyte of memory
  --engine       who counts the bytes of images: node (the worker, by default) or flink (a real Flink on this machine)
  --offline      fetches nothing: uses what is on this machine, and names all that is missing
  --help         this text

Environment, by default:
${Object.entries(launcherConfig)
  .map(
    ([name, setting]) => `  ${name.padEnd(22)} ${setting.description} (${String(setting.def.defaultValue)})`,
  )
  .join('\n')}
  LOCAL_DIR              folder of data and logs (.local)

${SOURCES_HELP}

A server of your own takes the place of ours by its address: KAFKA_BROKERS, DATABASE_URL, FIRESTORE_EMULATOR_HOST,
AWS_ENDPOINT_URL_S3, GCS_ENDPOINT.`;

runMain(async () => {
  const startedAt = performance.now();
  const values = readOptions();
  if (values.help) return void process.stdout.write(`${HELP}\n`);

  const folder = localFolder();
  const config = loadConfig(launcherConfig);
  const engine = engineOf(values.engine);
  checkPrerequisites(values.offline, engine);
  const screen = createScreen();
  const run = await takeRun(folder).catch(explainRunning);
  const shutdown = createShutdown(screen);
  shutdown.onStop('', () => run.release());
  try {
    await endLeftovers(run.leftovers, (line) => screen.step('earlier run', line));
    await run.update({ processes: [] });
    await checkPorts(config, process.env, engine);
    if (values.fresh) await rm(join(folder, 'data'), { recursive: true, force: true });
    await setAsideLogs(join(folder, 'logs'));
    const warden = await sharedWarden(join(folder, 'logs/warden.log'));
    shutdown.onStop('', () => warden.close());
    await recordChildren(run, warden);

    const say = (what: string) => (line: string, kind?: 'passing') => screen.step(what, line, kind);
    await bringNeeds(say, values.offline, needsOf(process.env, engine));
    screen.title('Starting the platform');
    const { offline: isOffline, 'no-shop': hasNoShop } = values;
    const options = { folder, config, screen, shutdown, engine, hasShop: !hasNoShop, isOffline };
    const platform = await startPlatform(options);
    await run.update({ addresses: platform.addresses });
    await sayReady(platform, screen, folder, startedAt);
    if (!values['no-samples']) {
      const stopFeed = await startSampleFeed(platform.env, join(folder, 'logs/sample-photos.log'), screen);
      shutdown.onStop('', stopFeed);
    }
  } catch (error) {
    // A part that was stopped in the middle of its start says so; that is no failure.
    if (shutdown.isStopping()) return;
    await shutdown.exit(1, `\n${error instanceof AppError ? error.message : String((error as Error).stack)}`);
  }
});

function readOptions() {
  return parseArgs({
    options: {
      fresh: { type: 'boolean' },
      'no-samples': { type: 'boolean' },
      'no-shop': { type: 'boolean' },
      engine: { type: 'string', default: 'node' },
      offline: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  }).values;
}

function engineOf(name: string): Engine {
  const engine = ENGINES.find((one) => one === name);
  if (!engine) throw new AppError('option-invalid', `--engine: expected one of ${ENGINES.join(', ')}`);
  return engine;
}

function explainRunning(error: unknown): never {
  if (!(error instanceof AppError) || error.code !== 'already-running') throw error;
  const { launcher, startedAt, addresses } = error.facts.state as RunState;
  const parts = Object.entries(addresses).map(([name, address]) => `  ${name.padEnd(22)} ${address}`);
  const state = parts.length > 0 ? parts.join('\n') : '  (it is still starting)';
  throw new AppError(
    'already-running',
    `The platform is running already: pid ${launcher.pid}, since ${startedAt}.\n\n${state}\n
Stop it by Ctrl-C in its terminal, or by: kill ${launcher.pid}
A second one beside it needs a folder and ports of its own: LOCAL_DIR and the variables of npm start -- --help`,
  );
}

/** Logs of this run start empty; those of the last one are kept beside them. */
async function setAsideLogs(folder: string): Promise<void> {
  const earlier = join(folder, 'earlier');
  await rm(earlier, { recursive: true, force: true });
  await mkdir(earlier, { recursive: true });
  for (const name of await readdir(folder)) {
    if (name.endsWith('.log')) await rename(join(folder, name), join(earlier, name));
  }
}

/** Whoever comes after a SIGKILL of launcher and warden finds the children here. */
async function recordChildren(run: RunFile, warden: Warden): Promise<void> {
  const record = () =>
    run.update({
      warden: warden.identity,
      processes: warden.wards().map(({ settings, identity }) => ({
        name: settings.name,
        identity,
        stopSignal: settings.stopSignal,
        stopMsMax: settings.stopMsMax,
      })),
    });
  warden.onChange(() => void record());
  await record();
}

async function sayReady(
  platform: Platform,
  screen: Screen,
  folder: string,
  startedAt: number,
): Promise<void> {
  const mebibytes = Math.round((await memoryBytes([process.pid])) / 1_048_576);
  const shown = relative(rootFolder, folder) || folder;
  const { addresses, env } = platform;
  screen.title(`\nReady in ${seconds(startedAt)}, ${mebibytes} MiB of memory in use`);
  screen.say(`${addresses.storefront ? wayIn(addresses.storefront) : waysWithoutPages(addresses)}
  Postgres           psql ${env.DATABASE_URL}
  Logs, data         ${shown}/logs, ${shown}/data

Ctrl-C stops everything. The data stays, but for the Firestore emulator's, which is filled again at the next start.`);
}

/** One address: its pages lead to everything else. */
const wayIn = (storefront: string): string => `
  Open               ${storefront}

It is the shop. Links at the foot of its pages lead to the platform (drop a photo, watch the totals) and to its mails; the
platform's lead to traces, metrics and alerts.
`;

/** The pages are a part of the shop. */
const waysWithoutPages = (addresses: Platform['addresses']): string =>
  [
    '',
    `  Totals as JSON     ${addresses.console}/api/totals`,
    `  Worker's metrics   ${addresses['analytics worker']}/metrics`,
    ...(addresses.Prometheus ? [`  Metrics, alerts    ${addresses.Prometheus}`] : []),
    ...(addresses.Flink ? [`  Flink              ${addresses.Flink}`] : []),
  ].join('\n');
