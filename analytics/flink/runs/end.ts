// Hands a topic back to Node: ends a run where Flink has written everything, with the ids remembered that Node goes on with.
import { AppError } from '#runtime/errors.ts';
import type { KafkaClient } from '#runtime/kafka/client.ts';
import type { Logger } from '#runtime/log.ts';
import { inTransaction, type Pool, type PoolClient } from '#runtime/postgres/database.ts';
import type { LogEnds } from '../../log-ends.ts';
import { ADD_SEEN_IDS, LOCK_RUNS } from '../../state.sql.ts';
import { loadSeenIds } from '../../state-rows.ts';
import { type Cut, openCuts, readCuts } from './cut.ts';
import { rememberIds } from './remembered-ids.ts';
import { currentRun, type Run } from './run.ts';

export interface EndOptions {
  readonly pool: Pool;
  readonly client: KafkaClient;
  /** Without the platform's prefix. */
  readonly topic: string;
  readonly ends: ReadonlyMap<number, LogEnds>;
  /** How many ids Node workers remember of a partition. */
  readonly seenIdsMax: number;
  readonly log: Logger;
}

const RELEASE = `
UPDATE analytics.part_state SET epoch = epoch + 1, owner = 'nobody: the run of Flink is over', idle_since = NULL
WHERE topic_id = $1 AND owner = 'flink:' || $2`;

const CLOSE = `UPDATE analytics.flink_run SET state = $2, over_at = now() WHERE run_id = $1`;

/** The run that holds a topic. @throws AppError `run-none` */
export async function demandRun(client: Pick<PoolClient, 'query'>, topic: string): Promise<Run> {
  const run = await currentRun(client, topic);
  if (!run) throw new AppError('run-none', `no run of Flink holds ${topic}: Node counts it`);
  return run;
}

/** Lets Node claim the topic again. In the transaction that leaves the state as Node is to find it. */
export async function closeRun(client: PoolClient, run: Run, state: 'ended' | 'abandoned'): Promise<void> {
  await client.query(RELEASE, [run.topicId, run.runId]);
  await client.query(CLOSE, [run.runId, state]);
}

/**
 * Ends the run of a topic. Its job should have been stopped with a savepoint before; one that still writes is refused from here on.
 * @throws AppError `run-none`; `run-unflushed` while something is not written, `run-writes` when something was written meanwhile:
 * nothing was changed then.
 */
export async function endRun(options: EndOptions): Promise<Run> {
  const { pool, client, topic, ends, seenIdsMax, log } = options;
  const run = await demandRun(pool, client.nameOf(topic));
  const cuts = await wholeCuts(pool, run);
  // Before the lock: it may take many seconds.
  const memories = await rememberIds({
    client,
    topic,
    seenIdsMax,
    log,
    ends: cuts.map(({ part, countFrom, nextOffset }) => ({
      part,
      countFrom,
      nextOffset,
      earliest: ends.get(part)?.earliest ?? countFrom,
      loadSeen: () =>
        inTransaction(pool, (session) => loadSeenIds(session, { topicId: run.topicId, part }, seenIdsMax)),
    })),
  });
  await inTransaction(pool, async (session) => {
    await session.query(LOCK_RUNS);
    const { runId } = await demandRun(session, run.topic);
    const now = runId === run.runId ? await wholeCuts(session, run) : [];
    if (JSON.stringify(now) !== JSON.stringify(cuts)) {
      throw new AppError('run-writes', `run ${run.runId} went on meanwhile: stop its job, then end it`);
    }
    for (const { part, firstOffset, ids } of memories)
      await session.query(ADD_SEEN_IDS, [run.topicId, part, firstOffset, ids, null]);
    await closeRun(session, run, 'ended');
  });
  return run;
}

async function wholeCuts(client: Pick<PoolClient, 'query'>, run: Run): Promise<Cut[]> {
  const cuts = await readCuts(client, run.runId);
  const open = openCuts(cuts);
  if (open.length === 0) return cuts;
  throw new AppError(
    'run-unflushed',
    `run ${run.runId} has not written everything: stop its job with a savepoint, which flushes it; if it cannot be restored, abandon the run\n${open.join('\n')}`,
    { runId: run.runId },
  );
}
