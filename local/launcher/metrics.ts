// Metrics and alerts of a start: the real Prometheus over its processes, where one can be had. All else runs without it.
import { join } from 'node:path';
import type { Process } from '#contracts/process.ts';
import { analyticsWorker, platformConsole, SERVICES_NAMESPACE } from '#contracts/processes.ts';
import { SHOP } from '#contracts/shop-processes.ts';
import { AppError, messageOf } from '#runtime/errors.ts';
import type { Target } from '../prometheus/laptop-config.ts';
import { bringPrometheus } from '../prometheus/programs.ts';
import { startPrometheus } from '../prometheus/prometheus.ts';
import type { PlatformOptions } from './platform-options.ts';
import { serviceAddress } from './services.ts';
import type { LauncherConfig } from './settings.ts';

/** Of a part that runs. */
interface Address {
  readonly name: string;
  readonly address: string;
}

export interface Metrics {
  /** Whether there is a Prometheus that can be started. */
  isThere(): Promise<boolean>;
  /** Starts it, or says in one line why there is none. */
  start(flink?: readonly string[]): Promise<Address[]>;
}

/** Brings Prometheus while the platform starts. */
export function prepareMetrics(options: PlatformOptions): Metrics {
  const { screen, isOffline } = options;
  const brought = bringPrometheus((line) => screen.step('Prometheus', line), isOffline);
  // What it says is said when its turn comes.
  brought.catch(() => {});
  const startMetrics: Metrics['start'] = async (flink = []) => {
    try {
      return [await start(options, await brought, flink)];
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      screen.warn(
        `Prometheus does not run, so nobody records metrics and looks at alerts: ${messageOf(error)}`,
      );
      return [];
    }
  };
  return {
    isThere: () =>
      brought.then(
        () => true,
        () => false,
      ),
    start: startMetrics,
  };
}

async function start(
  { folder, config, screen, shutdown, hasShop }: PlatformOptions,
  programs: Awaited<ReturnType<typeof bringPrometheus>>,
  flink: readonly string[],
): Promise<Address> {
  const since = performance.now();
  const server = await startPrometheus({
    dataDir: join(folder, 'data/prometheus'),
    logFile: join(folder, 'logs/prometheus.log'),
    port: config.LOCAL_PROMETHEUS_PORT,
    programs,
    targets: targetsOf(config, hasShop),
    moreJobs: flink.length === 0 ? [] : [{ job_name: 'flink', static_configs: [{ targets: [...flink] }] }],
  });
  let isStopping = false;
  shutdown.onStop(server.name, () => {
    isStopping = true;
    return server.stop();
  });
  void server.ended?.then((how) => {
    if (!isStopping) screen.warn(`Prometheus ${how}: nobody records metrics any more; all else goes on`);
  });
  screen.part(server.name, server.address, since);
  return { name: server.name, address: server.address };
}

/** The processes with metrics that this start has. */
export const targetsOf = (config: LauncherConfig, hasShop: boolean): Target[] => [
  targetOf(analyticsWorker, `http://127.0.0.1:${config.OPS_PORT}`),
  targetOf(platformConsole, `http://127.0.0.1:${config.CONSOLE_PORT}`),
  ...(hasShop ? SHOP.map((service) => targetOf(service, serviceAddress(config, service.name))) : []),
];

/** In a laptop's cluster the worker has a namespace of its own name. */
const targetOf = ({ name, runsOn }: Process, url: string): Target => ({
  address: new URL(url).host,
  process: name,
  namespace: runsOn === 'eks' ? SERVICES_NAMESPACE : name,
});
