import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const script = fileURLToPath(new URL('../.ci/run', import.meta.url));
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ci run '));
});
afterEach(() => rm(folder, { recursive: true }));

/** Runs the script with an `npm` that does what the case says, from a folder that is not the repository's. */
async function runWith({
  install = 'true',
  test = 'echo "12 passed, 0 failed"',
  flink = 'echo "2 passed, 0 failed"',
  bareMachine = 'true',
}): Promise<{ code: number; lines: string[] }> {
  const npm = join(folder, 'npm');
  await writeFile(
    npm,
    `#!/bin/sh\ncase "$*" in ci) ${install};; test) ${test};; *:flink) ${flink};; *:bare-machine) ${bareMachine};; esac\n`,
  );
  await chmod(npm, 0o755);
  const env = { PATH: `${folder}:${process.env.PATH}` };
  return new Promise((resolve) => {
    execFile(script, { cwd: folder, env }, (error, stdout) => {
      const code = typeof error?.code === 'number' ? error.code : 0;
      resolve({ code, lines: stdout.trimEnd().split('\n') });
    });
  });
}

describe('the closing line of a run', () => {
  it.each([
    ['everything passes', {}, 0, '14 passed, 0 failed'],
    ['a test fails', { test: 'echo "11 passed, 1 failed"; exit 1' }, 1, '11 passed, 1 failed'],
    [
      'npm complains after it',
      { test: 'echo "3 passed, 2 failed"; echo "npm error"; exit 1' },
      1,
      '3 passed, 2 failed',
    ],
    ['log lines follow it', { test: 'echo "5 passed, 0 failed"; echo "late"' }, 0, '7 passed, 0 failed'],
    ['a check fails before the tests', { test: 'echo "lint error" >&2; exit 2' }, 1, '0 passed, 1 failed'],
    ['the install fails', { install: 'exit 1' }, 1, '0 passed, 1 failed'],
    [
      'the run crashes after its tests',
      { test: 'echo "7 passed, 0 failed"; exit 134' },
      1,
      '7 passed, 1 failed',
    ],
    ['a failure is hidden by exit 0', { test: 'echo "7 passed, 1 failed"' }, 1, '7 passed, 1 failed'],
    ['nothing ran', { test: 'echo "0 passed, 0 failed"' }, 1, '0 passed, 1 failed'],
    ['nothing was said', { test: 'true' }, 1, '0 passed, 1 failed'],
    [
      'an earlier run has another line',
      { test: 'echo "1 passed, 0 failed"; echo "8 passed, 0 failed"' },
      0,
      '10 passed, 0 failed',
    ],
    ["a test of Flink's fails", { flink: 'echo "1 passed, 1 failed"; exit 1' }, 1, '13 passed, 1 failed'],
    ["Flink's tests say nothing", { flink: 'true' }, 1, '12 passed, 1 failed'],
    ['two commands are not enough', { bareMachine: 'exit 1' }, 1, '14 passed, 1 failed'],
  ])('is honest when %s', async (_rule, steps, code, line) => {
    const run = await runWith(steps);
    expect([run.code, run.lines.at(-1)]).toEqual([code, line]);
  });
});
