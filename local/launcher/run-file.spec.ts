import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { identify, type ProcessIdentity } from './process-identity.ts';
import { endLeftovers, type RunState, takeRun } from './run-file.ts';

const GONE: ProcessIdentity = {
  pid: process.pid,
  startedAt: 'long ago',
  command: 'node local/launcher/start.ts',
};
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'run-file-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const leave = (state: Partial<RunState>) =>
  writeFile(
    join(folder, 'run.json'),
    JSON.stringify({ launcher: GONE, startedAt: '', processes: [], addresses: {}, ...state }),
  );
const kafka = (identity: ProcessIdentity) =>
  ({ name: 'Kafka', identity, stopSignal: 'SIGTERM', stopMsMax: 1_000 }) as const;

describe('the run file', () => {
  it('belongs to one launcher only, while that lives', async () => {
    const run = await takeRun(folder);
    await run.update({ addresses: { Kafka: '127.0.0.1:9092' } });
    await expect(takeRun(folder)).rejects.toMatchObject({
      code: 'already-running',
      facts: { state: { launcher: { pid: process.pid }, addresses: { Kafka: '127.0.0.1:9092' } } },
    });
  });

  it('is gone after the run, and no late change brings it back', async () => {
    const run = await takeRun(folder);
    await run.release();
    await run.update({ processes: [] });
    expect(await readdir(folder)).toEqual([]);
  });

  it('is taken over from a launcher that is gone, with what it has left', async () => {
    await leave({ processes: [kafka(GONE)], warden: GONE });
    const run = await takeRun(folder);
    expect(run.leftovers).toEqual({ processes: [kafka(GONE)], warden: GONE });
    expect(await readdir(folder)).toEqual(['run.json']);
  });

  it('keeps the leftovers on record until they are gone', async () => {
    await leave({ processes: [kafka(GONE)] });
    await takeRun(folder);
    const recorded = JSON.parse(await readFile(join(folder, 'run.json'), 'utf8')) as RunState;
    expect(recorded.launcher.pid).toBe(process.pid);
    expect(recorded.processes).toEqual([kafka(GONE)]);
  });

  // Close upon each other rather than at once: the next one looks while the one before is in the middle of it.
  it.each(Array.from({ length: 15 }, (_, round) => round))(
    'goes to one of several starts (round %i)',
    async () => {
      await leave({});
      const starts = Array.from({ length: 8 }, async () => {
        await sleep(Math.random() * 3);
        return takeRun(folder);
      });
      const outcomes = await Promise.allSettled(starts);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await readdir(folder)).toEqual(['run.json']);
    },
  );
});

describe('leftovers', () => {
  it('are never a process that has only got the id of one', async () => {
    const mine = await identify(process.pid);
    const lines: string[] = [];
    for (const other of [
      { ...mine!, startedAt: 'before' },
      { ...mine!, command: 'java kafka.Kafka' },
    ])
      await endLeftovers({ processes: [kafka(other)] }, (line) => lines.push(line));
    expect(lines).toEqual([]);
  });
});
