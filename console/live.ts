// Totals as server-sent events. One read per range and tick, however many pages watch; nothing is read while none does.
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '#runtime/errors.ts';
import type { Logger } from '#runtime/log.ts';
import type { Totals } from './answers.ts';

/** One page that watches: takes a server-sent event's name and data. */
export type Send = (event: 'totals' | 'unavailable', data: string) => void;

export interface LiveFeed {
  /** Watches the last `minutes`; returns how to stop. */
  watch(minutes: number, send: Send): () => void;
  readonly watching: () => number;
}

export interface LiveFeedOptions {
  readonly read: (minutes: number) => Promise<Totals>;
  readonly log: Logger;
  /** @default 1 s */
  readonly intervalMs?: number;
}

/** A feed that sends each range when it has changed, and says so when the store is away. */
export function createLiveFeed({ read, log, intervalMs = 1_000 }: LiveFeedOptions): LiveFeed {
  const watchers = new Set<{ minutes: number; send: Send; sent?: string }>();
  let isRunning = false;

  const run = async (): Promise<void> => {
    isRunning = true;
    while (watchers.size > 0) {
      const ranges = new Set([...watchers].map((watcher) => watcher.minutes));
      await Promise.all([...ranges].map(publish));
      await sleep(intervalMs);
    }
    isRunning = false;
  };

  const publish = async (minutes: number): Promise<void> => {
    let [event, data, key]: [Parameters<Send>[0], string, string] = ['unavailable', '{}', 'unavailable'];
    try {
      const totals = await read(minutes);
      // The clock alone is news once a minute, when the chart has to move on.
      key = JSON.stringify({ ...totals, asOf: totals.asOf.slice(0, 16) });
      [event, data] = ['totals', JSON.stringify(totals)];
    } catch (error) {
      log.debug({ reason: messageOf(error) }, 'totals cannot be read now');
    }
    for (const watcher of watchers) {
      if (watcher.minutes !== minutes || watcher.sent === key) continue;
      watcher.sent = key;
      watcher.send(event, data);
    }
  };

  return {
    watch(minutes, send) {
      const watcher = { minutes, send };
      watchers.add(watcher);
      if (!isRunning) void run();
      return () => watchers.delete(watcher);
    },
    watching: () => watchers.size,
  };
}
