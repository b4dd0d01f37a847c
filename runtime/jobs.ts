// Work that a service does by the clock. Every replica looks; for each job one at a time does it, by an advisory lock that lasts
// as long as the run.
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from './errors.ts';
import type { Logger } from './log.ts';
import { Counter, type Registry } from './metrics.ts';
import type { Pool } from './postgres.ts';

export interface Job {
  /** Unique within the service. */
  readonly name: string;
  /** Pause between two runs. */
  readonly everyMs: number;
  /** Must be repeatable: a run may be cut off anywhere. */
  readonly run: () => Promise<void>;
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
    while (!ending.signal.aborted) {
      runs.inc({ job: job.name, outcome: await runOnce(job, surroundings) });
      await sleep(job.everyMs, undefined, { signal: ending.signal }).catch(() => {});
    }
  });
  return async () => {
    ending.abort();
    await Promise.all(working);
  };
}

async function runOnce(job: Job, { pool, schema, log }: JobSurroundings): Promise<string> {
  try {
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
      if (rows[0]?.mine) await job.run();
      await client.query('ROLLBACK');
      return rows[0]?.mine ? 'done' : 'elsewhere';
    } catch (error) {
      failure = error as Error;
      throw error;
    } finally {
      client.release(failure);
    }
  } catch (error) {
    log.warn({ job: job.name, reason: messageOf(error) }, 'job failed; it is tried again');
    return 'failed';
  }
}

/** 48 bits of a hash: exact as a number, and far more than there are jobs. */
const lockKey = (name: string): number => createHash('sha256').update(name).digest().readUIntBE(0, 6);
