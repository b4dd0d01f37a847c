import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { notRun } from './not-run.ts';

const SLOWEST = 10;

/**
 * Ends a run: what workers had to say outside of a spec, the files that took longest, and, as the very last line, for
 * people and machines that read only that one, `N passed, N failed`.
 */
export default class ClosingLine {
  #folder = mkdtempSync(join(tmpdir(), 'run-notes-'));
  #notes = [];

  constructor(globalConfig) {
    this.rootDir = globalConfig.rootDir;
    // Workers are started afterwards and inherit it: see test/runner/to-reporter.ts.
    process.env.RUN_NOTES = join(this.#folder, 'notes');
  }

  onRunComplete(contexts, results) {
    const file = join(this.#folder, 'notes');
    if (existsSync(file)) this.#notes = readFileSync(file, 'utf8').trim().split('\n').map(JSON.parse);
    rmSync(this.#folder, { recursive: true });
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites + this.#failures().length;
    const closing = [
      ...this.#notes.map(({ text }) => `\n${text}`),
      '\nSlowest spec files:',
      ...this.#slowest(results),
      ...notRun(new Set([...contexts].map(({ config }) => config.displayName?.name))),
      `\n${results.numPassedTests} passed, ${failed} failed\n`,
    ].join('\n');
    process.once('exit', () => process.stdout.write(closing));
  }

  /** By this jest learns that the run has failed. */
  getLastError() {
    const [first] = this.#failures();
    if (first) return new Error(first.text);
  }

  #failures() {
    return this.#notes.filter(({ isFailure }) => isFailure);
  }

  #slowest({ testResults }) {
    return testResults
      .map(({ testFilePath, perfStats }) => ({ path: testFilePath, ms: perfStats.end - perfStats.start }))
      .sort((one, other) => other.ms - one.ms)
      .slice(0, SLOWEST)
      .map(({ path, ms }) => `${(ms / 1000).toFixed(1).padStart(7)} s  ${relative(this.rootDir, path)}`);
  }
}
