// Writes the positions of a member as the group's offsets, all together and not too often.
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { EachBatchPayload } from './client.ts';

type Commit = EachBatchPayload['commitOffsetsIfNecessary'];

export interface GroupCommitsOptions {
  /** Shortest time between two writes. */
  readonly intervalMs: number;
  /** Whether a partition is still this member's: what is another's by now is left out. */
  readonly isOurs: (topic: string, partition: number) => boolean;
  readonly log: Logger;
}

/** Writes at once when the last write was long enough ago, else when its time has come. What fails is tried again. */
export class GroupCommits {
  private readonly options: GroupCommitsOptions;
  private readonly waiting = new Map<string, Map<number, number>>();
  private commit: Commit | undefined;
  private writing: Promise<void> | undefined;
  private readonly flushing = new AbortController();

  constructor(options: GroupCommitsOptions) {
    this.options = options;
  }

  /** What writes them: `consumer.commitOffsets` does nothing once the consumer is stopping, this does. */
  through(commit: Commit): void {
    this.commit = commit;
  }

  add(topic: string, partition: number, position: number): void {
    const ofTopic = this.waiting.get(topic) ?? new Map<number, number>();
    ofTopic.set(partition, position);
    this.waiting.set(topic, ofTopic);
    this.writing ??= this.writeAll().finally(() => {
      this.writing = undefined;
    });
  }

  /** For the end: resolves when all is written, or could not be. */
  async flush(): Promise<void> {
    this.flushing.abort();
    await this.writing;
    if (this.waiting.size > 0) await this.write();
  }

  private async writeAll(): Promise<void> {
    while (this.waiting.size > 0) {
      await this.write();
      await sleep(this.options.intervalMs, undefined, { signal: this.flushing.signal }).catch(() => {});
      if (this.flushing.signal.aborted) return;
    }
  }

  private async write(): Promise<void> {
    const written = new Map(this.waiting);
    this.waiting.clear();
    const topics = [...written].flatMap(([topic, positions]) => {
      const partitions = [...positions]
        .filter(([partition]) => this.options.isOurs(topic, partition))
        .map(([partition, position]) => ({ partition, offset: String(position) }));
      return partitions.length > 0 ? [{ topic, partitions }] : [];
    });
    if (topics.length === 0) return;
    try {
      await this.commit?.({ topics });
    } catch (error) {
      this.options.log.debug(
        { reason: messageOf(error) },
        'group offsets not written yet; what they cover may come again',
      );
      for (const [topic, positions] of written) {
        // What came meanwhile is newer.
        this.waiting.set(topic, new Map([...positions, ...(this.waiting.get(topic) ?? [])]));
      }
    }
  }
}
