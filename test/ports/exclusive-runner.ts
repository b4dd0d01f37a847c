// What `ExclusiveRunner` promises, and one without a database.
import { expect } from '@jest/globals';
import type { ExclusiveRunner, LockKey } from '#runtime/postgres/leadership.ts';
import type { Contract } from './contract.ts';

/** For the replicas of one process, which share it. */
export function exclusiveRunnerInMemory(): ExclusiveRunner {
  const held = new Set<string>();
  return async (key, work) => {
    const name = JSON.stringify(key);
    if (held.has(name)) return undefined;
    held.add(name);
    try {
      return { result: await work() };
    } finally {
      held.delete(name);
    }
  };
}

/** Work under a key, begun and not yet done. */
async function begin(run: ExclusiveRunner, key: LockKey) {
  const isBegun = Promise.withResolvers<void>();
  const mayEnd = Promise.withResolvers<void>();
  const done = run(key, async () => {
    isBegun.resolve();
    await mayEnd.promise;
  });
  await Promise.race([isBegun.promise, done]);
  return { end: () => mayEnd.resolve(), done };
}

export const EXCLUSIVE_RUNNER_CONTRACT: Contract<ExclusiveRunner> = [
  [
    'keeps others out while work is being done, and tells them at once',
    async (run) => {
      const first = await begin(run, 41);
      let isDoneTwice = false;
      const second = await run(41, async () => {
        isDoneTwice = true;
      });
      first.end();
      await first.done;
      expect([second, isDoneTwice]).toEqual([undefined, false]);
    },
  ],
  [
    'does work under other keys meanwhile',
    async (run) => {
      const first = await begin(run, [7, 'a']);
      const others = [await run([7, 'b'], async () => 'b'), await run([8, 'a'], async () => 'a')];
      first.end();
      await first.done;
      expect(others).toEqual([{ result: 'b' }, { result: 'a' }]);
    },
  ],
  [
    'hands on the result, also where it is nothing, and lets the next one in',
    async (run) => {
      expect(await run(42, async () => 'done')).toEqual({ result: 'done' });
      expect(await run(42, async () => undefined)).toEqual({ result: undefined });
    },
  ],
  [
    'hands on the error, and lets the next one in',
    async (run) => {
      await expect(run(43, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
      expect(await run(43, async () => 'done')).toEqual({ result: 'done' });
    },
  ],
];
