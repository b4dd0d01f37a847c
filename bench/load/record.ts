// Records a run: watches the processes during the load, and writes k8s/load/measured.json and the page made of it.
import { existsSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  MEASURED_FILE,
  type Measured,
  type MeasuredStep,
  type ProcessUse,
  readMeasured,
} from '../../k8s/load/measured.ts';
import { SCALING_PAGE, scalingPage } from '../../k8s/load/scaling-page.ts';
import type { LoadStep } from '../../k8s/load/scenario/profiles.ts';
import { localFolder, rootFolder } from '../../local/launcher/folders.ts';
import { figuresOf, type Tally } from './tally.ts';
import { round, type Use, watch, watchedProcesses } from './watch.ts';

/** Takes notes of one run. */
export interface Recorder {
  /** The load begins now. */
  begin(): Promise<void>;
  step(step: LoadStep, tally: Tally): Promise<void>;
  /** Ends the watching too. */
  write(customers: number): Promise<void>;
}

const IDLE_S = 20;
/** Runs that the page is made of. */
const RECORDED = new Set(['load', 'stress']);

/** Watches a while without load first. @throws TypeError for a profile too short to show anything */
export async function startRecorder(profile: string, say: (line: string) => void): Promise<Recorder> {
  if (!RECORDED.has(profile)) throw new TypeError(`--report needs the profile ${[...RECORDED].join(' or ')}`);
  const watched = await watchedProcesses(localFolder());
  const busyBefore = round(loadavg()[0]!, 1);
  say(`watching ${watched.length} processes for ${IDLE_S} s at rest`);
  const idling = watch(watched);
  await sleep(IDLE_S * 1_000);
  const unasked = (use: Use): ProcessUse => ({ ...use, requestsPerSecond: 0 });
  const idle = (await idling()).map(unasked);
  let opening: ProcessUse[] = [];
  const steps: MeasuredStep[] = [];
  let watching = watch(watched);
  return {
    begin: async () => {
      opening = (await watching()).map(unasked);
      watching = watch(watched);
    },
    step: async (step, tally) => {
      const uses = await watching();
      watching = watch(watched);
      steps.push(measuredStep(step, tally, uses));
    },
    write: async (customers) => {
      await watching();
      const run = { measuredOn: today(), machine: machine(), busyBefore, customers, opening, steps };
      const before = existsSync(MEASURED_FILE) ? readMeasured() : ({} as Partial<Measured>);
      const measured = { ...before, idle, [profile]: run };
      writeFileSync(MEASURED_FILE, `${JSON.stringify(measured, null, 2)}\n`);
      if (measured.load && measured.stress) writePage(measured as Measured);
    },
  };
}

export const writePage = (measured: Measured): void =>
  writeFileSync(join(rootFolder, SCALING_PAGE), scalingPage(measured));

function measuredStep(step: LoadStep, tally: Tally, uses: readonly Use[]): MeasuredStep {
  const figures = figuresOf([tally]);
  const perSecond = (count: number): number => round(count / step.seconds, 1);
  return {
    ...step,
    requestsPerSecond: perSecond(figures.count),
    p50Ms: round(figures.p50Ms, 0),
    p95Ms: round(figures.p95Ms, 0),
    p99Ms: round(figures.p99Ms, 0),
    requestCount: figures.count,
    failedCount: figures.failedCount,
    droppedCount: figures.droppedCount,
    orderCount: [...figures.orders.values()].reduce((sum, count) => sum + count, 0),
    orderEndP95Ms: round(figures.orderEndP95Ms, 0),
    busy: round(loadavg()[0]!, 1),
    processes: uses.map((use) => ({
      ...use,
      requestsPerSecond: perSecond(figures.countByService.get(use.process) ?? 0),
    })),
  };
}

const today = (): string => new Date().toISOString().slice(0, 10);

/** The machine in words that do not identify it. */
const machine = (): string =>
  `${cpus().length} cores and ${Math.round(totalmem() / 1_073_741_824)} GiB of memory (${process.platform}), Node ${process.versions.node}`;
