// The claims of one assignment: each assigned partition is claimed once per generation, its place in the log checked
// against what the log still holds. A log that lost offsets halts the worker; nothing is ever reset silently.
import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from '#runtime/backoff.ts';
import { AppError, messageOf } from '#runtime/errors.ts';
import type { Logger } from '#runtime/log.ts';
import type { LogEnds, LogInspector } from './log-ends.ts';
import { type Claim, HeldByFlink, type PartitionState } from './state.ts';

/** What claiming asks of the database. */
export type ClaimStore = Pick<
  PartitionState<never>,
  'claim' | 'recordEnds' | 'recordRunEnds' | 'recordGap' | 'recordRunGap'
>;

/** Who waits for a claim: not current any more, it ends the wait. */
export interface Patient {
  isCurrent(): boolean;
}

export interface ClaimsOptions {
  readonly state: ClaimStore;
  readonly inspector: LogInspector;
  readonly log: Logger;
  readonly onHalt: (error: AppError) => void;
  /** Called for an assigned partition with each end that the broker tells: how many offsets are left to count. */
  readonly onEnd?: (part: number, left: number) => void;
}

export class Claims {
  private readonly options: ClaimsOptions;
  private generation = 0;
  private topicId: Promise<string> | undefined;
  private readonly held = new Map<number, Claim>();
  private readonly claiming = new Map<number, Promise<Claim>>();
  private readonly notBeforeMs = new Map<number, number>();
  private assigned: readonly number[] = [];
  /** A run of Flink holds the topic: the worker waits for its partitions, and reports their ends meanwhile. */
  private isFlinks = false;
  /** The position of a run of Flink in a partition whose log begins after it or ends before it, and how often it was seen there. */
  private readonly lostAt = new Map<number, { readonly position: number; looks: number }>();

  constructor(options: ClaimsOptions) {
    this.options = options;
  }

  /** Starts a generation: another worker may hold the earlier claims now. Claims at once, so that idle partitions count too. */
  assign(partitions: readonly number[]): void {
    this.generation += 1;
    this.topicId = undefined;
    this.assigned = partitions;
    this.isFlinks = false;
    this.lostAt.clear();
    this.held.clear();
    this.claiming.clear();
    this.notBeforeMs.clear();
    for (const part of partitions) void this.reclaim(part);
  }

  /** Claims without a batch at hand, for as long as the generation lasts. */
  reclaim(part: number): Promise<Claim | undefined> {
    const generation = this.generation;
    return this.hold(part, { isCurrent: () => generation === this.generation });
  }

  /** Ends the generation: waits end, nothing new is claimed. */
  close(): void {
    this.assign([]);
  }

  /** Whether nothing advances here because Flink counts: no trouble. */
  isHeldByFlink(): boolean {
    return this.isFlinks;
  }

  /** The claims that are held now. */
  all(): Claim[] {
    return [...this.held.values()];
  }

  /** Drops a claim whose outcome is unknown or refused; the next `hold` claims again, but not before this wait. */
  drop(claim: Claim, waitMs: number): void {
    if (this.held.get(claim.part) !== claim) return;
    this.held.delete(claim.part);
    this.claiming.delete(claim.part);
    this.notBeforeMs.set(claim.part, performance.now() + waitMs);
  }

  /** The claim of a partition, waited for while Postgres or the broker is away; undefined when the wait was ended. */
  async hold(part: number, patient: Patient): Promise<Claim | undefined> {
    for (let attempt = 0; patient.isCurrent(); attempt += 1) {
      const held = this.held.get(part);
      if (held) return held;
      const waitMs = (this.notBeforeMs.get(part) ?? 0) - performance.now();
      if (waitMs > 0) {
        await sleep(waitMs);
        continue;
      }
      try {
        return await this.claimOnce(part);
      } catch (error) {
        if (error instanceof AppError && error.code === 'log-gap') {
          this.options.onHalt(error);
          return undefined;
        }
        this.tellWait(part, attempt, error);
        await sleep(backoffMs(attempt));
      }
    }
    return undefined;
  }

  /** A run of Flink may last for months: it is logged once. */
  private tellWait(part: number, attempt: number, error: unknown): void {
    const { log } = this.options;
    const isFlinks = error instanceof HeldByFlink;
    if (isFlinks) this.isFlinks = true;
    if (isFlinks && attempt > 0) return;
    log[isFlinks ? 'info' : 'warn']({ part, attempt, reason: messageOf(error) }, 'partition not claimed yet');
  }

  private claimOnce(part: number): Promise<Claim> {
    const running = this.claiming.get(part);
    if (running) return running;
    const generation = this.generation;
    const claiming = this.claim(part).then((claim) => {
      if (generation === this.generation) this.held.set(part, claim);
      return claim;
    });
    this.claiming.set(part, claiming);
    claiming.catch(() => this.claiming.delete(part));
    return claiming;
  }

