// The real Prometheus for a spec: on a free port, in a new folder, over the targets that the spec names.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../local/launcher/ports.ts';
import { sharedWarden } from '../../local/launcher/warden.ts';
import type { Target } from '../../local/prometheus/laptop-config.ts';
import { type OverlayFiles, readOverlay } from '../../local/prometheus/overlay.ts';
import type { PrometheusPrograms } from '../../local/prometheus/programs.ts';
import { startPrometheus } from '../../local/prometheus/prometheus.ts';
import { hurriedRules } from './hurried-rules.ts';

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
  /** Addresses of servers that stand in for programs of others; their metrics keep their labels, as kube-state-metrics' do. */
  readonly standIns?: readonly string[];
}

/** What is rendered for a laptop's cluster, with targets and rules looked at each second, and the rules in the same haste. */
async function hurriedOverlay(): Promise<OverlayFiles> {
  const { config, rules } = await readOverlay();
  const global = { ...config.global, scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' };
  return { config: { ...config, global }, rules: hurriedRules(rules) };
}

export async function startRig({ programs, targets, standIns = [] }: RigOptions): Promise<PrometheusRig> {
  const folder = await mkdtemp(join(tmpdir(), 'prometheus-'));
  const logFile = join(folder, 'prometheus.log');
  (await sharedWarden(join(folder, 'warden.log'))).removeAtEnd(folder);
  const server = await startPrometheus({
    dataDir: folder,
    logFile,
    port: await freePort(),
    programs,
    targets,
    overlay: await hurriedOverlay(),
    moreJobs: [{ job_name: 'stand-ins', honor_labels: true, static_configs: [{ targets: [...standIns] }] }],
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
