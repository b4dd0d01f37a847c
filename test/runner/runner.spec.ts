// What can go wrong with a spec file, each once, run by the real jest with the limits of `controls/jest.config.js`:
// it fails the run, is counted in the closing line, and is reported with its cause.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

interface Run {
  readonly code: number;
  readonly output: string;
  readonly lastLine: string;
  /** By the control's name. */
  readonly messages: Readonly<Record<string, string>>;
}

const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
const config = join(import.meta.dirname, 'controls/jest.config.js');
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'runner-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs the controls with these names, or all. */
async function runControls(names = '', options: readonly string[] = []): Promise<Run> {
  const outputFile = join(folder, `${names || 'all'}.json`.replaceAll('|', '-'));
  const patterns = names ? [`--testPathPatterns=controls/(${names})\\.control`] : [];
  const args = [
    jest,
    '--ci',
    '--config',
    config,
    '--json',
    '--outputFile',
    outputFile,
    ...patterns,
    ...options,
  ];
  const { code, output } = await new Promise<{ code: number; output: string }>((resolve) => {
    execFile(process.execPath, args, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: `${stderr}${stdout}` });
    });
  });
  const { testResults } = JSON.parse(await readFile(outputFile, 'utf8')) as {
    testResults: { name: string; message: string }[];
  };
  return {
    code,
    output,
    lastLine: output.trimEnd().split('\n').at(-1) ?? '',
    messages: Object.fromEntries(
      testResults.map(({ name, message }) => [basename(name, '.control.ts'), message]),
    ),
  };
}

describe('negative control: the runner', () => {
  let run: Run;
  beforeAll(async () => {
    run = await runControls(
      'fails|throws-at-import|hangs-at-import|hangs|holds-the-thread|rejects-between-tests|exits|is-killed|new-snapshot|leaves-a-signal-listener',
    );
  });

  it.each([
    ['a test fails', 'fails', 'Expected: 2'],
    ['a spec throws at import', 'throws-at-import', 'thrown at import'],
    ['a spec never ends its import', 'hangs-at-import', 'took longer than 1000 ms'],
    ['a test never ends', 'hangs', 'Exceeded timeout of 1000 ms for a test'],
    ['a hook never ends', 'hangs', 'Exceeded timeout of 1000 ms for a hook'],
    ['a test never gives the thread back', 'holds-the-thread', 'signal=SIGKILL'],
    ['a promise of a finished test is rejected', 'rejects-between-tests', 'rejected between tests'],
    ['a test calls process.exit(0)', 'exits', 'process.exit(0) was called'],
    ['the process of a test is killed', 'is-killed', 'signal=SIGKILL'],
    ['a test has no snapshot in CI', 'new-snapshot', 'New snapshot was not written'],
    ['a listener for a signal is left', 'leaves-a-signal-listener', 'left behind: SIGTERM'],
  ])('says so when %s', (_what, name, message) => {
    expect(run.messages[name]).toContain(message);
  });

  it('names the file that never gave the thread back', () => {
    expect(run.output).toMatch(/holds-the-thread\.control\.ts held its thread for 3000 ms/);
  });

  it('fails the run and counts every one', () => {
    expect(run.code).toBe(1);
    // Two of them fail twice, a test and its file: the one that exits, and the one whose test and hook hang.
    expect(run.lastLine).toBe('3 passed, 12 failed');
  });

  it('lists the slowest files before the closing line', () => {
    expect(run.output).toMatch(
      /Slowest spec files:\n +\d+\.\d s {2}test\/runner\/controls\/hangs\.control\.ts\n/,
    );
  });
});

describe('negative control: an error that comes when its spec has ended', () => {
  it('fails the run though every test has passed', async () => {
    const run = await runControls('rejects-after-its-end|takes-a-while');
    expect(run.output).toContain('Error: rejected after the end');
    expect(run.output).toMatch(/After the end of .*rejects-after-its-end\.control\.ts/);
    expect(run.lastLine).toBe('2 passed, 1 failed');
    expect(run.code).toBe(1);
  });
});
