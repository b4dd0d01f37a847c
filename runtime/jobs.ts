// Work that a service does by the clock, or earlier when its bell rings. Every replica tries; one at a time runs a job.
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bell, createBell } from './bell.ts';
import { messageOf } from './errors.ts';
import type { Logger } from './log.ts';
import { Counter, type Registry } from './metrics.ts';
import type { ExclusiveRunner } from './postgres/leadership.ts';
import { inLateSpan } from './spans.ts';

export interface Job {
  /** Unique within the service. */
  readonly name: string;
  /** Longest pause between two runs. */
  readonly everyMs: number;
  /** Must be repeatable: a run may be cut off anywhere. */
  readonly run: () => Promise<void>;
  /** When there will be work again, in ms from now; asked after each run. Undefined: not that we know of. @default unknown */
  readonly nextDueMs?: () => Promise<number | undefined>;
  /** Rung by what makes work for it in this process. @default a bell that never rings */
  readonly bell?: Bell;
}

/**
 * A job that removes what is old in steps, each short enough to hold nothing up, one after another until nothing old is left: however much
 * has gathered, it never falls behind.
 * @param step true when it removed as much as a step may: there is more
 */
export function purgeJob(name: string, everyMs: number, step: () => Promise<boolean>): Job {
  let isMore = false;
  return {
    name,
    everyMs,
    run: async () => {
      isMore = await step();
    },
    nextDueMs: async () => (isMore ? 0 : undefined),
  };
}

export interface JobSurroundings {
  /** Shared by all replicas. */
  readonly runExclusively: ExclusiveRunner;
  readonly schema: string;
  readonly log: Logger;
  readonly registry: Registry;
}

/** Starts all jobs; the function returned starts no more and waits for the runs in progress. */
export function startJobs(jobs: readonly Job[], surroundings: JobSurroundings): () => Promise<void> {
  const ending = new AbortController();
  const runs = new Counter({
    name: 'job_runs_total',
    help: 'Runs of jobs by their outcome: done, failed, or elsewhere (another replica is running it)',
    labelNames: ['job', 'outcome'],
    registers: [surroundings.registry],
  });
  const working = jobs.map(async (job) => {
    const { name, everyMs, bell = createBell() } = job;
    while (!ending.signal.aborted) {
      const { outcome, nextMs } = await runOnce(job, surroundings);
      runs.inc({ job: name, outcome });
      await sleep(PAUSE_MS_MIN, undefined, { signal: ending.signal }).catch(() => {});
      await bell.heard(Math.min(everyMs, nextMs), ending.signal);
    }
  });
  return async () => {
    ending.abort();
    await Promise.all(working);
  };
}

interface Run {
  readonly outcome: 'done' | 'elsewhere' | 'failed';
  /** Until the next one. */
  readonly nextMs: number;
}

/** After a run that failed, or that another replica was doing. */
const AGAIN_MS = 1_000;
/**
 * Between two runs, also while the bell rings on: a run then serves several rings. And work that is due and that a run does not take
 * must not keep the processor busy.
 */
const PAUSE_MS_MIN = 100;

async function runOnce(job: Job, surroundings: JobSurroundings): Promise<Run> {
  try {
    const { runExclusively, schema } = surroundings;
    const done = await runExclusively(lockKey(`${schema}/${job.name}`), () =>
      inLateSpan(`job ${job.name}`, job.run),
    );
    if (!done) return { outcome: 'elsewhere', nextMs: AGAIN_MS };
    const dueMs = await job.nextDueMs?.();
    return { outcome: 'done', nextMs: Math.max(0, (dueMs ?? job.everyMs) - PAUSE_MS_MIN) };
  } catch (error) {
    surroundings.log.warn({ job: job.name, reason: messageOf(error) }, 'job failed; it is tried again');
    return { outcome: 'failed', nextMs: AGAIN_MS };
  }
}

/** 48 bits of a hash: exact as a number, and far more than there are jobs. */
const lockKey = (name: string): number => createHash('sha256').update(name).digest().readUIntBE(0, 6);
