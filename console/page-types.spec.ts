// The browser's code is type-checked with what the server answers; `npm run types` does it for the sources as they are.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '..');
const copy = mkdtempSync(join(tmpdir(), 'page-types-'));
for (const path of ['package.json', 'tsconfig.json', 'console/page', 'console/answers.ts'])
  cpSync(join(root, path), join(copy, path), { recursive: true });
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');
afterAll(() => rmSync(copy, { recursive: true }));

const check = () =>
  spawnSync(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), '--noEmit', '-p', 'console/page'],
    {
      cwd: copy,
      encoding: 'utf8',
    },
  );

describe('the type check of the page', () => {
  it('is a part of `npm run types`', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(scripts.types).toContain('tsc --noEmit -p console/page');
  });

  it('passes, and fails once the server renames what the page reads', () => {
    expect(check()).toMatchObject({ status: 0, stdout: '' });
    const answers = join(copy, 'console/answers.ts');
    writeFileSync(answers, readFileSync(answers, 'utf8').replace('windowStart:', 'startOfWindow:'));
    const { status, stdout } = check();
    expect(status).not.toBe(0);
    expect(stdout).toMatch(/series\.js.*windowStart/);
  });
});