  private async claim(part: number): Promise<Claim> {
    const { state, inspector } = this.options;
    this.topicId ??= inspector.topicId().catch((error: unknown) => {
      this.topicId = undefined;
      throw error;
    });
    const topicId = await this.topicId;
    let ends = await this.endsOf(part);
    const claim = await state.claim(topicId, part, ends.earliest);
    this.isFlinks = false;
    // The holder before may have gone on after the broker was asked; now that the claim is ours it cannot.
    if (claim.nextOffset > ends.end) ends = await this.endsOf(part);
    if (claim.nextOffset >= ends.earliest && claim.nextOffset <= ends.end) return claim;
    const isAccepted = await this.reportGap(
      claim,
      claim.nextOffset < ends.earliest ? ends.earliest : ends.end,
    );
    if (!isAccepted) throw gapError(claim, ends.earliest, ends.end);
    return state.claim(topicId, part, ends.earliest);
  }

  private async endsOf(part: number): Promise<LogEnds> {
    const ends = (await this.options.inspector.ends()).get(part);
    if (!ends) throw new AppError('partition-unknown', `the broker does not show partition ${part} yet`);
    return ends;
  }

  private reportGap(claim: Claim, toOffset: number): Promise<boolean> {
    const { topicId, part, nextOffset: fromOffset } = claim;
    return this.options.state.recordGap({ topicId, part, fromOffset, toOffset });
  }

  /** Holds the claims against the log's ends and notes the ends; a log that shrank halts the worker. */
  async checkEnds(): Promise<void> {
    if (this.isFlinks) await this.recordRunEnds();
    const claims = this.all();
    if (claims.length === 0) return;
    // Read before the broker is asked: while it answers, a claim may move past the end that it reports.
    const positions = claims.map((claim) => claim.nextOffset);
    const ends = await this.options.inspector.ends();
    const claimEnds: [Claim, number][] = [];
    for (const [nth, claim] of claims.entries()) {
      const end = ends.get(claim.part)?.end;
      if (end === undefined) continue;
      if (end < positions[nth]!) return this.halt(claim, positions[nth]!);
      claimEnds.push([claim, end]);
      this.options.onEnd?.(claim.part, end - claim.nextOffset);
    }
    await this.options.state.recordEnds(claimEnds);
  }

  private async recordRunEnds(): Promise<void> {
    const ends = await this.options.inspector.ends();
    const topicId = await this.topicId!;
    const endOf = new Map([...ends].map(([part, { end }]) => [part, end]));
    const reached = await this.options.state.recordRunEnds(topicId, endOf);
    for (const part of this.assigned) {
      const position = reached.get(part);
      if (position === undefined) continue;
      this.options.onEnd?.(part, endOf.get(part)! - position);
      await this.checkRunGap({ topicId, part, position, ends: ends.get(part)! });
    }
  }

  /**
   * Flink's source would silently read on behind lost offsets. Once a gap is recorded, the database refuses what that source writes.
   * Only a run that is still there at the next look has lost something: its reads may not be committed yet, and a broker that has
   * just become leader may report an earlier end.
   */
  private async checkRunGap({ topicId, part, position, ends: { earliest, end } }: RunPlace): Promise<void> {
    if (position >= earliest && position <= end) {
      this.lostAt.delete(part);
      return;
    }
    const lost = this.lostAt.get(part);
    if (lost?.position !== position) {
      this.lostAt.set(part, { position, looks: 1 });
      return;
    }
    lost.looks += 1;
    const toOffset = position < earliest ? earliest : end;
    await this.options.state.recordRunGap({ topicId, part, fromOffset: position, toOffset });
    if (lost.looks > 2) return;
    const error = gapError({ topicId, part, nextOffset: position }, earliest, end);
    this.options.log.error({ facts: error.facts }, error.message);
  }

  private async halt(claim: Claim, position: number): Promise<void> {
    // A broker that has just become leader may report an earlier end for a moment: only an end that stays behind is a loss.
    const again = (await this.endsOf(claim.part)).end;
    if (again >= position) return;
    await this.reportGap(claim, again);
    this.options.onHalt(gapError(claim, 0, again));
  }
}

/** The position of a run of Flink, and what the log has. */
interface RunPlace {
  readonly topicId: string;
  readonly part: number;
  readonly position: number;
  readonly ends: LogEnds;
}

type Position = Pick<Claim, 'topicId' | 'part' | 'nextOffset'>;

function gapError(claim: Position, earliest: number, end: number): AppError {
  const problem =
    claim.nextOffset < earliest
      ? `offsets ${claim.nextOffset} to ${earliest - 1} are gone from the log`
      : `the log ends at ${end}, before our position ${claim.nextOffset}: it was truncated`;
  return new AppError(
    'log-gap',
    `partition ${claim.part}: ${problem}. Nothing was skipped. The gap stands in analytics.log_gap; see docs/runbooks/log-gap.md`,
    { part: claim.part, topicId: claim.topicId, nextOffset: claim.nextOffset, earliest, end },
  );
}
