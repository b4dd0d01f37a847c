import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import type { AppError } from '#runtime/errors.ts';
import { createLogger } from '#runtime/log.ts';
import { Claims } from './claims.ts';
import type { LogEnds } from './log-ends.ts';
import { SeenIds } from './seen-ids.ts';
import { type Claim, HeldByFlink } from './state.ts';

/** Claims of partition 0 at this position; the broker tells these ends one after the other, the last one for ever. */
function openClaims(nextOffset: number, told: readonly number[], onAsked: (held?: Claim) => void = () => {}) {
  const ends = [...told];
  const halts: AppError[] = [];
  const gaps: number[] = [];
  let held: Claim | undefined;
  const claims = new Claims({
    log: createLogger('spec', 'silent'),
    state: {
      claim: async (topicId, part) => {
        held = {
          topicId,
          part,
          epoch: 1,
          readOffset: nextOffset,
          nextOffset,
          maxTimeMs: undefined,
          seen: new SeenIds(10),
        };
        return held;
      },
      recordEnds: async () => {},
      recordRunEnds: async () => new Map(),
      recordRunGap: async () => {},
      recordGap: async ({ toOffset }) => {
        gaps.push(toOffset);
        return false;
      },
    },
    inspector: {
      topicId: async () => 'topic-id',
      ends: async () => {
        onAsked(held);
        const end = ends.length > 1 ? ends.shift()! : ends[0]!;
        return new Map<number, LogEnds>([[0, { earliest: 0, end }]]);
      },
    },
    onHalt: (error) => halts.push(error),
  });
  claims.assign([0]);
  return { claims, halts, gaps, hold: () => claims.hold(0, { isCurrent: () => true }) };
}

describe('a claim', () => {
  it('whose last holder went on after the broker was asked is no loss', async () => {
    const { hold, halts, gaps } = openClaims(251, [234, 260]);
    expect((await hold())?.nextOffset).toBe(251);
    expect([halts, gaps]).toEqual([[], []]);
  });

  it('behind the end of the log, asked again, halts the worker', async () => {
    const { hold, halts, gaps } = openClaims(251, [234]);
    expect(await hold()).toBeUndefined();
    // Each caller that waits for the claim gets it.
    expect(new Set(halts.map(({ code }) => code))).toEqual(new Set(['log-gap']));
    expect(gaps).toEqual([234]);
  });

  it('that moves on while the broker is asked is no loss', async () => {
    const { claims, hold, halts } = openClaims(251, [260], (held) => {
      if (held) held.nextOffset = 300;
    });
    await hold();
    await claims.checkEnds();
    expect(halts).toEqual([]);
  });

  it('is no loss when a broker that has just become leader first reports an earlier end', async () => {
    const { claims, hold, halts } = openClaims(251, [260, 240, 251]);
    await hold();
    await claims.checkEnds();
    expect(halts).toEqual([]);
  });

  it('is a loss when the log stays shorter than what was read of it', async () => {
    const { claims, hold, halts, gaps } = openClaims(251, [260, 240]);
    await hold();
    await claims.checkEnds();
    expect(halts.map(({ code }) => code)).toEqual(['log-gap']);
    expect(gaps).toEqual([240]);
  });

  it('waits while Flink holds the topic, logs that once, and reports the ends for it meanwhile', async () => {
    let isFlinks = true;
    const lines: string[] = [];
    const lefts: [number, number][] = [];
    const ends: (readonly [string, number][])[] = [];
    const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
    const claim: Claim = {
      topicId: 'topic-id',
      part: 0,
      epoch: 1,
      readOffset: 0,
      nextOffset: 0,
      maxTimeMs: undefined,
      seen: new SeenIds(10),
    };
    const claims = new Claims({
      log,
      state: {
        claim: async () => {
          if (isFlinks) throw new HeldByFlink('images');
          return claim;
        },
        recordEnds: async () => {},
        recordRunEnds: async (topicId, endOf) => {
          ends.push([...endOf].map(([, end]) => [topicId, end]));
          return new Map([[0, 5]]);
        },
        recordGap: async () => false,
        recordRunGap: async () => {},
      },
      inspector: {
        topicId: async () => 'topic-id',
        ends: async () => new Map([[0, { earliest: 0, end: 7 }]]),
      },
      onHalt: (error) => lines.push(error.message),
      onEnd: (part, left) => void lefts.push([part, left]),
    });
    claims.assign([0]);
    const held = claims.hold(0, { isCurrent: () => true });
    while (lines.length === 0) await sleep(10);
    await claims.checkEnds();
    expect([ends, lefts, claims.isHeldByFlink()]).toEqual([[[['topic-id', 7]]], [[0, 2]], true]);
    isFlinks = false;
    expect(await held).toBe(claim);
    await claims.checkEnds();
    expect([ends.length, claims.isHeldByFlink()]).toEqual([1, false]);
    // The wait of the assignment, and ours.
    expect(lines.filter((line) => line.includes('Flink counts images')).length).toBeLessThanOrEqual(2);
  });

  it.each([
    ['begins behind it', { earliest: 8, end: 9 }, 8, /offsets 5 to 7 are gone/],
    ['ends before it', { earliest: 0, end: 3 }, 3, /the log ends at 3/],
  ])(
    'records a gap where the log %s and a run of Flink makes no progress, at the second look',
    async (_, ends, toOffset, words) => {
      const lines: string[] = [];
      const gaps: unknown[] = [];
      const log = pino({ level: 'error' }, { write: (line: string) => void lines.push(line) });
      const positions = [5, 5, 5, 6];
      const claims = new Claims({
        log,
        state: {
          claim: async () => {
            throw new HeldByFlink('images');
          },
          recordEnds: async () => {},
          recordRunEnds: async () => new Map([[0, positions.shift()!]]),
          recordGap: async () => false,
          recordRunGap: async ({ part, fromOffset, toOffset: to }) => void gaps.push([part, fromOffset, to]),
        },
        inspector: { topicId: async () => 'topic-id', ends: async () => new Map([[0, ends]]) },
        onHalt: (error) => lines.push(error.message),
      });
      claims.assign([0]);
      while (!claims.isHeldByFlink()) await sleep(5);
      await claims.checkEnds();
      expect(gaps).toEqual([]);
      for (let look = 2; look <= 4; look += 1) await claims.checkEnds();
      // At the fourth it had moved: what it had read was on its way.
      expect(gaps).toEqual([
        [0, 5, toOffset],
        [0, 5, toOffset],
      ]);
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(words);
      claims.close();
    },
  );
});
