// The real Prometheus over the processes of this machine, with the rules and scrape settings of a laptop's cluster. It serves people
// and alerts; nothing of the platform needs it.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { AppError } from '#runtime/errors.ts';
import { startNativeServer } from '../server/native-server.ts';
import type { RunningServer, ServerOptions } from '../server/server.ts';
import { laptopConfig, type ScrapeConfig, type Target } from './laptop-config.ts';
import { type OverlayFiles, readOverlay } from './overlay.ts';
import type { PrometheusPrograms } from './programs.ts';

const READY_MS_MAX = 60_000;
/** It writes down what it holds in memory; what a kill leaves it reads again. */
const STOP_MS_MAX = 10_000;
/** Enough for a weekend, and never more than this of the disk: about 40 MB a day at rest. */
const RETENTION = ['--storage.tsdb.retention.time=3d', '--storage.tsdb.retention.size=512MB'];

export interface PrometheusOptions extends Pick<ServerOptions, 'dataDir' | 'logFile' | 'port'> {
  readonly programs: PrometheusPrograms;
  readonly targets: readonly Target[];
  /** @default what is rendered into k8s/overlays/local */
  readonly overlay?: OverlayFiles;
  /** Beside that of our processes. @default none */
  readonly moreJobs?: readonly ScrapeConfig[];
}

/** @throws AppError `server-not-ready`, with its last words, when it ends or stays silent */
export async function startPrometheus(options: PrometheusOptions): Promise<RunningServer> {
  const { dataDir, logFile, port, programs, targets, moreJobs = [] } = options;
  const { config, rules } = options.overlay ?? (await readOverlay());
  const folder = join(dataDir, 'config');
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, 'rules'), { recursive: true });
  const ruleFiles = Object.keys(rules).map((name) => join(folder, 'rules', name));
  for (const [name, text] of Object.entries(rules)) await writeFile(join(folder, 'rules', name), text);
  const configFile = join(folder, 'prometheus.yml');
  const ours = laptopConfig(config, { targets, ruleFiles });
  const scrape_configs = [...ours.scrape_configs, ...moreJobs];
  await writeFile(configFile, stringify({ ...ours, scrape_configs }));
  const address = `http://127.0.0.1:${port}`;
  return startNativeServer({
    child: {
      name: 'Prometheus',
      command: programs.prometheus,
      args: [
        `--config.file=${configFile}`,
        `--storage.tsdb.path=${join(dataDir, 'series')}`,
        ...RETENTION,
        `--web.listen-address=127.0.0.1:${port}`,
        // By default a page of any origin may read its answers.
        `--web.cors.origin=${address.replaceAll('.', '\\.')}`,
        ...(programs.webAssets ? [`--web.local-assets=${programs.webAssets}`] : []),
      ],
      folder: dataDir,
      logFile,
      stopSignal: 'SIGTERM',
      stopMsMax: STOP_MS_MAX,
    },
    address,
    env: {},
    probe: () => answersReady(address),
    readyMsMax: READY_MS_MAX,
  });
}

async function answersReady(address: string): Promise<void> {
  const response = await fetch(`${address}/-/ready`, { signal: AbortSignal.timeout(3_000) });
  const body = await response.text();
  if (!response.ok)
    throw new AppError('prometheus-not-ready', `HTTP ${response.status}: ${body.slice(0, 300)}`);
}
