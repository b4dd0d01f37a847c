// What the state of partitions promises to `Claims` and `Worker`, and one without a database.
import { expect } from '@jest/globals';
import type { ClaimStore } from '../../analytics/claims.ts';
import type { FoldedBatch } from '../../analytics/fold.ts';
import { PackedIds, SeenIds } from '../../analytics/seen-ids.ts';
import {
  type Claim,
  FencedError,
  HeldByFlink,
  type LogGap,
  type PartitionState,
} from '../../analytics/state.ts';
import type { Contract } from './contract.ts';

export const TOPIC_ID = 'topic-id';
export type StatePort = ClaimStore & Pick<PartitionState<readonly string[]>, 'commit'>;

/** The state of one topic, and what happens to it by others than workers. */
export interface StateStage {
  /** A worker's way to the state. */
  worker(): StatePort;
  /** Rows that commits have added, in their order. */
  rows(): Promise<readonly string[]>;
  acceptGaps(): Promise<void>;
  /** Gives the topic, of one partition, to a run of Flink; and takes it back. */
  beginRun(): Promise<void>;
  abandonRun(): Promise<void>;
}

export type Breakage =
  | 'refuses nobody'
  | 'ignores the epoch'
  | 'ignores the position'
  | 'saves rows before the fence'
  | 'forgets ids'
  | 'ignores runs of Flink'
  | 'accepts every gap';

interface PartitionRow {
  nextOffset: number;
  epoch: number;
  maxTimeMs: number | undefined;
  ids: Buffer[];
  isFlinks: boolean;
}

/** One topic in the memory of this process. @param breakage for negative controls */
export const stateInMemory = (breakage?: Breakage): StateStage => new StateInMemory(breakage);

/** The methods of a worker are fields, so that a spec can replace one of them. */
class StateInMemory implements StateStage, StatePort {
  private readonly breakage: Breakage | undefined;
  private readonly saved: string[] = [];
  private readonly parts = new Map<number, PartitionRow>();
  /** Whether a person has accepted the gap, by its place. */
  private readonly gaps = new Map<string, boolean>();
  private isFlinks = false;

  constructor(breakage: Breakage | undefined) {
    this.breakage = breakage;
  }

  readonly worker = (): StatePort => this;
  readonly rows = async (): Promise<readonly string[]> => this.saved;

  readonly claim: StatePort['claim'] = async (topicId, part, earliestOffset) => {
    if (this.isFlinks && this.breakage !== 'ignores runs of Flink') throw new HeldByFlink('images');
    const row = this.take(part, earliestOffset);
    row.isFlinks = false;
    return claimOf(topicId, part, row, this.breakage === 'forgets ids');
  };

  readonly commit: StatePort['commit'] = async (claim, batch) => {
    const { breakage } = this;
    const row = this.parts.get(claim.part)!;
    if (breakage === 'saves rows before the fence') this.saved.push(...batch.rows);
    const isAnybody = breakage === 'refuses nobody';
    const isHolder = row.epoch === claim.epoch || isAnybody || breakage === 'ignores the epoch';
    const isThere = row.nextOffset === batch.fromOffset || isAnybody || breakage === 'ignores the position';
    if (!isHolder || !isThere) throw new FencedError(claim);
    Object.assign(row, { nextOffset: batch.nextOffset, maxTimeMs: batch.maxTimeMs });
    row.ids.push(batch.ids.toBuffer());
    if (breakage !== 'saves rows before the fence') this.saved.push(...batch.rows);
  };

  readonly recordEnds: StatePort['recordEnds'] = async () => {};

  readonly recordRunEnds: StatePort['recordRunEnds'] = async (_topicId, ends) => {
    const ofRun = [...this.parts].filter(([part, row]) => row.isFlinks && ends.has(part));
    return new Map(ofRun.map(([part, row]) => [part, row.nextOffset]));
  };

  readonly recordGap: StatePort['recordGap'] = async (gap) => {
    if (!this.noteGap(gap)) return false;
    const row = this.parts.get(gap.part)!;
    if (row.nextOffset === gap.fromOffset)
      Object.assign(row, { nextOffset: gap.toOffset, epoch: row.epoch + 1 });
    return true;
  };

  readonly recordRunGap: StatePort['recordRunGap'] = async (gap) => void this.noteGap(gap);

  async acceptGaps(): Promise<void> {
    for (const place of this.gaps.keys()) this.gaps.set(place, true);
  }

  async beginRun(): Promise<void> {
    this.isFlinks = true;
    this.take(0, 0).isFlinks = true;
  }

  async abandonRun(): Promise<void> {
    this.isFlinks = false;
  }

  private noteGap({ part, fromOffset }: LogGap): boolean {
    const place = `${part}/${fromOffset}`;
    if (!this.gaps.has(place)) this.gaps.set(place, this.breakage === 'accepts every gap');
    return this.gaps.get(place)!;
  }

  private take(part: number, earliestOffset: number): PartitionRow {
    const row = this.parts.get(part) ?? newRow(earliestOffset);
    this.parts.set(part, row);
    row.epoch += 1;
    return row;
  }
}

