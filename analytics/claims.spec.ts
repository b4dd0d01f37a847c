// Claims over the fakes whose contracts Postgres and the broker keep too (test/ports/).
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import type { AppError } from '#runtime/errors.ts';
import { createLogger } from '#runtime/log.ts';
import { LogInMemory } from '../test/ports/log-inspector.ts';
import { stateInMemory, TOPIC_ID } from '../test/ports/partition-state.ts';
import { type ClaimStore, Claims } from './claims.ts';
import type { LogEnds } from './log-ends.ts';
import type { Claim } from './state.ts';

/** Claims of partition 0 at this position; the broker reports these ends one after the other, the last one for ever. */
async function openClaims(
  nextOffset: number,
  reported: readonly number[],
  onAsked: (held?: Claim) => void = () => {},
) {
  const ends = [...reported];
  const halts: AppError[] = [];
  const gaps: number[] = [];
  let held: Claim | undefined;
  const topic = new LogInMemory();
  const state = stateInMemory().worker();
  await state.claim(TOPIC_ID, 0, nextOffset);
  const claims = new Claims({
    log: createLogger('spec', 'silent'),
    state: {
      ...state,
      claim: async (...place) => {
        held = await state.claim(...place);
        return held;
      },
      recordGap: (gap) => {
        gaps.push(gap.toOffset);
        return state.recordGap(gap);
      },
    },
    inspector: {
      topicId: topic.inspector.topicId,
      ends: () => {
        onAsked(held);
        topic.report(0, { earliest: 0, end: ends.length > 1 ? ends.shift()! : ends[0]! });
        return topic.inspector.ends();
      },
    },
    onHalt: (error) => halts.push(error),
  });
  claims.assign([0]);
  return { claims, halts, gaps, hold: () => claims.hold(0, { isCurrent: () => true }) };
}

/** Claims of partition 0 at offset 5 of a topic that a run of Flink holds; and what they log. */
async function openBehindFlink(
  level: 'info' | 'error',
  ends: LogEnds,
  onEnd: (part: number, left: number) => void,
  instead: (state: ClaimStore) => Partial<ClaimStore>,
) {
  const lines: string[] = [];
  const topic = new LogInMemory();
  topic.report(0, ends);
  const stage = stateInMemory();
  const state = stage.worker();
  await state.claim(TOPIC_ID, 0, 5);
  await stage.beginRun();
  const claims = new Claims({
    log: pino({ level }, { write: (line: string) => void lines.push(line) }),
    state: { ...state, ...instead(state) },
    inspector: topic.inspector,
    onHalt: (error) => lines.push(error.message),
    onEnd,
  });
  claims.assign([0]);
  return { claims, lines, stage };
}

describe('a claim', () => {
  it('whose last holder went on after the broker was asked is no loss', async () => {
    const { hold, halts, gaps } = await openClaims(251, [234, 260]);
    expect((await hold())?.nextOffset).toBe(251);
    expect([halts, gaps]).toEqual([[], []]);
  });

  it('behind the end of the log, asked again, halts the worker', async () => {
    const { hold, halts, gaps } = await openClaims(251, [234]);
    expect(await hold()).toBeUndefined();
    // Each caller that waits for the claim gets it.
    expect(new Set(halts.map(({ code }) => code))).toEqual(new Set(['log-gap']));
    expect(gaps).toEqual([234]);
  });

  it('that moves on while the broker is asked is no loss', async () => {
    const { claims, hold, halts } = await openClaims(251, [260], (held) => {
      if (held) held.nextOffset = 300;
    });
    await hold();
    await claims.checkEnds();
    expect(halts).toEqual([]);
  });

  it('is no loss when a broker that has just become leader first reports an earlier end', async () => {
    const { claims, hold, halts } = await openClaims(251, [260, 240, 251]);
    await hold();
    await claims.checkEnds();
    expect(halts).toEqual([]);
  });

  it('is a loss when the log stays shorter than what was read of it', async () => {
    const { claims, hold, halts, gaps } = await openClaims(251, [260, 240]);
    await hold();
    await claims.checkEnds();
    expect(halts.map(({ code }) => code)).toEqual(['log-gap']);
    expect(gaps).toEqual([240]);
  });

  it('waits while Flink holds the topic, logs that once, and reports the ends for it meanwhile', async () => {
    const lefts: [number, number][] = [];
    const ends: unknown[] = [];
    const { claims, lines, stage } = await openBehindFlink(
      'info',
      { earliest: 0, end: 7 },
      (part, left) => void lefts.push([part, left]),
      ({ recordRunEnds }) => ({
        recordRunEnds: (topicId, endOf) => {
          ends.push([topicId, endOf.get(0)]);
          return recordRunEnds(topicId, endOf);
        },
      }),
    );
    const held = claims.hold(0, { isCurrent: () => true });
    while (lines.length === 0) await sleep(10);
    await claims.checkEnds();
    expect([ends, lefts, claims.isHeldByFlink()]).toEqual([[[TOPIC_ID, 7]], [[0, 2]], true]);
    await stage.abandonRun();
    expect(await held).toMatchObject({ topicId: TOPIC_ID, part: 0, nextOffset: 5 });
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
      const gaps: unknown[] = [];
      const positions = [5, 5, 5, 6];
      const { claims, lines } = await openBehindFlink(
        'error',
        ends,
        () => {},
        () => ({
          recordRunEnds: async () => new Map([[0, positions.shift()!]]),
          recordRunGap: async ({ part, fromOffset, toOffset: to }) => void gaps.push([part, fromOffset, to]),
        }),
      );
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
