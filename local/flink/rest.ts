// Flink's REST interface, as far as a job is looked after by it.
// nightlies.apache.org/flink/flink-docs-release-2.2/docs/ops/rest_api, read 2026-11-28.
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '#runtime/errors.ts';

const ANSWER_MS_MAX = 10_000;
const LOOK_EVERY_MS = 200;
const SAVEPOINT_MS_MAX = 120_000;

/** What a job is doing; `RUNNING` says nothing of its tasks. */
export type JobState =
  | 'INITIALIZING'
  | 'CREATED'
  | 'RUNNING'
  | 'RESTARTING'
  | 'FAILING'
  | 'FAILED'
  | 'FINISHED'
  | 'CANCELED'
  | (string & {});

export interface FlinkRest {
  /** @throws the connection's error while there is no answer */
  overview(): Promise<{ readonly taskmanagers: number; readonly 'slots-available': number }>;
  job(
    id: string,
  ): Promise<{ readonly state: JobState; readonly vertices: readonly { readonly status: string }[] }>;
  /** All that it knows, those that are over too. */
  jobs(): Promise<readonly { readonly jid: string; readonly state: JobState }[]>;
  /** What `pipeline.global-job-parameters` gave it. */
  parameters(id: string): Promise<Readonly<Record<string, string>>>;
  /** How many checkpoints it has completed since it was submitted. */
  checkpoints(id: string): Promise<number>;
  /**
   * Why it failed each of the last times, the newest first; none for a job that never has. A sink that fails to close takes its TaskManager
   * with it, so the newest may be what came of the one before.
   */
  failures(id: string): Promise<readonly string[]>;
  /**
   * Ends the job when all that it read is written; resolves with the savepoint's address.
   * @param folder as a URL @default the cluster's
   */
  stopWithSavepoint(id: string, folder?: string): Promise<string>;
  /** Ends the job as it stands. */
  cancel(id: string): Promise<void>;
}

type Ask = <Answer>(path: string, init?: RequestInit) => Promise<Answer>;

const asking =
  (address: string): Ask =>
  async <Answer>(path: string, init: RequestInit = {}): Promise<Answer> => {
    const response = await fetch(`${address}${path}`, {
      ...init,
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
    const text = await response.text();
    if (!response.ok)
      throw new AppError(
        'flink-refused',
        `Flink answered ${path} with HTTP ${response.status}: ${text.slice(0, 500)}`,
      );
    return (text ? JSON.parse(text) : undefined) as Answer;
  };

interface Exceptions {
  readonly exceptionHistory: { readonly entries: readonly { readonly stacktrace: string }[] };
}

interface JobConfig {
  readonly 'execution-config'?: { readonly 'user-config'?: Readonly<Record<string, string>> };
}

export function flinkRest(address: string): FlinkRest {
  const ask = asking(address);
  const job: FlinkRest['job'] = (id) => ask(`/jobs/${id}`);
  const failures: FlinkRest['failures'] = async (id) =>
    (await ask<Exceptions>(`/jobs/${id}/exceptions`)).exceptionHistory.entries.map(
      ({ stacktrace }) => stacktrace,
    );
  return {
    overview: () => ask('/overview'),
    job,
    jobs: async () => (await ask<{ jobs: { jid: string; state: JobState }[] }>('/jobs/overview')).jobs,
    parameters: async (id) =>
      (await ask<JobConfig>(`/jobs/${id}/config`))['execution-config']?.['user-config'] ?? {},
    checkpoints: async (id) =>
      (await ask<{ counts: { completed: number } }>(`/jobs/${id}/checkpoints`)).counts.completed,
    failures,
    stopWithSavepoint: async (id, targetDirectory) => {
      const body = JSON.stringify({ drain: false, ...(targetDirectory ? { targetDirectory } : {}) });
      const headers = { 'content-type': 'application/json' };
      const { 'request-id': trigger } = await ask<{ 'request-id': string }>(`/jobs/${id}/stop`, {
        method: 'POST',
        body,
        headers,
      });
      return savepoint(ask, `/jobs/${id}/savepoints/${trigger}`);
    },
    cancel: async (id) => {
      await ask(`/jobs/${id}`, { method: 'PATCH' });
      while (!isOver((await job(id)).state)) await sleep(LOOK_EVERY_MS);
    },
  };
}

const OVER: ReadonlySet<string> = new Set(['FAILED', 'FINISHED', 'CANCELED']);

/** Whether a job will never do anything again. */
export const isOver = (state: JobState): boolean => OVER.has(state);

interface SavepointAnswer {
  readonly status: { readonly id: string };
  readonly operation?: {
    readonly location?: string;
    readonly 'failure-cause'?: { readonly 'stack-trace': string };
  };
}

async function savepoint(ask: Ask, path: string): Promise<string> {
  const deadline = performance.now() + SAVEPOINT_MS_MAX;
  for (;;) {
    const { status, operation } = await ask<SavepointAnswer>(path);
    if (operation?.location) return operation.location;
    if (status.id === 'COMPLETED' || performance.now() > deadline) {
      const reason = operation?.['failure-cause']?.['stack-trace'] ?? `none within ${SAVEPOINT_MS_MAX} ms`;
      throw new AppError('savepoint-failed', `Flink made no savepoint: ${reason.slice(0, 1_000)}`);
    }
    await sleep(LOOK_EVERY_MS);
  }
}
