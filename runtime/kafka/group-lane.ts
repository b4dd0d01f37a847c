// One partition of a member: its batches are worked one at a time and in order, while the next one is fetched already. Trouble with
// one lane is none of the others'.
import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from '../backoff.ts';
import { isDoneWithin } from '../deadline.ts';

/** Batches that may wait behind the one at work before no more are fetched. */
const WAITING_MAX = 1;
/** A lane that does not advance for longer counts as held. */
const PATIENCE_MS = 1_000;

/** What a lane needs to know of a batch. */
export interface LaneBatch {
  readonly fetchedOffset: number;
  readonly nextOffset: number;
  /** Aborted when the partition may be another member's from now on, or this member stops. */
  readonly signal: AbortSignal;
  isCurrent(): boolean;
}

export interface LaneOptions<Batch extends LaneBatch> {
  /** Handles a batch; answers with the position to go on from. */
  readonly handle: (batch: Batch) => Promise<number>;
  /** Called with what `handle` throws; the batch is then handled again. */
  readonly onFailure: (batch: Batch, error: unknown) => void;
  /** The batch without the records below the position. */
  readonly restOf: (batch: Batch, position: number) => Batch;
  /** Reads the partition from elsewhere. */
  readonly seek: (position: number) => void;
  /** Begins and ends not to fetch the partition. */
  readonly onPause: (isPaused: boolean) => void;
  /** Called when the partition begins to hold and when it continues. */
  readonly onHold: (isHeld: boolean) => void;
}

export class Lane<Batch extends LaneBatch> {
  private readonly options: LaneOptions<Batch>;
  private waiting: Batch[] = [];
  private working: Promise<void> | undefined;
  private failures = 0;
  private isFull = false;
  private isRefused = false;
  private lateTimer: NodeJS.Timeout | undefined;
  /** Raised when the partition is read from elsewhere: what was fetched before is no longer current. */
  reading = 0;
  /** Since when it is not fetched, by the clock of this process. */
  pausedSince: number | undefined;
  /** Since when it does not advance. */
  heldSince: number | undefined;

  constructor(options: LaneOptions<Batch>) {
    this.options = options;
  }

  /** Takes a batch that begins where the last one ended. */
  add(batch: Batch): void {
    this.waiting.push(batch);
    if (this.working) return this.pauseOrGoOn();
    this.working = this.workAll();
  }

  /** Forgets what waits; what is at work is no longer current. */
  restart(): void {
    this.reading += 1;
    this.waiting = [];
    this.pauseOrGoOn();
  }

  /** A consumer that was started again no longer has its paused partitions. */
  pauseAgain(): void {
    if (this.pausedSince !== undefined) this.options.onPause(true);
  }

  /** Resolves when nothing is at work. */
  async done(): Promise<void> {
    await this.working;
  }

  /** Resolves when nothing is at work, and after this long at the latest. */
  async doneWithin(ms: number): Promise<void> {
    if (this.working) await isDoneWithin(ms, this.working);
  }

  /** The broker refuses the partition: it is left out for a while, so that the others are served. False: it is already. */
  sitOut(signal: AbortSignal): boolean {
    if (this.isRefused) return false;
    this.isRefused = true;
    this.hold(performance.now());
    this.pauseOrGoOn();
    void this.waitAfterFailure(signal).then(() => {
      this.isRefused = false;
      this.goOn();
      this.pauseOrGoOn();
    });
    return true;
  }

  private async workAll(): Promise<void> {
    for (let batch = this.waiting.shift(); batch; batch = this.waiting.shift()) {
      this.pauseOrGoOn();
      this.watch();
      await this.work(batch);
      this.goOn();
    }
    // At once, not when the promise has been seen to end: a batch that is added in between would wait for ever.
    this.working = undefined;
  }

  /** Works a batch to its end, or for as long as it is current. */
  private async work(batch: Batch): Promise<void> {
    for (let rest = batch; rest.isCurrent(); ) {
      const position = await this.positionAfter(rest);
      if (position === rest.nextOffset || !rest.isCurrent()) return;
      if (position === rest.fetchedOffset) await this.waitAfterFailure(rest.signal);
      else if (position < rest.fetchedOffset || position > rest.nextOffset) this.options.seek(position);
      else {
        rest = this.options.restOf(rest, position);
        this.goOn();
        this.watch();
      }
    }
  }

  private async positionAfter(batch: Batch): Promise<number> {
    try {
      const position = await this.options.handle(batch);
      if (position !== batch.fetchedOffset) this.failures = 0;
      return position;
    } catch (error) {
      this.options.onFailure(batch, error);
      return batch.fetchedOffset;
    }
  }

  private async waitAfterFailure(signal: AbortSignal): Promise<void> {
    const waitMs = backoffMs(this.failures);
    this.failures += 1;
    await sleep(waitMs, undefined, { signal }).catch(() => {});
  }

  private pauseOrGoOn(): void {
    this.isFull = this.waiting.length >= WAITING_MAX;
    const isPaused = this.isFull || this.isRefused;
    if (isPaused === (this.pausedSince !== undefined)) return;
    this.pausedSince = isPaused ? performance.now() : undefined;
    this.options.onPause(isPaused);
  }

  private watch(): void {
    const since = performance.now();
    this.lateTimer = setTimeout(() => this.hold(since), PATIENCE_MS);
  }

  private hold(since: number): void {
    if (this.heldSince !== undefined) return;
    this.heldSince = since;
    this.options.onHold(true);
  }

  /** It advances, or what kept it has passed. */
  private goOn(): void {
    clearTimeout(this.lateTimer);
    if (this.heldSince === undefined || this.isRefused) return;
    this.heldSince = undefined;
    this.options.onHold(false);
  }
}