const newRow = (nextOffset: number): PartitionRow => ({
  nextOffset,
  epoch: 0,
  maxTimeMs: undefined,
  ids: [],
  isFlinks: false,
});

function claimOf(topicId: string, part: number, row: PartitionRow, isForgetful: boolean): Claim {
  const { epoch, nextOffset, maxTimeMs } = row;
  const seen = new SeenIds(100);
  if (!isForgetful) for (const packed of row.ids) seen.load(packed);
  return { topicId, part, epoch, readOffset: nextOffset, nextOffset, maxTimeMs, seen };
}

/** A batch with an event at each of these offsets. */
function batchOf(fromOffset: number, nextOffset: number): FoldedBatch<readonly string[]> {
  const offsets = Array.from({ length: nextOffset - fromOffset }, (_, at) => fromOffset + at);
  const ids = new PackedIds();
  for (const offset of offsets) ids.push(1, offset + 1);
  return {
    fromOffset,
    nextOffset,
    maxTimeMs: nextOffset * 1_000,
    rows: offsets.map((offset) => `row ${offset}`),
    deadLetters: [],
    ids,
    events: offsets.length,
    repeats: 0,
    absent: 0,
  };
}

export const STATE_CONTRACT: Contract<StateStage> = [
  [
    'gives a partition that nobody had from its earliest offset on, and to the next one as it is',
    async (stage) => {
      const first = await stage.worker().claim(TOPIC_ID, 0, 5);
      expect(first).toMatchObject({ part: 0, nextOffset: 5, readOffset: 5, maxTimeMs: undefined });
      const second = await stage.worker().claim(TOPIC_ID, 0, 6);
      expect(second.nextOffset).toBe(5);
      expect(second.epoch).toBeGreaterThan(first.epoch);
    },
  ],
  [
    'begins where the last commit ended, with its ids and its greatest event time',
    async (stage) => {
      const worker = stage.worker();
      await worker.commit(await worker.claim(TOPIC_ID, 0, 0), batchOf(0, 3), 9);
      expect(await stage.rows()).toEqual(['row 0', 'row 1', 'row 2']);
      const next = await stage.worker().claim(TOPIC_ID, 0, 0);
      expect(next).toMatchObject({ nextOffset: 3, maxTimeMs: 3_000 });
      expect([1, 2, 3, 4].map((low) => next.seen.add(1, low))).toEqual([false, false, false, true]);
    },
  ],
  [
    'refuses the commit of a former holder, and saves nothing of it',
    async (stage) => {
      const former = await stage.worker().claim(TOPIC_ID, 0, 0);
      const current = await stage.worker().claim(TOPIC_ID, 0, 0);
      await expect(stage.worker().commit(former, batchOf(0, 3), 3)).rejects.toThrow(FencedError);
      expect(await stage.rows()).toEqual([]);
      await stage.worker().commit(current, batchOf(0, 1), 3);
      expect(await stage.rows()).toEqual(['row 0']);
    },
  ],
  [
    'refuses a commit that does not begin at the position, and saves nothing of it',
    async (stage) => {
      const worker = stage.worker();
      const claim = await worker.claim(TOPIC_ID, 0, 0);
      await worker.commit(claim, batchOf(0, 2), 5);
      for (const again of [batchOf(0, 2), batchOf(3, 5)])
        await expect(worker.commit(claim, again, 5)).rejects.toThrow(FencedError);
      expect(await stage.rows()).toEqual(['row 0', 'row 1']);
    },
  ],
  [
    'gives nobody a partition of a topic that a run of Flink holds',
    async (stage) => {
      await stage.beginRun();
      await expect(stage.worker().claim(TOPIC_ID, 0, 0)).rejects.toThrow(HeldByFlink);
      await stage.abandonRun();
      expect((await stage.worker().claim(TOPIC_ID, 0, 0)).nextOffset).toBe(0);
    },
  ],
  [
    'tells the positions of a run of Flink, and of no worker',
    async (stage) => {
      const ends = new Map([[0, 9]]);
      await stage.beginRun();
      expect([...(await stage.worker().recordRunEnds(TOPIC_ID, ends))]).toEqual([[0, 0]]);
      await stage.abandonRun();
      await stage.worker().claim(TOPIC_ID, 0, 0);
      expect([...(await stage.worker().recordRunEnds(TOPIC_ID, ends))]).toEqual([]);
    },
  ],
  [
    'moves behind a gap once a person accepts it, and refuses who held the partition before',
    async (stage) => {
      const worker = stage.worker();
      const claim = await worker.claim(TOPIC_ID, 0, 0);
      const gap = { topicId: TOPIC_ID, part: 0, fromOffset: 0, toOffset: 4 };
      expect([await worker.recordGap(gap), await worker.recordGap(gap)]).toEqual([false, false]);
      await stage.acceptGaps();
      expect(await worker.recordGap(gap)).toBe(true);
      await expect(worker.commit(claim, batchOf(4, 5), 5)).rejects.toThrow(FencedError);
      expect((await worker.claim(TOPIC_ID, 0, 4)).nextOffset).toBe(4);
    },
  ],
];
