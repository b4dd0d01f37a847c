import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { FaultRun } from './faults.ts';
import { type FaultParts, platformFaults } from './platform-faults.ts';

/** A worker that its supervisor starts again after a moment, and a broker that comes back. */
function stage() {
  const state = { isReady: true, kills: 0, isBrokerAway: false };
  const parts: FaultParts = {
    worker: {
      isReady: () => state.isReady,
      kill: () => {
        state.kills += 1;
        state.isReady = false;
        setTimeout(() => {
          state.isReady = true;
        }, 100);
        return true;
      },
    },
    broker: {
      awayWhile: async (work) => {
        state.isBrokerAway = true;
        await work();
        state.isBrokerAway = false;
      },
    },
    env: {},
    logFile: '/dev/null',
  };
  const faultOf = (name: string) => platformFaults(parts).find((fault) => fault.name === name)!;
  return { state, faultOf };
}

function startRun(change: Partial<FaultRun> = {}) {
  const end = new AbortController();
  const said: string[] = [];
  const run: FaultRun = {
    over: end.signal,
    closing: new AbortController().signal,
    say: (words) => said.push(words),
    ...change,
  };
  return { run, said, end: () => end.abort() };
}

describe('the faults of a platform', () => {
  it('are those that were asked for, each with its own time of a minute at most', () => {
    const faults = platformFaults({} as FaultParts);
    expect(faults.map(({ name }) => name)).toEqual([
      'slow-payments',
      'declined-payments',
      'broker-down',
      'poison-events',
      'worker-killed',
    ]);
    for (const { seconds } of faults) expect(seconds > 0 && seconds <= 60).toBe(true);
  });
});

describe('a worker that is killed', () => {
  it('is killed while it works, and has come back when its fault is over', async () => {
    const { state, faultOf } = stage();
    const { run, said, end } = startRun();
    const running = faultOf('worker-killed').run(run);
    while (state.kills === 0) await sleep(10);
    end();
    await running;
    expect(state).toMatchObject({ kills: 1, isReady: true });
    expect(said).toEqual(['The worker was killed (SIGKILL).', 'The worker answers again.']);
  });

  it('is not waited for when the platform stops', async () => {
    const { state, faultOf } = stage();
    state.isReady = false;
    const closing = new AbortController();
    const { run, said, end } = startRun({ closing: closing.signal });
    const running = faultOf('worker-killed').run(run);
    end();
    closing.abort();
    await running;
    expect(said).toEqual([]);
  });
});

describe('a broker that is down', () => {
  it('is away until the time of its fault is over', async () => {
    const { state, faultOf } = stage();
    const { run, said, end } = startRun();
    const running = faultOf('broker-down').run(run);
    while (said.length === 0) await sleep(5);
    expect([state.isBrokerAway, said]).toEqual([true, ['Kafka is stopped.']]);
    end();
    await running;
    expect(state.isBrokerAway).toBe(false);
    expect(said.at(-1)).toBe('Kafka answers.');
  });
});
