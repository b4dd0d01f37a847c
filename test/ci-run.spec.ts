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
async function runWith(install: string, test: string): Promise<{ code: number; lines: string[] }> {
  const npm = join(folder, 'npm');
  await writeFile(npm, `#!/bin/sh\ncase "$1" in ci) ${install};; test) ${test};; esac\n`);
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
    ['everything passes', 'true', 'echo "12 passed, 0 failed"', 0, '12 passed, 0 failed'],
    ['a test fails', 'true', 'echo "11 passed, 1 failed"; exit 1', 1, '11 passed, 1 failed'],
    [
      'npm complains after it',
      'true',
      'echo "3 passed, 2 failed"; echo "npm error"; exit 1',
      1,
      '3 passed, 2 failed',
    ],
    ['log lines follow it', 'true', 'echo "5 passed, 0 failed"; echo "late"', 0, '5 passed, 0 failed'],
    ['a check fails before the tests', 'true', 'echo "lint error" >&2; exit 2', 1, '0 passed, 1 failed'],
    ['the install fails', 'exit 1', 'echo "9 passed, 0 failed"', 1, '0 passed, 1 failed'],
    [
      'the run crashes after its tests',
      'true',
      'echo "7 passed, 0 failed"; exit 134',
      1,
      '7 passed, 1 failed',
    ],
    ['a failure is hidden by exit 0', 'true', 'echo "7 passed, 1 failed"', 1, '7 passed, 1 failed'],
    ['nothing ran', 'true', 'echo "0 passed, 0 failed"', 1, '0 passed, 1 failed'],
    ['nothing was said', 'true', 'true', 1, '0 passed, 1 failed'],
    [
      'an earlier run has another line',
      'true',
      'echo "1 passed, 0 failed"; echo "8 passed, 0 failed"',
      0,
      '8 passed, 0 failed',
    ],
  ])('is honest when %s', async (_rule, install, test, code, line) => {
    const run = await runWith(install, test);
    expect([run.code, run.lines.at(-1)]).toEqual([code, line]);
  });
});
