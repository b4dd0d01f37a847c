// The worker and its claims over the fakes whose contracts Postgres keeps too (test/ports/).
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { PartitionBatch } from '#runtime/kafka/group-consumer.ts';
import type { FetchedRecord } from '#runtime/kafka/records.ts';
import { createLogger } from '#runtime/log.ts';
import { LogInMemory } from '../test/ports/log-inspector.ts';
import { type StatePort, stateInMemory } from '../test/ports/partition-state.ts';
import { Claims } from './claims.ts';
import type { LogEvent, Topology } from './fold.ts';
import { Worker } from './worker.ts';

const log = createLogger('spec', 'silent');
const END = 100;

/** Each record becomes a row that names its offset. */
const TOPOLOGY: Topology<LogEvent, readonly string[]> = {
  read: ({ offset }) => ({ ok: true, event: { source: 'spec', id: `${offset}`, timeMs: offset } }),
  begin: () => {
    const rows: string[] = [];
    return { add: ({ id }) => void rows.push(id), rows: () => rows };
  },
};

/** A batch as a fetch from this offset brings it. */
const batchOf = (fetchedOffset: number, nextOffset: number): PartitionBatch => ({
  topic: 'images',
  partition: 0,
  fetchedOffset,
  nextOffset,
  endOffset: END,
  forEachRecord: (visit) => {
    for (let offset = fetchedOffset; offset < nextOffset; offset += 1) visit(recordAt(offset));
  },
  signal: new AbortController().signal,
  isCurrent: () => true,
  commit: () => {},
});
const recordAt = (offset: number): FetchedRecord => ({
  offset,
  timestampMs: offset,
  key: null,
  value: null,
  headers: {},
  rawHeaders: () => [],
});

/** A worker that has been given partition 0; where it was told to read on from, and which commits failed. */
function openWorker(state: StatePort, fencedWaitMs = 1) {
  const seeks: number[] = [];
  const failures: string[] = [];
  const topic = new LogInMemory();
  topic.report(0, { earliest: 0, end: END });
  const claims = new Claims({
    state,
    inspector: topic.inspector,
    log,
    onHalt: (error) => failures.push(error.message),
  });
  const worker = new Worker({
    topology: TOPOLOGY,
    state,
    claims,
    metrics: {
      assigned: () => {},
      committed: () => {},
      commitFailed: (outcome) => failures.push(outcome),
      lag: () => {},
    },
    onRows: () => {},
    log,
    fencedWaitMs,
    seek: (_part, offset) => seeks.push(offset),
  });
  claims.assign([0]);
  const handle = async (from: number, next: number): Promise<number> => worker.handle(batchOf(from, next));
  return { handle, settle: () => worker.settle(), seeks, failures };
}

const until = async (isThere: () => boolean): Promise<void> => {
  while (!isThere()) await sleep(1);
};
const offsets = (from: number, next: number): string[] =>
  Array.from({ length: next - from }, (_, at) => `${from + at}`);

describe('a worker', () => {
  it('counts each record once, in batches that follow each other or overlap', async () => {
    const stage = stateInMemory();
    const { handle, settle } = openWorker(stage.worker());
    expect([await handle(0, 3), await handle(3, 5), await handle(2, 8)]).toEqual([3, 5, 8]);
    await settle();
    expect(await stage.rows()).toEqual(offsets(0, 8));
  });

  it('reads on from its own position where a batch lies behind it, or ahead of it', async () => {
    const stage = stateInMemory();
    const { handle, settle } = openWorker(stage.worker());
    await handle(0, 5);
    expect([await handle(1, 4), await handle(7, 9)]).toEqual([5, 5]);
    await settle();
    expect(await stage.rows()).toEqual(offsets(0, 5));
  });

  it('whose partition another one has claimed adds nothing, and reads on from where that one is', async () => {
    const stage = stateInMemory();
    const former = openWorker(stage.worker());
    await former.handle(0, 3);
    await former.settle();
    const current = openWorker(stage.worker());
    await current.handle(3, 6);
    await current.settle();
    await former.handle(3, 5);
    await until(() => former.seeks.length > 0);
    expect([former.failures, former.seeks, current.failures]).toEqual([['fenced'], [6], []]);
    expect(await stage.rows()).toEqual(offsets(0, 6));
  });

  it.each([
    ['was saved', true, 3],
    ['was not saved', false, 0],
  ])(
    'reads on from what is saved when the outcome of a commit is unknown and it %s',
    async (_, isSaved, position) => {
      const stage = stateInMemory();
      const state = stage.worker();
      let isLost = true;
      const { handle, seeks, failures } = openWorker({
        ...state,
        commit: async (...batch) => {
          if (!isLost || isSaved) await state.commit(...batch);
          if (isLost) throw new Error('connection lost');
        },
      });
      await handle(0, 3);
      await until(() => seeks.length > 0);
      expect([seeks, failures]).toEqual([[position], ['unknown']]);
      isLost = false;
      await handle(position, 6);
      await until(() => failures.length === 1);
      await sleep(5);
      expect(await stage.rows()).toEqual(offsets(0, 6));
    },
  );

  it('commits no batch that was fetched behind one that failed', async () => {
    const stage = stateInMemory();
    const state = stage.worker();
    let commits = 0;
    const { handle, settle, seeks } = openWorker({
      ...state,
      commit: async () => {
        commits += 1;
        throw new Error('connection lost');
      },
    });
    await Promise.all([handle(0, 3), handle(3, 6)]);
    await settle();
    await until(() => seeks.length > 0);
    expect([commits, seeks, await stage.rows()]).toEqual([1, [0], []]);
  });

  it.each([
    ['counts no record twice when another one counts the same batch', undefined, 3],
    ['negative control: counts twice over a state that refuses nobody', 'refuses nobody', 6],
  ] as const)('%s', async (_, breakage, rowsMax) => {
    const stage = stateInMemory(breakage);
    // The one that is refused must not claim again before the other has committed.
    const [one, two] = [openWorker(stage.worker(), 1_000), openWorker(stage.worker(), 1_000)];
    await Promise.all([one.handle(0, 3), two.handle(0, 3)]);
    await Promise.all([one.settle(), two.settle()]);
    const rows = await stage.rows();
    expect([new Set(rows).size, rows.length]).toEqual([3, rowsMax]);
  });
});
