// The console's answers about processes, dead letters and reconciliations. Pages import the types alone.
import { z } from 'zod';

const name = z.string().min(1).max(100);
const time = z.iso.datetime();
const count = z.int().nonnegative();

export const processesAnswer = z.object({
  asOf: time,
  isBrokerThere: z.boolean(),
  processes: z.array(
    z.object({
      name,
      runsOn: z.enum(['eks', 'lambda', 'cloud-run-worker-pool']),
      cloud: z.enum(['aws', 'google-cloud']),
      stores: z.array(z.enum(['postgres', 'firestore', 'gcs', 's3'])),
      state: z.enum(['ready', 'degraded', 'not-ready', 'away', 'on-demand', 'reads', 'not-watched']),
      words: z.array(z.string()),
    }),
  ),
  flows: z.array(
    z.object({
      topic: name,
      from: name,
      to: name.optional(),
      /** Null where it is unknown. */
      eventsPerS: z.number().nonnegative().nullable(),
      lag: count.nullable(),
    }),
  ),
});
export type Processes = z.infer<typeof processesAnswer>;
export type ProcessShown = Processes['processes'][number];
export type Flow = Processes['flows'][number];

const replayReport = z.object({
  topic: name,
  startedAt: time,
  endedAt: time.optional(),
  replayed: count,
  left: count,
  hasFailed: z.boolean(),
});
export const deadLettersAnswer = z.object({
  asOf: time,
  topics: z.array(z.object({ topic: name, waiting: count })),
  letters: z.array(
    z.object({
      topic: name,
      partition: count,
      offset: count,
      at: time,
      reason: z.string(),
      detail: z.string(),
      consumer: z.string(),
      /** Where the record itself is: `topic partition/offset`. */
      origin: z.string(),
      isWhole: z.boolean(),
      key: z.string().optional(),
      valueBytes: count,
      isJson: z.boolean(),
      fields: z.array(z.string()),
      unknownFieldCount: count,
    }),
  ),
  replay: replayReport.optional(),
});
export const replayAnswer = replayReport;
export type DeadLetters = z.infer<typeof deadLettersAnswer>;
export type DeadLetter = DeadLetters['letters'][number];
export type ReplayReport = z.infer<typeof replayReport>;

const reconciliationName = z.enum(['counts', 'orders', 'payments']);
export const reconciliationsAnswer = z.object({
  asOf: time,
  reconciliations: z.array(
    z.object({
      name: reconciliationName,
      last: z
        .object({
          startedAt: time,
          endedAt: time,
          outcome: z.enum(['equal', 'different', 'unfinished', 'could-not-look']),
          words: z.string(),
          differenceCount: count,
          pendingCount: count,
          findings: z.array(z.object({ where: z.string(), key: z.string(), what: z.string() })),
        })
        .optional(),
      runningSince: time.optional(),
    }),
  ),
});
export const runAnswer = z.object({ name: reconciliationName });
export type Reconciliations = z.infer<typeof reconciliationsAnswer>;
export type Reconciliation = Reconciliations['reconciliations'][number];
export type ReconciliationName = z.infer<typeof reconciliationName>;
