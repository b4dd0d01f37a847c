// What a measured run has shown, as `npm run load -- --profile load --report` records it in measured.json: sizes.ts, scaling.ts and
// docs/scaling.md rest on it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a process used while it was watched. */
export interface ProcessUse {
  /** As contracts/ names it. */
  readonly process: string;
  /** Of customers; what other processes ask is not in it. */
  readonly requestsPerSecond: number;
  /** Mean of the time. */
  readonly cpuCores: number;
  readonly cpuP95Cores: number;
  readonly rssP95MiB: number;
  /** Since the process began. */
  readonly rssMaxMiB: number;
  /** Of JavaScript's objects alone. */
  readonly heapP95MiB: number;
  /** Most records behind the end of a topic, all partitions together; 0 for who consumes nothing. */
  readonly lagMax: number;
}

export interface MeasuredStep {
  readonly journeysPerSecond: number;
  readonly seconds: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly requestCount: number;
  readonly failedCount: number;
  readonly droppedCount: number;
  readonly orderCount: number;
  /** From placed until the customer saw how it ended. */
  readonly orderEndP95Ms: number;
  /** Processes on the machine that wanted a core at the end of the step, the mean of a minute: more than it has cores, and all wait. */
  readonly busy: number;
  readonly processes: readonly ProcessUse[];
}

export interface MeasuredRun {
  /** Such as `2026-11-28`. */
  readonly measuredOn: string;
  /** In plain words. */
  readonly machine: string;
  /** The same in the minute before the run: other work on the machine, which makes the run slower than the shop is. */
  readonly busyBefore: number;
  readonly customers: number;
  /** While the customers registered and signed in, as fast as they may: passwords are hashed then. */
  readonly opening: readonly ProcessUse[];
  readonly steps: readonly MeasuredStep[];
}

export interface Measured {
  /** Without any requests. */
  readonly idle: readonly ProcessUse[];
  readonly load: MeasuredRun;
  readonly stress: MeasuredRun;
}

export const MEASURED_FILE = join(import.meta.dirname, 'measured.json');

export const readMeasured = (): Measured => JSON.parse(readFileSync(MEASURED_FILE, 'utf8')) as Measured;
