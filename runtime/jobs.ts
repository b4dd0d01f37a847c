// Work that a service does by the clock, or earlier when its bell rings. Every replica looks; for each job one at a time does it,
// by an advisory lock that lasts as long as the run.
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bell, createBell } from './bell.ts';
import { messageOf } from './errors.ts';
import type { Logger } from './log.ts';
import { Counter, type Registry } from './metrics.ts';
import type { Pool } from './postgres/database.ts';
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
  /** Rung by whoever makes work for it in this process. @default a bell that nobody rings */
  readonly bell?: Bell;
}

/**
 * A job that removes what is old in steps, each short enough to hold nobody up, one after another until nothing old is left: however much
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
  readonly pool: Pool;
  readonly schema: string;
  readonly log: Logger;
  readonly registry: Registry;
}

/** Starts all jobs; the function returned waits for the runs in hand and starts no more. */
export function startJobs(jobs: readonly Job[], surroundings: JobSurroundings): () => Promise<void> {
  const ending = new AbortController();
  const runs = new Counter({
    name: 'job_runs_total',
    help: 'Runs of jobs by their outcome: done, failed, or elsewhere (another replica has it in hand)',
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

/** After a run that failed, or that another replica had in hand while we wanted it. */
const AGAIN_MS = 1_000;
/**
 * Between two runs, also while the bell rings on: a run then serves several rings. And work that is due and that a run does not take
 * must not keep the processor busy.
 */
const PAUSE_MS_MIN = 100;

async function runOnce(job: Job, surroundings: JobSurroundings): Promise<Run> {
  try {
    if (!(await runLocked(job, surroundings))) return { outcome: 'elsewhere', nextMs: AGAIN_MS };
    const dueMs = await job.nextDueMs?.();
    return { outcome: 'done', nextMs: Math.max(0, (dueMs ?? job.everyMs) - PAUSE_MS_MIN) };
  } catch (error) {
    surroundings.log.warn({ job: job.name, reason: messageOf(error) }, 'job failed; it is tried again');
    return { outcome: 'failed', nextMs: AGAIN_MS };
  }
}

/** False while another process runs the job. */
async function runLocked(job: Job, { pool, schema }: JobSurroundings): Promise<boolean> {
  const client = await pool.connect();
  let failure: Error | undefined;
  try {
    // Held by an open transaction, so that a lost connection lets it go.
    await client.query('BEGIN');
    // The pool's own limit is for waiting requests, not for a lock that must be held through a long run.
    await client.query('SET LOCAL idle_in_transaction_session_timeout = 0');
    const { rows } = await client.query<{ mine: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS mine', [
      lockKey(`${schema}/${job.name}`),
    ]);
    const isOurs = rows[0]?.mine ?? false;
    if (isOurs) await inLateSpan(`job ${job.name}`, job.run);
    await client.query('ROLLBACK');
    return isOurs;
  } catch (error) {
    failure = error as Error;
    throw error;
  } finally {
    client.release(failure);
  }
}

/** 48 bits of a hash: exact as a number, and far more than there are jobs. */
const lockKey = (name: string): number => createHash('sha256').update(name).digest().readUIntBE(0, 6);
