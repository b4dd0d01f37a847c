// What the trigger does and leaves alone, with a Flink and an engine that are only pretended: the real ones are in test/laptop.
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AppError } from '#runtime/errors.ts';
import { createLogger } from '#runtime/log.ts';
import type { Engine } from '../../analytics/flink/runs/engine.ts';
import type { FlinkRest } from '../flink/rest.ts';
import { countAnewByNode, countByFlink, countByNode, type TriggerOptions } from './trigger.ts';

const RUN = {
  runId: 'r-1',
  topic: 'images',
  parts: [{ part: 0, readFrom: 0, countFrom: 0, maxTimeMs: null }],
};
const ENV = { KAFKA_BROKERS: 'kafka:9092', DATABASE_URL: 'postgres://a:b@postgres/c' };

interface Job {
  readonly jid: string;
  readonly run?: string;
  state: string;
  /** Whether it makes checkpoints. @default true */
  readonly counts?: boolean;
}

/** What a pretended world is like; and what was done to it. */
interface World {
  isFlinkThere: boolean;
  run?: typeof RUN;
  jobs: Job[];
  /** How many looks of a job that runs must pass until everything is written. */
  unflushedCount: number;
  /** Parts of statements that Flink refuses. */
  refused: RegExp;
  /** Of the next job that is started. */
  next: Pick<Job, 'state' | 'counts'>;
  readonly done: string[];
  statements: readonly string[];
}

let world: World;
let stateFolder: string;
beforeEach(() => {
  stateFolder = mkdtempSync(join(tmpdir(), 'trigger-'));
  world = {
    isFlinkThere: true,
    jobs: [],
    unflushedCount: 0,
    refused: /^$/,
    next: { state: 'RUNNING' },
    done: [],
    statements: [],
  };
});
afterEach(() => rmSync(stateFolder, { recursive: true }));

function engine(): Engine {
  const end = async () => {
    if (world.unflushedCount > 0) {
      throw new AppError('run-unflushed', 'run r-1 has not written everything');
    }
    world.done.push('end');
    delete world.run;
    return RUN;
  };
  const begin = async () => {
    world.done.push('begin');
    world.run = RUN;
    return RUN;
  };
  const abandon = async () => {
    world.done.push('abandon');
    delete world.run;
    return RUN;
  };
  const status = async () => {
    // Who waits sees a job write the rest.
    if (world.jobs.some(({ state }) => state === 'RUNNING') && world.unflushedCount > 0)
      world.unflushedCount -= 1;
    return world.run ? { run: world.run, unflushed: world.unflushedCount > 0 ? ['partition 0'] : [] } : {};
  };
  return { status, begin, end, abandon } as unknown as Engine;
}

const jobOfId = (id: string): Job => world.jobs.find(({ jid }) => jid === id)!;

function rest(): FlinkRest {
  let checkpoints = 0;
  return {
    overview: async () => {
      if (!world.isFlinkThere) throw new TypeError('fetch failed');
      return { taskmanagers: 1, 'slots-available': 2 };
    },
    jobs: async () => {
      if (!world.isFlinkThere) throw new TypeError('fetch failed');
      return world.jobs;
    },
    parameters: async (id: string): Promise<Record<string, string>> => {
      const { run } = jobOfId(id);
      return run ? { run } : {};
    },
    job: async (id: string) => ({ state: jobOfId(id).state, vertices: [] }),
    checkpoints: async (id: string) => (jobOfId(id).counts === false ? 7 : (checkpoints += 1)),
    failures: async (id: string) =>
      jobOfId(id).state === 'RUNNING' ? [] : ['Task failed\nCaused by: the database is away'],
    stopWithSavepoint: async (id: string, folder?: string) => {
      world.done.push(`stop ${id}`);
      jobOfId(id).state = 'FINISHED';
      return `${folder}/savepoint-1`;
    },
    cancel: async (id: string) => {
      world.done.push(`cancel ${id}`);
      jobOfId(id).state = 'CANCELED';
    },
  };
}

const options = (): TriggerOptions => ({
  engine: engine(),
  flink: {
    rest: rest(),
    run: async (statements) => {
      if (statements.some((text) => world.refused.test(text))) {
        world.done.push('refuse');
        throw new AppError('sql-refused', `the SQL gateway refused: ${world.done.length}`);
      }
      world.statements = statements;
      world.done.push('start');
      world.jobs.push({ jid: `j-${world.jobs.length}`, run: RUN.runId, ...world.next });
      return world.jobs.at(-1)!.jid;
    },
  },
  stateFolder,
  env: ENV,
  log: createLogger('spec', 'silent'),
  waitMsMax: 250,
});

