import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import { analyticsWorker, PROCESSES } from '#contracts/processes.ts';
import { loadConfig } from '#runtime/config.ts';
import { NAMESPACES } from '../../k8s/namespaces.ts';
import { prometheusConfig, scrapeConfigs } from '../../k8s/observability/scrape.ts';
import { targetsOf } from '../../local/launcher/metrics.ts';
import { launcherConfig } from '../../local/launcher/settings.ts';
import { discoveredLabels, laptopConfig, type Target } from '../../local/prometheus/laptop-config.ts';
import { readOverlay } from '../../local/prometheus/overlay.ts';
import { type MetricsServer, startMetricsServer } from './metrics-server.ts';
import { type PrometheusRig, type Sample, startRig } from './rig.ts';
import { describeWithPrometheus } from './with-prometheus.ts';

const TARGET: Target = { address: '127.0.0.1:4014', process: 'order', namespace: 'shop' };

describe('the configuration of npm start', () => {
  it('is that of a laptop’s cluster, except for how targets are found', async () => {
    const { config } = await readOverlay();
    const { global, scrape_configs } = laptopConfig(config, { targets: [TARGET], ruleFiles: [] });
    expect(global).toEqual(config.global);
    const { kubernetes_sd_configs, ...shared } = config.scrape_configs.find(
      ({ job_name }) => job_name === 'services',
    )!;
    expect(kubernetes_sd_configs).toBeDefined();
    expect(scrape_configs).toEqual([
      { ...shared, static_configs: [{ targets: ['127.0.0.1:4014'], labels: discoveredLabels(TARGET) }] },
    ]);
  });

  it('gives each target the labels that the relabelings ask for', () => {
    const asked = scrapeConfigs()
      .find(({ job_name }) => job_name === 'services')!
      .relabel_configs.flatMap(({ source_labels }) => source_labels);
    expect(Object.keys(discoveredLabels(TARGET)).toSorted()).toEqual([...new Set(asked)].toSorted());
  });

  it('has every process that serves metrics, in the namespace that it has in a cluster', () => {
    const targets = targetsOf(loadConfig(launcherConfig, {}), true);
    const serving = PROCESSES.filter(({ port }) => port !== undefined).map(({ name }) => name);
    expect(targets.map(({ process }) => process).toSorted()).toEqual(serving.toSorted());
    const namespaces = targets.map(({ process, namespace }) => [process, namespace]);
    for (const [process, namespace] of namespaces)
      expect(namespace).toBe(process === analyticsWorker.name ? NAMESPACES.analytics : NAMESPACES.shop);
  });

  it('is refused where the overlay has no job of our processes', () => {
    const cluster = { global: {}, rule_files: [], scrape_configs: [{ job_name: 'others' }] };
    expect(() => laptopConfig(cluster, { targets: [], ruleFiles: [] })).toThrow('has no job services');
  });
});

await describeWithPrometheus('what Prometheus reads', (programs) => {
  let server: MetricsServer;
  let rig: PrometheusRig;
  beforeAll(async () => {
    server = await startMetricsServer(() => 'job_runs_total{process="order",job="expiry"} 3\n');
    rig = await startRig({ programs, targets: [{ ...TARGET, address: server.address }] });
  });
  afterAll(async () => {
    await rig?.stop();
    await server?.stop();
  });

  const first = async (query: string): Promise<Sample> => {
    for (;;) {
      const [sample] = await rig.query(query);
      if (sample) return sample;
      await sleep(100);
    }
  };

  it('has the labels that a cluster gives', async () => {
    const { metric } = await first('up');
    expect(metric).toEqual({
      __name__: 'up',
      instance: server.address,
      job: 'order',
      namespace: 'shop',
      pod: 'order',
    });
  });

  it('keeps a label of ours that a target’s would cover', async () => {
    const { metric, value } = await first('job_runs_total');
    expect(value).toBe(3);
    expect(metric).toMatchObject({ process: 'order', job: 'expiry', pod: 'order' });
  });

  it('answers an invalid query with the reason', async () => {
    await expect(rig.query('rate(')).rejects.toThrow('parse error');
  });

  const folder = mkdtempSync(join(tmpdir(), 'prometheus-config-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const check = (config: object) => {
    const file = join(folder, 'prometheus.yml');
    writeFileSync(file, stringify(config));
    // Files of a pod are not here.
    return spawnSync(programs.promtool, ['check', 'config', '--syntax-only', file], { encoding: 'utf8' });
  };

  it('makes a configuration that promtool accepts, and an unknown setting is refused', () => {
    const { scrape_configs, ...others } = prometheusConfig({ alertmanager: 'alertmanager:9093' });
    // Debian builds it without the discovery of Kubernetes.
    const jobs = scrape_configs.map(({ kubernetes_sd_configs: _discovery, ...job }) => job);
    const config = { ...others, scrape_configs: jobs };
    expect(check(config)).toMatchObject({ status: 0 });
    const { status, stderr } = check({ ...config, scrape_interval: '15s' });
    expect(status).toBe(1);
    expect(stderr).toContain('scrape_interval');
  });
});
