// The platform's own processes on this machine, each as it runs in the cloud: started, awaited by its /readyz, and started
// again, with growing pauses, when it ends unasked.
import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from '#runtime/backoff.ts';
import { AppError, messageOf } from '#runtime/errors.ts';
import { waitUntilReady } from '../server/ready.ts';
import { rootFolder } from './folders.ts';
import { kill } from './process-identity.ts';
import type { Screen } from './screen.ts';
import type { Ward } from './ward.ts';
import { sharedWarden } from './warden.ts';

/** A process to run. */
export interface ProcessPlan {
  readonly name: string;
  /** From the repository's root. */
  readonly script: string;
  readonly args?: readonly string[];
  /** Its HTTP address, whose `/readyz` says when it is ready. */
  readonly address: string;
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
}

export interface RunningProcess {
  readonly pid: () => number;
  /** Whether it has answered as ready since it was last started. */
  readonly isReady: () => boolean;
  /** Ends it as a crash would: it is started again as after any end. False while it does not run. */
  kill(): boolean;
  stop(): Promise<void>;
}

const READY_MS_MAX = 120_000;
/** The processes drain for 30 s at most. */
const STOP_MS_MAX = 35_000;
const RESTART_MS_MIN = 1_000;
const RESTART_MS_MAX = 30_000;
/** Who ran this long before is restarted as quickly as at first. */
const HEALTHY_MS = 60_000;

/** @throws AppError `server-not-ready`, with its last words, when it ends or stays silent on this first start */
export async function startProcess(plan: ProcessPlan, screen: Screen): Promise<RunningProcess> {
  let ward = await startReady(plan);
  let isReady = true;
  const stopping = new AbortController();
  const keepRunning = async (): Promise<void> => {
    for (let failures = 0; ; failures += 1) {
      const since = Date.now();
      const how = await ward.ended;
      isReady = false;
      if (stopping.signal.aborted) return;
      if (Date.now() - since > HEALTHY_MS) failures = 0;
      const pauseMs = backoffMs(failures, RESTART_MS_MIN, RESTART_MS_MAX);
      screen.warn(
        `${plan.name} ${how}; started again in ${(pauseMs / 1000).toFixed(1)} s (log: ${plan.logFile})`,
      );
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) return;
      try {
        ward = await start(plan);
        await ready(plan, ward);
        isReady = true;
        screen.say(`  ${plan.name} is back`);
      } catch (error) {
        if (!stopping.signal.aborted) screen.warn(messageOf(error));
        await ward.stop();
      }
    }
  };
  void keepRunning();
  return {
    pid: () => ward.identity.pid,
    isReady: () => isReady,
    kill: () => {
      if (!isReady) return false;
      isReady = false;
      kill(ward.identity.pid, 'SIGKILL');
      return true;
    },
    stop: async () => {
      stopping.abort();
      await ward.stop();
    },
  };
}

async function startReady(plan: ProcessPlan): Promise<Ward> {
  const ward = await start(plan);
  try {
    await ready(plan, ward);
    return ward;
  } catch (error) {
    await ward.stop();
    throw error;
  }
}

async function start(plan: ProcessPlan): Promise<Ward> {
  const warden = await sharedWarden(plan.logFile);
  return warden.start({
    name: plan.name,
    command: process.execPath,
    args: [plan.script, ...(plan.args ?? [])],
    folder: rootFolder,
    env: plan.env,
    logFile: plan.logFile,
    stopSignal: 'SIGTERM',
    stopMsMax: STOP_MS_MAX,
  });
}

const ready = (plan: ProcessPlan, ward: Ward): Promise<void> =>
  waitUntilReady(ward, () => answersReady(`${plan.address}/readyz`), READY_MS_MAX);

async function answersReady(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(3_000) });
  const body = await response.text();
  if (!response.ok) throw new AppError('process-not-ready', `HTTP ${response.status}: ${body.slice(0, 300)}`);
}
