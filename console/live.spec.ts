import { EventEmitter, once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { createLogger } from '#runtime/log.ts';
import type { Totals } from './answers.ts';
import { createLiveFeed } from './live.ts';

const log = createLogger('spec', 'silent');
const totals = (events: number): Totals => ({
  minutes: 30,
  asOf: '2026-11-24T08:14:30.000Z',
  labels: [],
  windows: [],
  sums: { events, bytes: '0', lateEvents: 0, photos: 0, deadLetters: 0, lag: 0 },
});

/** A feed over a script of answers; the last one stays. Tells each read by an event, and keeps what was sent. */
function scripted(...answers: (number | Error)[]) {
  const reads = new EventEmitter();
  const sent: string[] = [];
  const feed = createLiveFeed({
    log,
    intervalMs: 1,
    read: async () => {
      const answer = answers.length > 1 ? answers.shift()! : answers[0]!;
      reads.emit('read');
      if (answer instanceof Error) throw answer;
      return totals(answer);
    },
  });
  const send = (event: string, data: string): void => {
    sent.push(event === 'totals' ? `totals ${(JSON.parse(data) as Totals).sums.events}` : event);
  };
  const afterReads = async (count: number): Promise<void> => {
    for (let read = 0; read < count; read += 1) await once(reads, 'read');
  };
  return { feed, send, sent, afterReads };
}

describe('live feed', () => {
  it('sends totals when they change and not when they are the same', async () => {
    const { feed, send, sent, afterReads } = scripted(1, 1, 1, 2, 2);
    const leave = feed.watch(30, send);
    await afterReads(7);
    leave();
    expect(sent).toEqual(['totals 1', 'totals 2']);
  });

  it('says once that the store is away, and continues when it is back', async () => {
    const { feed, send, sent, afterReads } = scripted(new Error('down'), new Error('down'), 1);
    const leave = feed.watch(30, send);
    await afterReads(5);
    leave();
    expect(sent).toEqual(['unavailable', 'totals 1']);
  });

  it('starts again for a page that comes after all had left', async () => {
    const { feed, send, sent, afterReads } = scripted(1);
    feed.watch(30, () => {})();
    const leave = feed.watch(30, send);
    await afterReads(3);
    leave();
    expect(sent).toEqual(['totals 1']);
    expect(feed.watching()).toBe(0);
  });
});