describe('to have the images counted by Flink', () => {
  it('a run begins before its job', async () => {
    await countByFlink(options());
    expect(world.done).toEqual(['begin', 'start']);
  });

  it('nothing begins while Flink is not there', async () => {
    world.isFlinkThere = false;
    await expect(countByFlink(options())).rejects.toThrow(
      'Flink is not ready, and nothing was changed: fetch failed',
    );
    expect(world.done).toEqual([]);
  });

  it('a run that has begun continues, and its running job is left alone', async () => {
    world.run = RUN;
    world.jobs = [{ jid: 'j-7', run: RUN.runId, state: 'RUNNING' }];
    await countByFlink(options());
    expect(world.done).toEqual([]);
  });

  it('a job of a run that is over is cancelled; what is no job of ours, or is over, is not touched', async () => {
    world.run = RUN;
    world.jobs = [
      { jid: 'old', run: 'r-0', state: 'RESTARTING' },
      { jid: 'over', run: 'r-0', state: 'FAILED' },
      { jid: 'other', state: 'RUNNING' },
    ];
    await countByFlink(options());
    expect(world.done).toEqual(['cancel old', 'start']);
  });

  it.each([
    [{ state: 'RESTARTING' }, /^job j-0 does not run: it is RESTARTING: the database is away, and makes no/],
    [{ state: 'FAILED' }, /^job j-0 does not run: it is FAILED: the database is away$/],
    [{ state: 'RUNNING', counts: false }, /^job j-0 does not run: it is RUNNING, and makes no checkpoint$/],
  ])('a job that is %p is reported with its reason', async (next, message) => {
    world.next = next;
    await expect(countByFlink(options())).rejects.toThrow(message);
  });

  describe('a job whose run has states', () => {
    const metadata = (name: string, run: string, atSeconds: number) => {
      const folder = join(stateFolder, run, name);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, '_metadata'), '');
      utimesSync(join(folder, '_metadata'), atSeconds, atSeconds);
    };
    beforeEach(() => {
      metadata('savepoints/savepoint-1', 'r-1', 100);
      metadata('checkpoints/job/chk-12', 'r-1', 300);
      metadata('checkpoints/job/chk-9', 'r-1', 200);
      metadata('checkpoints/job/chk-99', 'r-2', 900);
      world.run = RUN;
    });
    const goesOnFrom = () => world.statements.find((text) => text.includes('execution.state-recovery.path'));

    it('continues from the newest', async () => {
      await countByFlink(options());
      expect(goesOnFrom()).toBe(
        `SET 'execution.state-recovery.path' = 'file://${join(stateFolder, 'r-1/checkpoints/job/chk-12')}'`,
      );
    });

    it('continues from the next older state where Flink refuses one, and in the end begins with its run', async () => {
      world.refused = /chk-12/;
      await countByFlink(options());
      expect([world.done, goesOnFrom()]).toEqual([['refuse', 'start'], expect.stringContaining('chk-9')]);
      world.jobs = [];
      world.refused = /state-recovery/;
      await countByFlink(options());
      expect(goesOnFrom()).toBeUndefined();
    });

    it('is reported with the first refusal where Flink refuses all', async () => {
      world.refused = /./;
      await expect(countByFlink(options())).rejects.toThrow('the SQL gateway refused: 1');
      expect(world.done).toEqual(['refuse', 'refuse', 'refuse', 'refuse']);
    });
  });
});

describe('to have the images counted by Node', () => {
  it('there is nothing to do where it does, with or without a Flink', async () => {
    world.isFlinkThere = false;
    await countByNode(options());
    expect(world.done).toEqual([]);
  });

  it('the job is stopped with a savepoint before its run ends', async () => {
    world.run = RUN;
    world.jobs = [{ jid: 'j-7', run: RUN.runId, state: 'RUNNING' }];
    await countByNode(options());
    expect(world.done).toEqual(['stop j-7', 'end']);
  });

  it('a run whose Flink is away ends where everything is written', async () => {
    world.run = RUN;
    world.isFlinkThere = false;
    await countByNode(options());
    expect(world.done).toEqual(['end']);
  });

  it('what a killed job has half written is written by another before the run ends', async () => {
    world.run = RUN;
    world.unflushedCount = 2;
    await countByNode(options());
    expect(world.done).toEqual(['start', 'stop j-0', 'end']);
  });

  it('a job that has not written everything in time is not stopped; asked again later, it is', async () => {
    world.run = RUN;
    world.jobs = [{ jid: 'j-7', run: RUN.runId, state: 'RUNNING' }];
    world.unflushedCount = 5;
    await expect(countByNode(options())).rejects.toThrow(/^run r-1 has not written everything: partition 0$/);
    expect(world.done).toEqual([]);
    await countByNode(options());
    expect(world.done).toEqual(['stop j-7', 'end']);
  });

  it('where that is impossible, nothing ends, and the reason is reported', async () => {
    world.run = RUN;
    world.unflushedCount = 1;
    world.isFlinkThere = false;
    await expect(countByNode(options())).rejects.toThrow('Flink is not ready');
    expect([world.done, world.run]).toEqual([[], RUN]);
  });
});

describe('letting Node count again what Flink has counted', () => {
  it('the job is cancelled before its run is taken back out', async () => {
    world.run = RUN;
    world.jobs = [{ jid: 'j-7', run: RUN.runId, state: 'RESTARTING' }];
    await countAnewByNode(options());
    expect(world.done).toEqual(['cancel j-7', 'abandon']);
  });

  it('needs no Flink, and nothing is done where there is no run', async () => {
    world.run = RUN;
    world.isFlinkThere = false;
    await countAnewByNode(options());
    await countAnewByNode(options());
    expect(world.done).toEqual(['abandon']);
  });
});
