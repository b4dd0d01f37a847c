import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { type Fault, Faults, untilOver } from './faults.ts';

interface Stage {
  readonly isBroken: () => boolean;
  readonly fault: Fault;
}

/** Something that is broken while its fault runs. */
function stageOf(
  name: string,
  seconds: number,
  repair: () => Promise<void> = async () => {},
  compare: Fault['compare'] = async ({ say }) => say('All agrees.'),
): Stage {
  let isBroken = false;
  const run: Fault['run'] = async ({ over, say }) => {
    isBroken = true;
    say('It is broken.');
    await untilOver(over);
    await repair();
    isBroken = false;
    say('It is whole.');
  };
  return { isBroken: () => isBroken, fault: { name, title: name, about: name, seconds, run, compare } };
}

const LONG_S = 600;

describe('a fault', () => {
  it('ends without a request, and shows what has happened', async () => {
    const { fault, isBroken } = stageOf('short', 0.05);
    const faults = new Faults([fault]);
    expect(faults.start('short')).toMatchObject({ phase: 'broken', startedAt: expect.any(String) });
    expect(isBroken()).toBe(true);
    while (faults.states()[0]!.phase !== 'ready') await sleep(10);
    expect(isBroken()).toBe(false);
    const [state] = faults.states();
    expect(state!.steps.map(({ words }) => words)).toEqual(['It is broken.', 'It is whole.', 'All agrees.']);
    expect(state!.endedAt! >= state!.overAt!).toBe(true);
  });

  it('is repairing until it is repaired', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const faults = new Faults([stageOf('slow', 0.01, () => promise).fault]);
    faults.start('slow');
    while (faults.states()[0]!.phase === 'broken') await sleep(5);
    expect(faults.states()[0]!.phase).toBe('repairing');
    expect(() => faults.start('slow')).toThrow(expect.objectContaining({ code: 'fault-running' }));
    resolve();
    while (faults.states()[0]!.phase === 'repairing') await sleep(5);
    expect(faults.states()[0]!.phase).toBe('ready');
  });

  it('that cannot be repaired says why, and hinders no other', async () => {
    const broken = stageOf('hopeless', 0.01, async () => {
      throw new Error('the disk is full');
    });
    const faults = new Faults([broken.fault, stageOf('other', LONG_S).fault]);
    faults.start('hopeless');
    while (faults.states()[0]!.phase !== 'failed') await sleep(5);
    expect(faults.states()[0]!.steps.at(-1)!.words).toBe('It failed: the disk is full');
    expect(faults.start('other').phase).toBe('broken');
    await faults.close();
  });

  it('has failed when the records differ after it, and compares only what is repaired', async () => {
    const compared: boolean[] = [];
    const stage = stageOf(
      'lossy',
      0.01,
      async () => {},
      async () => {
        compared.push(stage.isBroken());
        throw new Error('counts ended with code 1\n  two windows differ\n  the log: /home/somebody');
      },
    );
    const faults = new Faults([stage.fault]);
    faults.start('lossy');
    while (faults.states()[0]!.phase !== 'failed') await sleep(5);
    expect(compared).toEqual([false]);
    expect(faults.states()[0]!.steps.at(-1)!.words).toBe('It failed: counts ended with code 1');
  });

  it('is the only one at a time', async () => {
    const [one, other] = [stageOf('one', LONG_S), stageOf('other', LONG_S)];
    const faults = new Faults([one.fault, other.fault]);
    faults.start('one');
    expect(() => faults.start('other')).toThrow(expect.objectContaining({ code: 'fault-running' }));
    expect(other.isBroken()).toBe(false);
    await faults.close();
  });

  it('of an unknown name is refused, also of a name that every object has', () => {
    const faults = new Faults([stageOf('one', LONG_S).fault]);
    for (const name of ['two', 'constructor', '']) {
      expect(() => faults.start(name)).toThrow(expect.objectContaining({ code: 'fault-unknown' }));
    }
  });

  it('is compared for as long as the platform runs, and no longer', async () => {
    const never = () => new Promise<void>(() => {});
    const faults = new Faults([stageOf('short', 0.01, undefined, never).fault]);
    faults.start('short');
    while (faults.states()[0]!.phase !== 'comparing') await sleep(5);
    await faults.close();
    expect(faults.states()[0]!.phase).toBe('ready');
  });

  it('is ended and repaired when the platform stops, and none begins after that', async () => {
    const { fault, isBroken } = stageOf('long', LONG_S);
    const faults = new Faults([fault]);
    faults.start('long');
    await faults.close();
    expect(isBroken()).toBe(false);
    expect(() => faults.start('long')).toThrow(expect.objectContaining({ code: 'fault-running' }));
  });
});
