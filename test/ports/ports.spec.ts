// The fakes keep the contracts of their ports, and one that is broken is found out.
import { describe, expect, it } from '@jest/globals';
import type { ExclusiveRunner } from '#runtime/postgres/leadership.ts';
import { brokenRules, itKeeps } from './contract.ts';
import { EXCLUSIVE_RUNNER_CONTRACT, exclusiveRunnerInMemory } from './exclusive-runner.ts';
import { LOG_INSPECTOR_CONTRACT, type LogBreakage, LogInMemory } from './log-inspector.ts';
import { type Breakage, STATE_CONTRACT, stateInMemory } from './partition-state.ts';

describe('the exclusive runner in memory', () => {
  itKeeps(EXCLUSIVE_RUNNER_CONTRACT, exclusiveRunnerInMemory);

  const everybody: ExclusiveRunner = async (_key, work) => ({ result: await work() });
  const underOneKey = (): ExclusiveRunner => {
    const run = exclusiveRunnerInMemory();
    return (_key, work) => run(1, work);
  };
  const heldAfterFailure = (): ExclusiveRunner => {
    let isHeld = false;
    return async (_key, work) => {
      if (isHeld) return undefined;
      isHeld = true;
      const result = await work();
      isHeld = false;
      return { result };
    };
  };
  it.each([
    [
      'lets everybody in',
      () => everybody,
      ['keeps others out while work is being done, and tells them at once'],
    ],
    ['has one key for all', underOneKey, ['does work under other keys meanwhile']],
    [
      'holds the key after a failure',
      heldAfterFailure,
      ['does work under other keys meanwhile', 'hands on the error, and lets the next one in'],
    ],
  ])('negative control: one that %s breaks the contract', async (_, open, broken) => {
    expect(await brokenRules(EXCLUSIVE_RUNNER_CONTRACT, open)).toEqual(broken);
  });
});

describe('the state of partitions in memory', () => {
  itKeeps(STATE_CONTRACT, () => stateInMemory());

  it.each<[Breakage, string[]]>([
    [
      'ignores the epoch',
      [
        'refuses the commit of a former holder, and saves nothing of it',
        'moves behind a gap once a person accepts it, and refuses who held the partition before',
      ],
    ],
    [
      'ignores the position',
      ['refuses a commit that does not begin at the position, and saves nothing of it'],
    ],
    [
      'saves rows before the fence',
      [
        'refuses the commit of a former holder, and saves nothing of it',
        'refuses a commit that does not begin at the position, and saves nothing of it',
      ],
    ],
    ['forgets ids', ['begins where the last commit ended, with its ids and its greatest event time']],
    ['ignores runs of Flink', ['gives nobody a partition of a topic that a run of Flink holds']],
    [
      'accepts every gap',
      ['moves behind a gap once a person accepts it, and refuses who held the partition before'],
    ],
  ])('negative control: one that %s breaks the contract', async (breakage, broken) => {
    expect(await brokenRules(STATE_CONTRACT, () => stateInMemory(breakage))).toEqual(broken);
  });
});

describe('the log of a topic in memory', () => {
  itKeeps(LOG_INSPECTOR_CONTRACT, () => new LogInMemory());

  it.each<[LogBreakage, string]>([
    ['shows no empty partition', 'ends behind the last record, also in a partition that has none'],
    ['begins at 0', 'begins at the first record that is still there'],
    [
      'keeps the id of a name',
      'gives a topic one id, and another one to a new topic of the same name, whose log is empty',
    ],
  ])('negative control: one that %s breaks the contract', async (breakage, broken) => {
    expect(await brokenRules(LOG_INSPECTOR_CONTRACT, () => new LogInMemory(breakage))).toContain(broken);
  });
});
