// The real Prometheus for a spec: on a free port, in a folder of its own, over the targets that the spec names.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../local/ports.ts';
import type { Target } from '../../local/prometheus/laptop-config.ts';
import { type OverlayFiles, readOverlay } from '../../local/prometheus/overlay.ts';
import type { PrometheusPrograms } from '../../local/prometheus/programs.ts';
import { startPrometheus } from '../../local/prometheus.ts';
import { sharedWarden } from '../../local/warden.ts';

/** One series of an answer. */
export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly state: 'pending' | 'firing';
}

export interface PrometheusRig {
  readonly address: string;
  /** @throws Error with Prometheus' own words when it refuses the query */
  query(promql: string): Promise<Sample[]>;
  /** Those that are pending or firing. */
  alerts(): Promise<Alert[]>;
  stop(): Promise<void>;
}

export interface RigOptions {
  readonly programs: PrometheusPrograms;
  readonly targets: readonly Target[];
  /** @default what is rendered for a laptop's cluster, asked each second */
  readonly overlay?: OverlayFiles;
}

/** The same files, with targets and rules looked at each second: a spec cannot wait for four samples a minute. */
export async function hurriedOverlay(): Promise<OverlayFiles> {
  const { config, rules } = await readOverlay();
  const global = { ...config.global, scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' };
  return { config: { ...config, global }, rules };
}

export async function startRig({ programs, targets, overlay }: RigOptions): Promise<PrometheusRig> {
  const folder = await mkdtemp(join(tmpdir(), 'prometheus-'));
  const logFile = join(folder, 'prometheus.log');
  (await sharedWarden(join(folder, 'warden.log'))).removeAtEnd(folder);
  const server = await startPrometheus({
    dataDir: folder,
    logFile,
    port: await freePort(),
    programs,
    targets,
    overlay: overlay ?? (await hurriedOverlay()),
  });
  const ask = async <Data>(path: string, form?: Record<string, string>): Promise<Data> => {
    const request = form ? { method: 'POST', body: new URLSearchParams(form) } : {};
    const response = await fetch(`${server.address}/api/v1/${path}`, request);
    const answer = (await response.json()) as { status: string; error?: string; data: Data };
    if (answer.status !== 'success') throw new Error(`${answer.error}: ${JSON.stringify(form)}`);
    return answer.data;
  };
  return {
    address: server.address,
    query: async (query) => {
      const { result } = await ask<{ result: { metric: Sample['metric']; value: [number, string] }[] }>(
        'query',
        { query },
      );
      return result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
    },
    alerts: async () => (await ask<{ alerts: Alert[] }>('alerts')).alerts,
    stop: () => server.stop(),
  };
}
