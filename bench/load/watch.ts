// Measures what each process of the running platform uses, every two seconds while something runs.
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessUse } from '../../k8s/load/measured.ts';
import { residentMiB } from '../../test/faults/running-worker.ts';
import { recordedRun } from '../../test/launcher.ts';
import { processorSeconds } from '../processor-time.ts';
import { percentile } from './tally.ts';

interface Watched {
  readonly name: string;
  readonly pid: number;
  /** Where its metrics are. */
  readonly address: string;
}

interface Sample {
  readonly cores: number;
  readonly rssMiB: number;
  /** Most since the process began: what takes memory for a third of a second, as a password hash does, is between two looks. */
  readonly peakMiB: number;
  readonly heapMiB: number;
  readonly lag: number;
}

const SAMPLE_EVERY_MS = 2_000;
const OURS = /^(\w+) (service|worker)$/;

/** What a process used, without the cost of measuring it. */
export type Use = Omit<ProcessUse, 'requestsPerSecond'>;

/** Services and the worker, by what the launcher has on record. */
export async function watchedProcesses(folder: string): Promise<Watched[]> {
  const { processes, addresses } = await recordedRun(folder);
  return processes.flatMap(({ name, identity }) => {
    const short = OURS.exec(name)?.[1];
    const address = addresses[name];
    return short && address ? [{ name: short, pid: identity.pid, address }] : [];
  });
}

/** Starts to watch; the result returns what was used since then. */
export function watch(watched: readonly Watched[]): () => Promise<Use[]> {
  const ending = new AbortController();
  const samples = sampleUntil(watched, ending.signal);
  return async () => {
    ending.abort();
    const byName = await samples;
    return watched.map(({ name }) => useOf(name, byName.get(name) ?? []));
  };
}

async function sampleUntil(watched: readonly Watched[], signal: AbortSignal): Promise<Map<string, Sample[]>> {
  const samples = new Map(watched.map(({ name }): [string, Sample[]] => [name, []]));
  let before = await processorSeconds(watched);
  let at = performance.now();
  while (!signal.aborted) {
    await sleep(SAMPLE_EVERY_MS, undefined, { signal }).catch(() => {});
    const after = await processorSeconds(watched);
    const seconds = (performance.now() - at) / 1_000;
    // The last one may be short, and a tick of the clock weigh much in it.
    if (seconds > 1) {
      for (const one of watched) samples.get(one.name)!.push(await sample(one, before, after, seconds));
    }
    before = after;
    at = performance.now();
  }
  return samples;
}

async function sample(
  { name, pid, address }: Watched,
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
  seconds: number,
): Promise<Sample> {
  const metrics = await (await fetch(`${address}/metrics`)).text();
  return {
    cores: (after[name]! - before[name]!) / seconds,
    rssMiB: residentMiB(pid),
    peakMiB: await peakMiB(pid),
    heapMiB: sumOf(metrics, 'nodejs_heap_size_used_bytes') / 1_048_576,
    lag: sumOf(metrics, 'kafka_consumer_lag_records'),
  };
}

/** proc(5): VmHWM, where the system has it. */
async function peakMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1_024;
}

const sumOf = (metrics: string, name: string): number =>
  metrics
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);

function useOf(process: string, samples: readonly Sample[]): Use {
  const of = (what: keyof Sample) => samples.map((sample) => sample[what]);
  const mean = of('cores').reduce((sum, cores) => sum + cores, 0) / Math.max(1, samples.length);
  return {
    process,
    cpuCores: round(mean, 3),
    cpuP95Cores: round(percentile(of('cores'), 0.95), 3),
    rssP95MiB: round(percentile(of('rssMiB'), 0.95), 0),
    rssMaxMiB: round(Math.max(0, ...of('rssMiB'), ...of('peakMiB')), 0),
    heapP95MiB: round(percentile(of('heapMiB'), 0.95), 0),
    lagMax: Math.max(0, ...of('lag')),
  };
}

export const round = (value: number, digits: number): number => Number(value.toFixed(digits));
